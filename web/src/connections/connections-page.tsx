import { Badge, Card, Container, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { Schema } from "../api/client";
import { connectionsQuery } from "../api/queries";
import { daysBetween, useToday } from "../analytics/asked";
import { formatCount, formatPeriod } from "../format";
import { PlatformIcon, platformName } from "../panels/platform-icons";
import { Section } from "../panels/section";
import { FirstRun } from "./first-run";
import { ImportForm } from "./import-form";

const STALE_DAYS = 4;

/** Where the numbers come from, how fresh they are, and how to bring more. */
export function ConnectionsPage() {
  const connections = useQuery(connectionsQuery);
  const today = useToday();
  return (
    <Container size="md" py="lg">
      <Stack gap="lg">
        <Title order={1} size="h2">
          Connections
        </Title>
        <FirstRun />
        <Paper withBorder bg="var(--suite-raised)">
          <Section title="Your accounts" query={connections} rows={4}>
            {({ items }) =>
              items.length === 0 ? (
                <Text size="sm" c="dimmed">
                  No account yet. Import a file below, and its account appears here.
                </Text>
              ) : (
                <Stack gap="sm">
                  {items.map((connection) => (
                    <Account key={connection.id} connection={connection} today={today} />
                  ))}
                </Stack>
              )
            }
          </Section>
        </Paper>
        <ImportForm />
      </Stack>
    </Container>
  );
}

interface AccountProps {
  connection: Schema["ConnectionOut"];
  today: string;
}

function Account({ connection, today }: AccountProps) {
  const { platform, account, source, status, first_date, last_date, days } = connection;
  const isStale = last_date !== null && daysBetween(last_date, today) > STALE_DAYS;
  const state = status !== "active" ? status : isStale ? "Getting old" : last_date ? "Fresh" : "Empty";
  const color = { Fresh: "teal", "Getting old": "orange", Empty: "gray" }[state] ?? "red";
  return (
    <Card withBorder padding="sm" component="article" aria-label={`${account}, ${platformName(platform)}`}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <PlatformIcon platform={platform} />
        <Stack gap={2} flex={1} miw={0}>
          <Text fw={600} truncate>
            {account}
          </Text>
          <Text size="sm" c="dimmed">
            {platformName(platform)} · {source === "oauth" ? "connected" : "from imported files"}
          </Text>
          <Text size="sm">
            {first_date && last_date
              ? `${formatCount(days)} days, ${formatPeriod(first_date, last_date)}`
              : "No numbers yet"}
          </Text>
        </Stack>
        <Badge variant="dot" tt="none" color={color} style={{ flexShrink: 0 }}>
          {state}
        </Badge>
      </Group>
    </Card>
  );
}
