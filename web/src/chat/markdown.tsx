import { Anchor, ScrollArea, Typography } from "@mantine/core";
import type { Element, ElementContent, Root } from "hast";
import { memo, useMemo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import remend from "remend";

import { BackedNumber } from "./backed-number";
import classes from "./markdown.module.css";
import type { Figure, PlacedNumber } from "./messages";

interface MarkdownProps {
  text: string;
  isLive: boolean;
  numbers: PlacedNumber[] | undefined;
  figures: Map<string, Figure>;
}

/** An answer's text. HTML in it stays text, and nothing is loaded from elsewhere. */
export const Markdown = memo(function Markdown({ text, isLive, numbers, figures }: MarkdownProps) {
  const rehypePlugins = useMemo(() => (numbers?.length ? [markNumbers(text, numbers)] : []), [
    text,
    numbers,
  ]);
  const components = useMemo<Components>(
    () => ({
      a: ({ href, children }) => (
        <Anchor href={href} target="_blank" rel="noopener noreferrer nofollow" underline="always">
          {children}
        </Anchor>
      ),
      img: ({ alt }) => <span>{alt}</span>,
      table: ({ children }) => (
        <ScrollArea type="auto" className={classes.table}>
          <table>{children}</table>
        </ScrollArea>
      ),
      data: ({ value, children }) => {
        const placed = numbers?.[Number(value)];
        return placed ? (
          <BackedNumber number={placed.number} figures={figures}>
            {children}
          </BackedNumber>
        ) : (
          children
        );
      },
    }),
    [numbers, figures],
  );
  return (
    <Typography className={classes.markdown}>
      <ReactMarkdown
        remarkPlugins={[remarkGfm]}
        rehypePlugins={rehypePlugins}
        components={components}
      >
        {isLive ? remend(text) : text}
      </ReactMarkdown>
    </Typography>
  );
});

/** Wrap each number in a `data` element that says which it is, by where it stands in the text. */
function markNumbers(text: string, numbers: PlacedNumber[]) {
  const visit = (parent: Root | Element) => {
    parent.children = parent.children.flatMap((child): ElementContent[] => {
      if (child.type === "element") {
        visit(child);
        return [child];
      }
      if (child.type !== "text") return child.type === "doctype" ? [] : [child];
      const begin = child.position?.start.offset;
      const end = child.position?.end.offset;
      if (begin === undefined || end === undefined) return [child];
      // Escaped characters make a text shorter than its source, and its places unknown.
      if (text.slice(begin, end) !== child.value) return [child];
      return split(child.value, begin, numbers);
    });
  };
  return () => visit;
}

function split(value: string, begin: number, numbers: PlacedNumber[]): ElementContent[] {
  const pieces: ElementContent[] = [];
  let at = 0;
  numbers.forEach(({ start, end }, index) => {
    const from = start - begin;
    const to = end - begin;
    if (from < at || to > value.length) return;
    if (from > at) pieces.push({ type: "text", value: value.slice(at, from) });
    pieces.push({
      type: "element",
      tagName: "data",
      properties: { value: String(index) },
      children: [{ type: "text", value: value.slice(from, to) }],
    });
    at = to;
  });
  if (at < value.length) pieces.push({ type: "text", value: value.slice(at) });
  return pieces;
}
