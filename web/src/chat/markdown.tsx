import { Anchor, ScrollArea, Typography } from "@mantine/core";
import { toJsxRuntime } from "hast-util-to-jsx-runtime";
import { createContext, memo, use, useMemo, type ComponentProps } from "react";
import { Fragment, jsx, jsxs } from "react/jsx-runtime";

import { BackedNumber } from "./backed-number";
import { treeOf } from "./markdown-tree";
import classes from "./markdown.module.css";
import { loadMend } from "./mend";
import type { Figure, PlacedNumber as Placed } from "./messages";

interface MarkdownProps {
  text: string;
  isLive: boolean;
  numbers: Placed[] | undefined;
  figures: Map<string, Figure>;
}

const Numbers = createContext<Pick<MarkdownProps, "numbers" | "figures">>({
  numbers: undefined,
  figures: new Map(),
});

/** An answer's text; nothing in it is run, or loaded from elsewhere. */
export const Markdown = memo(function Markdown({ text, isLive, numbers, figures }: MarkdownProps) {
  const shown = isLive ? use(loadMend())(text) : text;
  const placed = useMemo(() => ({ numbers, figures }), [numbers, figures]);
  return (
    <Numbers value={placed}>
      <Typography className={classes.markdown}>
        {toJsxRuntime(treeOf(shown, numbers), { Fragment, jsx, jsxs, components })}
      </Typography>
    </Numbers>
  );
});

// Other addresses may be scripts.
const ADDRESS = /^(https?:|mailto:|\/|#)/i;

function Link({ href = "", children }: ComponentProps<"a">) {
  if (!ADDRESS.test(href)) return children;
  return (
    <Anchor href={href} target="_blank" rel="noopener noreferrer nofollow" underline="always">
      {children}
    </Anchor>
  );
}

const Picture = ({ alt }: ComponentProps<"img">) => <span>{alt}</span>;

const Table = ({ children }: ComponentProps<"table">) => (
  <ScrollArea type="auto" className={classes.table}>
    <table>{children}</table>
  </ScrollArea>
);

function PlacedNumber({ value, children }: ComponentProps<"data">) {
  const { numbers, figures } = use(Numbers);
  const placed = numbers?.[Number(value)];
  return placed ? (
    <BackedNumber number={placed.number} figures={figures}>
      {children}
    </BackedNumber>
  ) : (
    children
  );
}

// The same for good: what is open in an answer stays open when it is drawn anew.
const components = { a: Link, img: Picture, table: Table, data: PlacedNumber };
