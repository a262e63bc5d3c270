import type { Schema } from "../api/client";
import { formatChange } from "../format";
import { platformName } from "../panels/platform-icons";
import type { Line } from "./lines";
import type { TableData } from "./table";

export type Numbers = Schema["NumbersOut"];
export type MetricNumbers = Numbers["metrics"][number];
export type Place = NonNullable<MetricNumbers["total"]>;

/** Colours that are told apart also by those who see few, on white and on dark. */
const COLORS: Record<string, string> = {
  instagram: "pink.6",
  facebook: "blue.6",
  youtube: "red.7",
  spotify: "teal.6",
};
const ALL_COLOR = "violet.6";
const BEFORE_COLOR = "gray.6";

export const findMetric = (numbers: Numbers, name: string) =>
  numbers.metrics.find(({ metric }) => metric === name);

const isKnown = ({ series }: Place) => series.values.some((value) => value !== null);

/** The places of which something is known: platforms, or their sum beside the time before. */
export function placesOf(metric: MetricNumbers, isCompared: boolean): Place[] {
  const platforms = metric.platforms.filter(isKnown);
  if (isCompared && platforms.length > 1) {
    return metric.total && isKnown(metric.total) ? [metric.total] : platforms;
  }
  return platforms;
}

export const nameOf = ({ platform }: Place) => (platform ? platformName(platform) : "All platforms");

const colorOf = ({ platform }: Place) => (platform ? COLORS[platform] : undefined) ?? ALL_COLOR;

type Values = (number | null)[];
/** What is drawn of a place's values, or of those of the time before. */
type Drawing = (values: Values, place: Place, isEarlier: boolean) => Values;

/** The lines of a metric. */
export function linesOf(
  { dates, previous_dates }: Numbers,
  metric: MetricNumbers,
  isCompared: boolean,
  draw: Drawing = (values) => values,
): Line[] {
  const places = placesOf(metric, isCompared);
  const lines: Line[] = places.map((place) => ({
    name: nameOf(place),
    color: colorOf(place),
    days: dates,
    values: draw(place.series.values, place, false),
  }));
  const [only] = places;
  if (isCompared && places.length === 1 && only?.series.previous) {
    lines.push({
      name: "The time before",
      color: BEFORE_COLOR,
      days: previous_dates ?? [],
      values: draw(only.series.previous, only, true),
      isEarlier: true,
    });
  }
  return lines;
}

/** The lines' values by day; those of the time before have days of their own. */
export const tableOf = (days: string[], lines: Line[]): TableData => ({
  columns: [
    { title: "Day", kind: "day" },
    ...lines.flatMap(({ name, isEarlier }) => [
      ...(isEarlier ? [{ title: "Day before", kind: "day" as const }] : []),
      { title: name, kind: "count" as const },
    ]),
  ],
  rows: lines.length ? days.map((day, at) => [day, ...lines.flatMap((line) => cellsOf(line, at))]) : [],
});

const cellsOf = ({ days, values, isEarlier }: Line, at: number) => [
  ...(isEarlier ? [days[at] ?? null] : []),
  values[at] ?? null,
];

/** Why the time before is not drawn, where it was asked for. */
export const noteOf = (lines: Line[], isCompared: boolean): string[] =>
  isCompared && lines.length > 1 && !lines.some(({ isEarlier }) => isEarlier)
    ? ["Pick a platform to see the time before beside it: there is no sum of these."]
    : [];

export const isPreliminary = (metric: MetricNumbers) =>
  metric.platforms.some(({ series }) => series.preliminary.length > 0);

/** What is between two times in words: “2.3% more than before”. */
export function changeText(compared: Place["compared"]): string | undefined {
  const percent = compared?.percent.value;
  if (typeof percent !== "number") return undefined;
  if (percent === 0) return "as before";
  const share = formatChange(Math.abs(percent)).replace("+", "");
  const each = compared?.is_per_day ? " a day" : "";
  return `${share} ${percent > 0 ? "more" : "less"}${each} than before`;
}
