import type { paths } from "../api/schema";
import type { Platform } from "../analytics/asked";
import { daysBetween } from "../analytics/asked";

export interface Wishes {
  kind: "content_calendar" | "onboarding" | null;
  goal: string;
  niche: string;
  audience: string;
  voice: string;
  challenges: string;
  hours_per_week: number;
  /** Null until somebody chooses: then it is what is connected. */
  platforms: string[] | null;
  posts_per_week: number;
  start: string;
  end: string;
}

type Filled = Wishes & { kind: NonNullable<Wishes["kind"]>; platforms: string[] };
type JobIn = paths["/api/jobs"]["post"]["requestBody"]["content"]["application/json"];

export type Errors = Partial<Record<string, string>>;

export const FIELDS_OF_STEP = [
  ["kind"],
  ["goal", "niche", "audience", "voice", "challenges", "hours_per_week"],
  ["platforms", "start", "end", "weeks", "posts_per_week"],
];

const SHORTEST = 2;
const TOO_SHORT = "Write at least two characters.";

/** What is plainly missing in a step; the server knows the rest. */
export function checkStep(step: number, wishes: Filled): Errors {
  const errors: Errors = {};
  if (step === 1) {
    if (wishes.goal.trim().length < SHORTEST) errors.goal = TOO_SHORT;
    if (wishes.kind === "onboarding" && wishes.niche.trim().length < SHORTEST) errors.niche = TOO_SHORT;
  }
  if (step === 2 && wishes.platforms.length === 0) errors.platforms = "Choose at least one platform.";
  return errors;
}

/** The job to ask for. */
export function jobOf(wishes: Filled): JobIn {
  const { kind, start, end, posts_per_week } = wishes;
  const all = { goal: wishes.goal, platforms: wishes.platforms as Platform[], posts_per_week, start };
  if (kind === "content_calendar") return { kind, input: { ...all, end } };
  return {
    kind,
    input: {
      ...all,
      niche: wishes.niche,
      audience: wishes.audience.trim() || null,
      voice: wishes.voice.trim() || null,
      challenges: wishes.challenges.trim() || null,
      hours_per_week: wishes.hours_per_week,
      weeks: weeksOf(wishes),
    },
  };
}

export const weeksOf = ({ start, end }: Wishes) => Math.max(1, Math.round((daysBetween(start, end) + 1) / 7));
