import createClient from "openapi-fetch";
import type { Readable } from "openapi-typescript-helpers";

import type { components, paths } from "./schema";

/** What the API answers with, by the names of its schemas. */
export type Schema = { [Name in keyof Schemas]: Readable<Schemas[Name]> };
type Schemas = components["schemas"];

/** An answer that is no success: problem JSON (RFC 9457), or what stands in for it. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  /** The fields that were refused, by name. */
  readonly fields: Record<string, string>;
  /** The approval whose arguments were refused. */
  readonly approval: string | undefined;
  /** The rows of a file that were refused. */
  readonly rows: Row[];

  constructor(status: number, problem: Problem) {
    super(problem.detail ?? "Something went wrong. Try again.");
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.approval = problem.approval;
    const errors = problem.errors ?? [];
    this.fields = Object.fromEntries(
      errors.flatMap((error) =>
        "field" in error ? [[error.field.split(".").pop(), error.message]] : [],
      ),
    );
    this.rows = errors.filter((error) => "line" in error);
  }
}

interface Problem {
  code?: string;
  detail?: string;
  approval?: string;
  errors?: ({ field: string; message: string } | Row)[];
}

type Row = Schema["BadRowOut"];

type Listener = () => void;
let onSessionEnd: Listener = () => undefined;

/** Say what to do when the server no longer knows who we are. */
export function setSessionEndListener(listener: Listener) {
  onSessionEnd = listener;
}

export async function readProblem(response: Response): Promise<ApiProblem> {
  const problem = (await response.json().catch(() => ({}))) as Problem;
  if (response.status === 401 && problem.code === "unauthenticated") onSessionEnd();
  return new ApiProblem(response.status, problem);
}

export const client = createClient<paths>({ baseUrl: "" });
client.use({
  async onResponse({ response }) {
    if (!response.ok) throw await readProblem(response);
  },
});

/** The answer of a call; a problem is thrown. */
export async function take<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

/** A sentence for the creator about whatever was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiProblem) return Object.values(error.fields)[0] ?? error.message;
  if (error instanceof TypeError) return "The server cannot be reached. Try again in a moment.";
  return "Something went wrong. Try again.";
}
