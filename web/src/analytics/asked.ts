import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { useSearchParams } from "wouter";

import { client, take, type Schema } from "../api/client";
import { PLATFORMS, platformName } from "../panels/platform-icons";
import { useUser } from "../session/session";

export type Platform = Schema["AccountOut"]["platform"];

/** What all charts of the page are about. */
export interface Asked {
  start: string;
  end: string;
  platform?: Platform;
  compare?: "previous_period";
}

const DAY_MS = 86_400_000;

export const PRESETS = [
  { value: "7", label: "7 days" },
  { value: "28", label: "28 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "12 months" },
] as const;
const USUAL = "28";

/** A day so many days later; days have no time zone. */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}

export const daysBetween = (from: string, to: string) =>
  Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

/** Today's date on the creator's clock. */
export function useToday(): string {
  const { timezone } = useUser();
  return todayIn(timezone);
}

export function todayIn(timeZone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(new Date());
}

/** The page's question is in its address, so that it can be kept and shared. */
export function useAsked() {
  const today = useToday();
  const [search, setSearch] = useSearchParams();
  const from = search.get("from");
  const to = search.get("to");
  const isCustom = isDay(from) && isDay(to) && from <= to && from <= today;
  const preset = PRESETS.find(({ value }) => value === search.get("days"))?.value ?? USUAL;
  const end = addDays(today, -1);
  const period = isCustom
    ? { start: from, end: to > today ? today : to }
    : { start: addDays(end, 1 - Number(preset)), end };
  const asked: Asked = {
    ...period,
    platform: platformOf(search.get("platform")),
    compare: search.has("compare") ? "previous_period" : undefined,
  };
  const change = (changes: Record<string, string | null>) =>
    setSearch(
      (known) => {
        for (const [name, value] of Object.entries(changes)) {
          if (value === null) known.delete(name);
          else known.set(name, value);
        }
        return known;
      },
      { replace: true },
    );
  return { asked, preset: isCustom ? null : preset, change };
}

function platformOf(name: string | null): Platform | undefined {
  return name !== null && name in PLATFORMS ? (name as Platform) : undefined;
}

function isDay(text: string | null): text is string {
  return text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

const spoken = (day: string) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", dateStyle: "long" }).format(Date.parse(day));

/** The days and the platform as they stand in a question: “on Instagram from … to …”. */
export function wordsOf({ start, end, platform }: Asked): string {
  const days = start === end ? `on ${spoken(end)}` : `from ${spoken(start)} to ${spoken(end)}`;
  return platform ? `on ${platformName(platform)} ${days}` : days;
}

/** What a question compares with: “the 28 days before”. */
export function beforeOf({ start, end }: Asked): string {
  const count = daysBetween(start, end) + 1;
  return count === 1 ? "the day before" : `the ${count} days before`;
}

/** Each chart's data; the old ones stay while those of another period come. */
const analytics = <Found>(name: string, asked: object, read: () => Promise<Found>) =>
  queryOptions({
    queryKey: ["analytics", name, asked],
    queryFn: read,
    placeholderData: keepPreviousData,
  });

export const numbersQuery = (query: Asked) =>
  analytics("overview", query, () =>
    take(client.GET("/api/analytics/overview", { params: { query } })),
  );

export const engagementQuery = (query: Asked) =>
  analytics("engagement", query, () =>
    take(client.GET("/api/analytics/engagement", { params: { query } })),
  );

export const contentQuery = (query: Asked & { rank_by?: RankedBy }) =>
  analytics("content", query, () =>
    take(client.GET("/api/analytics/content", { params: { query } })),
  );

export type RankedBy = "engagement" | "engagement_rate" | "views" | "likes" | "comments" | "shares" | "saves";

export const timesQuery = (query: Asked) =>
  analytics("times", query, () => take(client.GET("/api/analytics/times", { params: { query } })));

export const audienceQuery = (query: Asked) =>
  analytics("audience", query, () =>
    take(client.GET("/api/analytics/audience", { params: { query } })),
  );
