import type { Element, ElementContent, Nodes, Root } from "hast";
import type { Html } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { toHast } from "mdast-util-to-hast";
import { gfm } from "micromark-extension-gfm";

import type { PlacedNumber } from "./messages";

/** A text as a tree of HTML elements. HTML in it stays text; numbers are marked where they stand. */
export function treeOf(text: string, numbers: PlacedNumber[] = []): Nodes {
  const parsed = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  const tree = toHast(parsed, { handlers: { html } });
  if (tree.type === "root" && numbers.length > 0) markNumbers(tree, text, numbers);
  return tree;
}

const html = (_: unknown, { value }: Html): ElementContent => ({ type: "text", value });

/** Wrap each number in a `data` element that says which it is, by where it stands in the text. */
function markNumbers(parent: Root | Element, text: string, numbers: PlacedNumber[]) {
  parent.children = parent.children.flatMap((child): ElementContent[] => {
    if (child.type === "element") {
      markNumbers(child, text, numbers);
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
