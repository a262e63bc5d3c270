import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Paper,
  Skeleton,
  Stack,
  Table,
  Text,
  Title,
  Tooltip,
} from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { ChartLine, Download, MessageCircleQuestion, TableProperties } from "lucide-react";
import { Suspense, useState, type ReactNode } from "react";

import { sentenceOf } from "../api/client";
import { useAsk } from "../chat/use-ask";
import { capitalized, formatCount, formatDay, formatFigure } from "../format";
import { platformName } from "../panels/platform-icons";
import classes from "./chart-card.module.css";
import { downloadCsv, type Cell, type Column, type TableData } from "./table";

const CHART_HEIGHT = 260;

interface Shown {
  /** All that the chart shows. */
  table: TableData;
  chart: ReactNode;
  /** What it comes to in all. */
  headline?: ReactNode;
  /** What is missing or provisional, in sentences. */
  notes?: string[];
  isPreliminary?: boolean;
}

interface ChartCardProps<T> {
  title: string;
  /** What the chart is about, such as its days. */
  subtitle?: string;
  /** What is asked about it, and whom. */
  question: string;
  agent?: string;
  query: UseQueryResult<T>;
  /** What is shown in place of a chart without data. */
  empty: string;
  controls?: ReactNode;
  children: (data: T) => Shown;
}

/** A chart, or the same as a table; with its states, its CSV and a question about it. */
export function ChartCard<T>(props: ChartCardProps<T>) {
  const { title, subtitle, question, agent, query, empty, controls, children } = props;
  const ask = useAsk();
  const [isTable, setIsTable] = useState(false);
  const shown = query.data === undefined ? undefined : children(query.data);
  const hasRows = Boolean(shown?.table.rows.length);
  const switchLabel = `${title}: ${isTable ? "show the chart" : "show as a table"}`;
  return (
    <Paper
      withBorder
      p="md"
      component="section"
      aria-label={title}
      aria-busy={query.isFetching && query.isPlaceholderData}
      className={classes.card}
    >
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="xs">
        <div>
          <Group gap="xs">
            <Title order={2} size="h5">
              {title}
            </Title>
            {shown?.isPreliminary && (
              <Badge variant="dot" color="orange" tt="none">
                Still being counted
              </Badge>
            )}
          </Group>
          {subtitle && (
            <Text size="xs" c="dimmed">
              {subtitle}
            </Text>
          )}
        </div>
        {hasRows && (
          <Group gap={2} wrap="nowrap">
            <Tooltip label={isTable ? "Show the chart" : "Show as a table"}>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={switchLabel}
                onClick={() => setIsTable(!isTable)}
              >
                {isTable ? <ChartLine size={17} /> : <TableProperties size={17} />}
              </ActionIcon>
            </Tooltip>
            <Tooltip label="CSV of what is seen">
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`${title}: CSV of what is seen`}
                onClick={() => shown && downloadCsv(shown.table, fileName(title, subtitle))}
              >
                <Download size={17} />
              </ActionIcon>
            </Tooltip>
          </Group>
        )}
      </Group>
      {controls}
      {hasRows && shown?.headline && (
        <Text fw={650} size="lg" lh={1.2}>
          {shown.headline}
        </Text>
      )}
      <div className={classes.body}>
        {shown === undefined ? (
          <Waiting query={query} />
        ) : !hasRows ? (
          <Text c="dimmed" size="sm" className={classes.empty}>
            {empty}
          </Text>
        ) : isTable ? (
          <DataTable title={title} {...shown.table} />
        ) : (
          <Suspense fallback={<Skeleton h={CHART_HEIGHT} />}>{shown.chart}</Suspense>
        )}
      </div>
      {shown?.notes && shown.notes.length > 0 && <Notes notes={shown.notes} />}
      <Button
        size="compact-sm"
        variant="subtle"
        ml={-8}
        className={classes.ask}
        leftSection={<MessageCircleQuestion size={15} aria-hidden />}
        aria-label={`Ask about this: ${title}`}
        onClick={() => ask({ text: question, agent })}
      >
        Ask about this
      </Button>
    </Paper>
  );
}

function Waiting<T>({ query }: { query: UseQueryResult<T> }) {
  if (!query.isError) return <Skeleton h={CHART_HEIGHT} />;
  return (
    <Stack gap="xs" align="flex-start" role="alert" className={classes.empty}>
      <Text size="sm">{sentenceOf(query.error)}</Text>
      <Button size="compact-sm" variant="default" onClick={() => void query.refetch()}>
        Try again
      </Button>
    </Stack>
  );
}

const FEW = 2;

/** A note begins with what it is about, often a platform. */
const sentenceOfNote = (note: string) =>
  capitalized(note.replace(/^[a-z]+(?=[ :])/, platformName));

function Notes({ notes }: { notes: string[] }) {
  const [isOpen, setIsOpen] = useState(false);
  const shown = isOpen ? notes : notes.slice(0, FEW);
  return (
    <div>
      {shown.map((note) => (
        <Text key={note} size="xs" c="dimmed">
          {sentenceOfNote(note)}
        </Text>
      ))}
      {notes.length > FEW && (
        <Button size="compact-xs" variant="subtle" ml={-8} onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? "Fewer notes" : `${notes.length - FEW} more notes`}
        </Button>
      )}
    </div>
  );
}

function DataTable({ title, columns, rows }: TableData & { title: string }) {
  return (
    <Table.ScrollContainer
      minWidth={columns.length * 90}
      maxHeight={320}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: "region", "aria-label": `Table: ${title}` } }}
    >
      <Table verticalSpacing={4} fz="sm" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ title: name, kind }) => (
              <Table.Th key={name} ta={isNumber(kind) ? "right" : "left"}>
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((cells, row) => (
            <Table.Tr key={row}>
              {columns.map(({ title: name, kind }, column) => (
                <Table.Td key={name} ta={isNumber(kind) ? "right" : "left"}>
                  {textOf(cells[column] ?? null, kind)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const isNumber = (kind: Column["kind"]) => kind !== "text" && kind !== "day";

function textOf(cell: Cell, kind: Column["kind"]): string {
  if (cell === null) return "not known";
  if (typeof cell === "string") return kind === "day" ? formatDay(cell, "long") : cell;
  return kind === "count" ? formatCount(cell) : formatFigure({ value: cell, unit: kind });
}

const fileName = (title: string, subtitle?: string) =>
  `${title} ${subtitle ?? ""}`.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-");
