import type { DynamicToolUIPart, UIMessage } from "ai";

/** A number that a tool returned, with where it comes from (`domain/figures.py`). */
export interface Figure {
  id: string;
  label: string;
  value: number | null;
  unit?: "count" | "minutes" | "percent" | "days";
  metric: string;
  platform?: string | null;
  account?: string | null;
  from: string;
  to: string;
  status: "final" | "partial" | "preliminary" | "forecast" | "unavailable";
  observations: number;
}

/** A number of the answer, where it stands, and what backs it (`domain/grounding.py`). */
export interface GroundedNumber {
  text: string;
  /** In code points of the answer's text parts, joined by a blank line. */
  span: [number, number];
  value: number | null;
  figure: string | null;
  derivation: { kind: string; figures: string[] } | null;
  is_from_question: boolean;
}

export interface Grounding {
  status: "grounded" | "ungrounded" | "no_numbers";
  numbers: GroundedNumber[];
  withheld?: unknown[];
}

export interface Metadata {
  status?: "running" | "waiting" | "completed" | "stopped" | "failed" | "lost";
  agent?: string;
  model?: string;
  runId?: string;
  createdAt?: string;
  feedback?: { rating: "up" | "down"; comment: string | null };
  /** Ids of the messages that stand at this place, in order, where there are several. */
  branches?: { ids: string[]; shown: number };
}

export type SuiteMessage = UIMessage<Metadata, { grounding: Grounding; job: JobState }>;
export type ToolPart = DynamicToolUIPart;

/** A piece of work in the background that a tool has begun; all but its name may be forgotten. */
export interface JobState {
  job_id: string;
  kind: string;
  title: string;
  status: "queued" | "running" | "completed" | "failed" | "cancelled" | null;
  stage: string | null;
  progress: number | null;
  message: string | null;
  plan_id: string | null;
}

export const isToolPart = (part: SuiteMessage["parts"][number]): part is ToolPart =>
  part.type === "dynamic-tool";

const PARAGRAPH = "\n\n";

export function textOf(message: SuiteMessage): string {
  return message.parts
    .flatMap((part) => (part.type === "text" && part.text ? [part.text] : []))
    .join(PARAGRAPH);
}

/** Whether an answer is still to come, as far as the stored messages tell. */
export function isOpen(messages: SuiteMessage[]): boolean {
  const last = messages.at(-1);
  return last?.role === "user" || last?.metadata?.status === "running";
}

/** What a tool has found. */
export function outputOf(part: ToolPart): { figures?: Figure[]; notes?: string[] } {
  return part.state === "output-available" && part.output ? part.output : {};
}

export const figuresIn = (part: ToolPart) => outputOf(part).figures ?? [];

/** Whether nothing comes any more, as far as the message tells. */
export const isEnded = ({ metadata }: SuiteMessage) =>
  metadata?.status !== undefined && metadata.status !== "running";

export function figuresOf(message: SuiteMessage): Map<string, Figure> {
  const figures = message.parts.filter(isToolPart).flatMap(figuresIn);
  return new Map(figures.map((figure) => [figure.id, figure]));
}

/** The numbers of one text part, by where they stand in it, in JavaScript's characters. */
export function numbersByPart(message: SuiteMessage): Map<number, PlacedNumber[]> {
  const grounding = message.parts.findLast((part) => part.type === "data-grounding");
  const found = new Map<number, PlacedNumber[]>();
  if (!grounding) return found;
  let begin = 0;
  message.parts.forEach((part, index) => {
    if (part.type !== "text" || !part.text) return;
    const offsets = offsetsOf(part.text);
    const end = begin + offsets.length - 1;
    const numbers = grounding.data.numbers.filter(({ span }) => span[0] >= begin && span[1] <= end);
    found.set(
      index,
      numbers.map((number) => ({
        number,
        start: offsets[number.span[0] - begin] ?? 0,
        end: offsets[number.span[1] - begin] ?? 0,
      })),
    );
    begin = end + PARAGRAPH.length;
  });
  return found;
}

export interface PlacedNumber {
  number: GroundedNumber;
  start: number;
  end: number;
}

/** Where each code point begins, and where the text ends. */
function offsetsOf(text: string): number[] {
  const offsets = [0];
  let at = 0;
  for (const point of text) offsets.push((at += point.length));
  return offsets;
}
