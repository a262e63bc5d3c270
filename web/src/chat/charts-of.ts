import { capitalized, formatPeriod } from "../format";
import { figuresIn, type Figure, type ToolPart } from "./messages";

/** Figures of one kind, side by side. */
export interface Chart {
  id: string;
  title: string;
  bars: Bar[];
  /** What fills the whole width; else it is the largest value. */
  whole?: number;
}

export interface Bar {
  name: string;
  figure: Figure & { value: number };
}

const MOST_BARS = 5;
const MOST_CHARTS = 2;
const ALL = "all platforms";

const WHOLES: Record<string, number> = { goal_progress: 100, concentration: 100, get_audience: 100 };

/** Which figures of a tool are drawn, by their metric. */
const DRAWN: Record<string, (metric: string) => boolean> = {
  get_metrics: (metric) => !metric.startsWith("follower_change"),
  growth_summary: (metric) => metric === "follower_change_percent",
  compare_platforms: (metric) => metric !== "followers" && metric !== "follower_change",
  compare_periods: (metric) => !metric.startsWith("change_of_"),
  find_trends: (metric) => metric.startsWith("trend_of_") && metric.endsWith("_percent"),
  engagement_rates: (metric) => metric.startsWith("engagement_rate_by_"),
  concentration: (metric) => metric.startsWith("share_of_"),
  top_content: (metric) => metric === "post_engagement",
  format_performance: (metric) => metric === "form_median_engagement",
  best_times: (metric) => metric === "relative_engagement",
  topic_performance: (metric) => metric === "relative_engagement",
  goal_progress: (metric) => metric.startsWith("goal_percent_"),
  get_audience: (metric) => metric.startsWith("audience_share_by_"),
};

/** The charts of what tools found; only what can be compared is drawn. */
export function chartsOf(parts: ToolPart[]): Chart[] {
  const charts = parts.flatMap((part): Chart[] => {
    const isDrawn = DRAWN[part.toolName];
    const figures = isDrawn ? figuresIn(part).filter(({ metric }) => isDrawn(metric)) : [];
    const first = figures[0];
    if (!first) return [];
    const isOfPeriods = part.toolName === "compare_periods";
    const bars = figures.flatMap((figure): Bar[] => {
      const { value } = figure;
      const name = isOfPeriods ? formatPeriod(figure.from, figure.to) : nameOf(figure);
      const isAlike =
        figure.unit === first.unit &&
        (!isOfPeriods || figure.platform === first.platform) &&
        (part.toolName !== "get_audience" || isOfSameAudience(figure, first));
      return value === null || name === ALL || !isAlike ? [] : [{ name, figure: { ...figure, value } }];
    });
    // One bar alone tells something where its whole is known.
    const whole = WHOLES[part.toolName];
    if (bars.length < (whole ? 1 : 2)) return [];
    if (!isOfPeriods) bars.sort((one, other) => other.figure.value - one.figure.value);
    const title = titleOf(first);
    return [{ id: part.toolCallId, title, bars: bars.slice(0, MOST_BARS), whole }];
  });
  return charts.slice(0, MOST_CHARTS);
}

/** How high a chart is, before it is there. */
export const heightOf = ({ bars }: Chart) => `calc(${1.5 * (bars.length + 1) + 1}rem + 2px)`;

/** Shares of one whole: of one account by age, say, on one day. */
const isOfSameAudience = (one: Figure, other: Figure) =>
  one.metric === other.metric &&
  one.platform === other.platform &&
  one.account === other.account &&
  one.to === other.to;

/** `share of age 25–34, YouTube (ida)`: by what, which part, and where. */
const SHARE = /^share of (age|gender|country|city) (.+), (\w+ \(.*\))$/;

/** `follower growth, YouTube` is of YouTube, `progress of “25k”` of that goal. */
function nameOf({ label }: Figure): string {
  const part = SHARE.exec(label)?.[2];
  if (part) return part;
  const quoted = /“(.*)”/.exec(label)?.[1];
  return quoted ?? label.slice(label.indexOf(", ") + 2);
}

function titleOf({ label }: Figure): string {
  const [, dimension, , place] = SHARE.exec(label) ?? [];
  if (dimension) return `Audience by ${dimension}, ${place}`;
  const kind = label.split(/, | of “/)[0] ?? label;
  return capitalized(kind);
}
