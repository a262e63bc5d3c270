import { Accordion, Badge, Group, Loader, Stack, Table, Text } from "@mantine/core";
import { Check, CircleAlert, CircleSlash, type LucideIcon } from "lucide-react";

import { formatFigure, formatPeriod } from "../format";
import { ApprovalCard } from "./approval-card";
import { labelOf, textOfArgument } from "./arguments";
import type { Decide, Refusal } from "./decisions";
import { figuresIn, outputOf, type Figure, type ToolPart } from "./messages";
import classes from "./tool-card.module.css";
import { titleOf } from "./tool-titles";

interface ToolCardProps {
  part: ToolPart;
  refusal: Refusal | undefined;
  onDecide: Decide;
}

/** What an agent did: its name, how it went, and what it found. */
export function ToolCard({ part, refusal, onDecide }: ToolCardProps) {
  if (part.state === "approval-requested" || part.state === "approval-responded") {
    return <ApprovalCard part={part} refusal={refusal} onDecide={onDecide} />;
  }
  const figures = figuresIn(part);
  return (
    <Accordion variant="contained" chevronPosition="right" keepMounted={false} className={classes.card}>
      <Accordion.Item value="tool">
        <Accordion.Control>
          <Group gap="xs" wrap="nowrap">
            <StateIcon part={part} />
            <Text size="sm" fw={500}>
              {titleOf(part.toolName)}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {stateOf(part, figures.length)}
            </Text>
          </Group>
        </Accordion.Control>
        <Accordion.Panel>
          <Details part={part} figures={figures} />
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

function stateOf(part: ToolPart, count: number): string {
  switch (part.state) {
    case "output-available":
      return count === 1 ? "1 figure" : count > 1 ? `${count} figures` : "done";
    case "output-error":
      return "failed";
    case "output-denied":
      return "not approved";
    default:
      return "running";
  }
}

const ICONS: Partial<Record<ToolPart["state"], [LucideIcon, string]>> = {
  "output-available": [Check, "teal"],
  "output-error": [CircleAlert, "red"],
  "output-denied": [CircleSlash, "gray"],
};

function StateIcon({ part }: { part: ToolPart }) {
  const [Icon, color] = ICONS[part.state] ?? [];
  if (!Icon) return <Loader size={16} aria-hidden />;
  return (
    <Icon
      size={16}
      aria-hidden
      color={`light-dark(var(--mantine-color-${color}-8), var(--mantine-color-${color}-4))`}
    />
  );
}

function Details({ part, figures }: { part: ToolPart; figures: Figure[] }) {
  const asked = Object.entries((part.input ?? {}) as Record<string, unknown>).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  const { notes = [] } = outputOf(part);
  return (
    <Stack gap="sm">
      {asked.length > 0 && (
        <Group gap={6}>
          {asked.map(([name, value]) => (
            <Badge key={name} variant="default" tt="none" fw={400} maw="100%">
              {labelOf(name)}: {textOfArgument(value)}
            </Badge>
          ))}
        </Group>
      )}
      {part.state === "output-error" && <Text size="sm">{part.errorText}</Text>}
      {figures.length > 0 && <FiguresTable figures={figures} />}
      {notes.map((note) => (
        <Text key={note} size="xs" c="dimmed">
          {note}
        </Text>
      ))}
    </Stack>
  );
}

function FiguresTable({ figures }: { figures: Figure[] }) {
  return (
    <Table.ScrollContainer
      minWidth={320}
      maxHeight={280}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, "aria-label": "Figures" } }}
    >
      <Table withRowBorders verticalSpacing={4} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What</Table.Th>
            <Table.Th ta="right">Value</Table.Th>
            <Table.Th>Days</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {figures.map((figure) => (
            <Table.Tr key={figure.id}>
              <Table.Td>{figure.label}</Table.Td>
              <Table.Td ta="right">{formatFigure(figure)}</Table.Td>
              <Table.Td>{formatPeriod(figure.from, figure.to)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
