/** Numbers and days as the creator's language writes them. */

const LOCALE = navigator.language;

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });
const signed = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1, signDisplay: "exceptZero" });
const inTenths = new Intl.NumberFormat(LOCALE, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  signDisplay: "exceptZero",
  roundingMode: "halfEven", // as the chat rounds, so that both say the same
});
// Built once: building takes a hundred times as long as using.
const DAY = { timeZone: "UTC", day: "numeric", month: "short" } as const;
const days = {
  short: new Intl.DateTimeFormat(LOCALE, DAY),
  long: new Intl.DateTimeFormat(LOCALE, { ...DAY, year: "numeric" }),
};
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });

export const capitalized = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

export const UNKNOWN = "unknown";

export const formatCount = (value: number | null | undefined) =>
  value === null || value === undefined ? UNKNOWN : whole.format(value);

export const formatCompact = (value: number) => compact.format(value);

export const formatSigned = (value: number) => signed.format(value).replace("-", "−");

const formatDecimal = (value: number) => decimal.format(value).replace("-", "−");

/** A change in percent: “+2.3%”, as the chat writes it. */
export const formatChange = (percent: number) => `${inTenths.format(percent).replace("-", "−")}%`;

/** A figure's value in its unit. */
export function formatFigure({ value, unit }: { value: number | null; unit?: string }): string {
  if (value === null) return UNKNOWN;
  switch (unit) {
    case "percent":
      return `${formatDecimal(value)}%`;
    case "minutes":
      return `${formatDecimal(value)} min`;
    case "days":
      return `${formatDecimal(value)} days`;
    default:
      return formatDecimal(value);
  }
}

/** A calendar day, which has no time zone: `2026-03-01`. */
export function formatDay(day: string, style: "short" | "long" = "short"): string {
  return days[style].format(new Date(`${day}T00:00:00Z`));
}

export function formatPeriod(start: string, end: string): string {
  if (start === end) return formatDay(end, "long");
  const isOneYear = start.slice(0, 4) === end.slice(0, 4);
  return `${formatDay(start, isOneYear ? "short" : "long")} – ${formatDay(end, "long")}`;
}

export function formatMoment(moment: string, timeZone: string): string {
  return new Date(moment).toLocaleString(LOCALE, {
    timeZone,
    dateStyle: "medium",
    timeStyle: "short",
  });
}
