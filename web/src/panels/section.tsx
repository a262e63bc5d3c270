import { Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import { sentenceOf } from "../api/client";

interface SectionProps<T> {
  title: string;
  query: { data: T | undefined; isError: boolean; error: Error | null; refetch: () => Promise<unknown> };
  /** How much room the answer will take, roughly. */
  rows?: number;
  action?: ReactNode;
  children: (data: T) => ReactNode;
}

/** A part of a panel: its heading, and its data once there are some. */
export function Section<T>({ title, query, rows = 2, action, children }: SectionProps<T>) {
  return (
    <Stack component="section" gap="xs" p="md" aria-label={title}>
      <Group justify="space-between" mih={28}>
        <Title order={2} size="sm">
          {title}
        </Title>
        {action}
      </Group>
      {query.data !== undefined ? (
        children(query.data)
      ) : query.isError ? (
        <Stack gap={6} role="alert">
          <Text size="sm">{sentenceOf(query.error)}</Text>
          <Button size="compact-sm" variant="default" onClick={() => void query.refetch()}>
            Try again
          </Button>
        </Stack>
      ) : (
        Array.from({ length: rows }, (_, row) => <Skeleton key={row} h={44} />)
      )}
    </Stack>
  );
}
