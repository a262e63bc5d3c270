import type { ApiProblem } from "../api/client";
import type { Arguments } from "./arguments";
import { isToolPart, type SuiteMessage } from "./messages";

/** What the creator decides about one approval. */
export type Decision = { type: "approve" | "reject" } | { type: "edit"; input: Arguments };

export type Decide = (approvalId: string, decision: Decision) => void;

/** What is approved as edited, by approval. */
export type Edits = Record<string, Arguments>;

/** An edit that the server did not take, and why, by field. */
export interface Refusal {
  approval: string;
  fields: Record<string, string>;
}

export const refusalOf = ({ code, approval, fields }: ApiProblem): Refusal | undefined =>
  code === "invalid_edit" && approval ? { approval, fields } : undefined;

/** The approvals of an answer that are decided and that the server does not know of yet. */
export const decidedIn = (message: SuiteMessage | undefined) =>
  (message?.parts ?? []).flatMap((part) =>
    isToolPart(part) && part.state === "approval-responded" ? [part.approval] : [],
  );

/** Whether an answer waits for a decision. */
export const isWaiting = (messages: SuiteMessage[]) =>
  messages.at(-1)?.metadata?.status === "waiting";
