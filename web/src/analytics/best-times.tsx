import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { Schema } from "../api/client";
import { formatFigure, formatPeriod } from "../format";
import classes from "./analytics.module.css";
import { addDays, daysBetween, timesQuery, wordsOf, type Asked } from "./asked";
import { ChartCard } from "./chart-card";

type Cell = Schema["TimesOut"]["cells"][number];

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const ENOUGH_DAYS = 182;
const YEAR_DAYS = 365;
const LABELLED_HOURS = 6;

/** Fewer days than half a year have too few posts for each hour: then it is a year. */
function widen(asked: Asked): Asked {
  const isEnough = daysBetween(asked.start, asked.end) >= ENOUGH_DAYS;
  const start = isEnough ? asked.start : addDays(asked.end, 1 - YEAR_DAYS);
  return { start, end: asked.end, platform: asked.platform };
}

export function BestTimes({ asked }: { asked: Asked }) {
  const wide = widen(asked);
  const times = useQuery(timesQuery(wide));
  return (
    <ChartCard
      title="Best times"
      subtitle={`When posts did better than their kind usually does, ${formatPeriod(wide.start, wide.end)}, on your clock`}
      question={`When should I post, judged by my posts ${wordsOf(wide)}?`}
      agent="content_strategist"
      query={times}
      empty="No weekday and hour has enough posts yet."
    >
      {({ cells, best, notes }) => ({
        table: {
          columns: [
            { title: "Time", kind: "text" },
            { title: "Posts", kind: "count" },
            { title: "Times the usual engagement", kind: "number" },
          ],
          rows: cells
            .filter(({ posts }) => posts > 0)
            .sort((one, other) => (one.rank ?? Infinity) - (other.rank ?? Infinity) || 0)
            .map((cell) => [timeOf(cell), cell.posts, cell.relative?.value ?? null]),
        },
        chart: <Hours cells={cells} />,
        notes: [
          best
            ? `${best.name} clearly does best: ${formatFigure(best.relative)} times the usual engagement, from ${formatFigure(best.posts)} posts.`
            : "No time clearly does better than the others.",
          "Framed hours have fewer than three posts: too few to say.",
          ...notes,
        ],
      })}
    </ChartCard>
  );
}

const hourOf = (hour: number) => `${String(hour).padStart(2, "0")}:00`;
const timeOf = ({ weekday, hour }: Cell) => `${WEEKDAYS[weekday]} ${hourOf(hour)}`;

function Hours({ cells }: { cells: Cell[] }) {
  return (
    <>
      <Grid cells={cells} />
      <div className={classes.scale} aria-hidden>
        Less than usual
        <span style={{ background: `linear-gradient(to right, ${shade(0)}, ${shade(1)})` }} />
        More
      </div>
    </>
  );
}

function Grid({ cells }: { cells: Cell[] }) {
  return (
    <div className={classes.grid} role="img" aria-label="A week by hours; the table has the numbers">
      <span />
      {Array.from({ length: 24 }, (_, hour) => (
        <span key={hour} className={classes.hour}>
          {hour % LABELLED_HOURS === 0 ? hourOf(hour) : ""}
        </span>
      ))}
      {WEEKDAYS.map((name, weekday) => (
        <Weekday
          key={name}
          name={name}
          cells={cells.filter((cell) => cell.weekday === weekday)}
        />
      ))}
    </div>
  );
}

function Weekday({ name, cells }: { name: string; cells: Cell[] }) {
  return (
    <>
      <Text size="xs" c="dimmed" lh="1.65rem">
        {name.slice(0, 3)}
      </Text>
      {cells.map((cell) => (
        <div
          key={cell.hour}
          className={classes.cell}
          title={titleOf(cell)}
          data-few={(cell.posts > 0 && cell.rank === null) || undefined}
          data-best={cell.stands_out || undefined}
          style={{ background: colorOf(cell) }}
        />
      ))}
    </>
  );
}

/** Usual is in the middle: half as much is faint, twice as much is full. */
function colorOf({ relative }: Cell): string | undefined {
  if (typeof relative?.value !== "number") return undefined;
  const share = Math.max(0, Math.min(1, (relative.value - 0.4) / 1.6));
  return shade(share);
}

const shade = (share: number) =>
  `color-mix(in srgb, var(--mantine-color-violet-6) ${Math.round(15 + 85 * share)}%, var(--suite-raised))`;

function titleOf(cell: Cell): string {
  if (cell.posts === 0) return `${timeOf(cell)}: no posts`;
  const posts = cell.posts === 1 ? "1 post" : `${cell.posts} posts`;
  return typeof cell.relative?.value !== "number"
    ? `${timeOf(cell)}: ${posts}, too few to say`
    : `${timeOf(cell)}: ${formatFigure(cell.relative)} times the usual engagement, ${posts}`;
}
