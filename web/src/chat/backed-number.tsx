import { Popover, Stack, Text, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";

import { formatFigure, formatPeriod } from "../format";
import { platformName } from "../panels/platform-icons";
import classes from "./markdown.module.css";
import type { Figure, GroundedNumber } from "./messages";

interface BackedNumberProps {
  number: GroundedNumber;
  figures: Map<string, Figure>;
  children: ReactNode;
}

/** A number of an answer; it tells what backs it. */
export function BackedNumber({ number, figures, children }: BackedNumberProps) {
  const isBacked = Boolean(number.figure ?? number.derivation) || number.is_from_question;
  if (number.is_from_question && !number.figure && !number.derivation) return children;
  return (
    <Popover width={270} position="top" shadow="md" withArrow withRoles trapFocus={false}>
      <Popover.Target>
        <button
          type="button"
          className={classes.number}
          data-unbacked={isBacked ? undefined : true}
          title={isBacked ? "Where it comes from" : undefined}
        >
          {children}
          {!isBacked && <VisuallyHidden> (no source)</VisuallyHidden>}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <Source number={number} figures={figures} />
      </Popover.Dropdown>
    </Popover>
  );
}

const STEPS: Record<string, string> = {
  sum: "Added up from",
  difference: "The difference of",
  change: "The change between",
  percent_change: "The change in percent between",
  share: "The share, from",
  ratio: "The ratio of",
  average: "The average of",
  product: "Multiplied from",
};

function Source({ number, figures }: Omit<BackedNumberProps, "children">) {
  const { figure, derivation } = number;
  const found = (figure ? [figure] : (derivation?.figures ?? [])).flatMap(
    (id) => figures.get(id) ?? [],
  );
  if (!figure && !derivation) {
    return (
      <Text size="sm">
        Nothing that was looked up has this number. Do not rely on it.
      </Text>
    );
  }
  return (
    <Stack gap={8}>
      {derivation && (
        <Text size="xs" c="dimmed">
          {STEPS[derivation.kind] ?? "Calculated from"}
        </Text>
      )}
      {found.length === 0 && <Text size="sm">It comes from your own numbers.</Text>}
      {found.map((each) => (
        <FigureText key={each.id} figure={each} />
      ))}
    </Stack>
  );
}

const STATUSES: Partial<Record<Figure["status"], string>> = {
  partial: "some days are missing",
  preliminary: "still being counted",
  forecast: "a forecast",
};

function FigureText({ figure }: { figure: Figure }) {
  const where = figure.platform
    ? [platformName(figure.platform), figure.account].filter(Boolean).join(", ")
    : "All platforms";
  const note = STATUSES[figure.status];
  return (
    <div>
      <Text size="sm" fw={600}>
        {formatFigure(figure)}
      </Text>
      <Text size="sm">{figure.label}</Text>
      <Text size="xs" c="dimmed">
        {where} · {formatPeriod(figure.from, figure.to)}
        {note && ` · ${note}`}
      </Text>
    </div>
  );
}
