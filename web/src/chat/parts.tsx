import { memo, Suspense } from "react";

import { lazyNamed } from "../lazy-named";
import { chartsOf, heightOf } from "./charts-of";
import classes from "./chat.module.css";
import type { Decide, Refusal } from "./decisions";
import { JobCard } from "./job-card";
import { loadMend } from "./mend";
import {
  figuresOf,
  isToolPart,
  numbersByPart,
  type SuiteMessage,
  type ToolPart,
} from "./messages";
import { ToolCard } from "./tool-card";

const loadMarkdown = () => import("./markdown");
const Markdown = lazyNamed(loadMarkdown, "Markdown");
const ToolCharts = lazyNamed(() => import("./tool-charts"), "ToolCharts");

/** Fetch what the first answer needs, while its question is being written. */
export function expectAnswer() {
  void loadMarkdown().catch(() => undefined);
  void loadMend();
}

/** They come with what shows the answer, or it would move them. */
export const FollowUps = lazyNamed(async () => {
  await loadMarkdown();
  return import("./follow-ups");
}, "FollowUps");

interface PartsProps {
  message: SuiteMessage;
  isLive: boolean;
  /** As long as what shows an answer as it should is on its way. */
  isPlain?: boolean;
  refusal: Refusal | undefined;
  onDecide: Decide;
}

/** All that an answer is made of, in the order in which it came; it suspends unless it is plain. */
export const Parts = memo(function Parts(props: PartsProps) {
  const { message, isLive, isPlain = false, refusal, onDecide } = props;
  const figures = figuresOf(message);
  const numbers = numbersByPart(message);
  const blocks = blocksOf(message);
  return (
    <div className={classes.parts}>
      {blocks.map((block, place) => {
        if (Array.isArray(block)) {
          const isWhole = !isLive || place < blocks.length - 1;
          return (
            <Tools key={place} parts={block} isWhole={isWhole} refusal={refusal} onDecide={onDecide} />
          );
        }
        const part = message.parts[block];
        if (part?.type === "data-job") return <JobCard key={part.data.job_id} job={part.data} />;
        if (part?.type !== "text") return null;
        return isPlain ? (
          <div key={place} className={classes.plain}>
            {part.text}
          </div>
        ) : (
          <Markdown
            key={place}
            text={part.text}
            isLive={isLive && part.state === "streaming"}
            numbers={numbers.get(block)}
            figures={figures}
          />
        );
      })}
    </div>
  );
});

/** What is shown: the places of parts, and tools that were used one after the other together. */
function blocksOf({ parts }: SuiteMessage): (number | ToolPart[])[] {
  const blocks: (number | ToolPart[])[] = [];
  parts.forEach((part, index) => {
    const last = blocks.at(-1);
    if (isToolPart(part)) {
      if (Array.isArray(last)) last.push(part);
      else blocks.push([part]);
    } else if (part.type === "data-job" || (part.type === "text" && part.text)) {
      blocks.push(index);
    }
  });
  return blocks;
}

interface ToolsProps {
  parts: ToolPart[];
  /** No tool joins them any more. */
  isWhole: boolean;
  refusal: Refusal | undefined;
  onDecide: Decide;
}

/** Tools, and what they found as charts, which come last: nothing moves to make room for them. */
function Tools({ parts, isWhole, refusal, onDecide }: ToolsProps) {
  const charts = isWhole ? chartsOf(parts) : [];
  return (
    <>
      {parts.map((part) => (
        <ToolCard key={part.toolCallId} part={part} refusal={refusal} onDecide={onDecide} />
      ))}
      {charts.length > 0 && (
        <Suspense
          fallback={charts.map((chart) => (
            <div key={chart.id} style={{ height: heightOf(chart) }} />
          ))}
        >
          <ToolCharts charts={charts} />
        </Suspense>
      )}
    </>
  );
}
