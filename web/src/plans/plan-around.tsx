import { List, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import type { Plan } from "./queries";

/** What else is in a plan: what it is for, its subjects, its weeks and its routine. */
export function PlanAround({ plan }: { plan: Plan }) {
  const { goals = [], pillars = [], weeks = [], metrics = [], routine = [], trends = [], notes = [] } = plan;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      <Part title="What it is for" items={goals} of={({ title, why }) => both(title, why)} />
      <Part title="Subjects" items={pillars} of={({ name, description }) => both(name, description)} />
      <Part title="Weeks" items={weeks} of={({ week, theme }) => both(`Week ${week}`, theme)} />
      <Part
        title="Every week"
        items={routine}
        of={({ weekday, minutes, task }) => both(`${weekday}, ${minutes} minutes`, task)}
      />
      <Part
        title="Numbers to watch"
        items={metrics}
        of={({ metric, why }) => both(metric.replaceAll("_", " "), why)}
      />
      <Part title="Trends" items={trends} of={({ title }) => title} />
      <Part title="Notes" items={notes} of={(note) => note} />
    </SimpleGrid>
  );
}

interface PartProps<T> {
  title: string;
  items: T[];
  of: (item: T) => ReactNode;
}

function Part<T>({ title, items, of }: PartProps<T>) {
  if (items.length === 0) return null;
  return (
    <Paper withBorder p="md" component="section" aria-label={title} bg="var(--suite-raised)">
      <Stack gap="xs">
        <Title order={2} size="h5">
          {title}
        </Title>
        <List size="sm" spacing={6} listStyleType="none">
          {items.map((item, at) => (
            <List.Item key={at}>{of(item)}</List.Item>
          ))}
        </List>
      </Stack>
    </Paper>
  );
}

const both = (name: string, text: string) => (
  <>
    <Text size="sm" fw={600}>
      {name}
    </Text>
    <Text size="sm" c="dimmed">
      {text}
    </Text>
  </>
);
