import type { Schema } from "../api/client";
import { formatFigure } from "../format";
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

/** The lines of a metric; `of` makes what is drawn of a series. */
export function linesOf(
  metric: MetricNumbers,
  isCompared: boolean,
  of: (values: (number | null)[]) => (number | null)[] = (values) => values,
): Line[] {
  const places = placesOf(metric, isCompared);
  const lines: Line[] = places.map((place) => ({
    name: nameOf(place),
    color: colorOf(place),
    values: of(place.series.values),
  }));
  const [only] = places;
  if (isCompared && places.length === 1 && only?.series.previous) {
    lines.push({
      name: "The time before",
      color: BEFORE_COLOR,
      values: of(only.series.previous),
      isEarlier: true,
    });
  }
  return lines;
}

export const tableOf = (days: string[], lines: Line[]): TableData => ({
  columns: [
    { title: "Day", kind: "day" },
    ...lines.map(({ name }) => ({ title: name, kind: "count" as const })),
  ],
  rows: lines.length ? days.map((day, at) => [day, ...lines.map(({ values }) => values[at] ?? null)]) : [],
});

export const isPreliminary = (metric: MetricNumbers) =>
  metric.platforms.some(({ series }) => series.preliminary.length > 0);

/** A change in words: “+2.3 %”. */
export function percentText(percent: number): string {
  const text = formatFigure({ value: Math.abs(percent), unit: "percent" });
  return percent > 0 ? `+${text}` : percent < 0 ? `−${text}` : text;
}
