import { Badge, Button, Card, Container, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { Schema } from "../api/client";
import { connectionsQuery } from "../api/queries";
import { daysBetween, useToday } from "../analytics/asked";
import { formatCount, formatPeriod } from "../format";
import { PlatformIcon, platformName } from "../panels/platform-icons";
import { Section } from "../panels/section";
import { FirstRun } from "./first-run";
import { ImportForm } from "./import-form";
import { Platforms } from "./platforms";

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
            {({ items, platforms }) =>
              items.length === 0 ? (
                <Text size="sm" c="dimmed">
                  No account yet. It appears here with the first numbers that you bring.
                </Text>
              ) : (
                <Stack gap="sm">
                  {items.map((connection) => (
                    <Account
                      key={connection.id}
                      connection={connection}
                      today={today}
                      reconnectUrl={
                        platforms.find(({ platform }) => platform === connection.platform)?.connect_url
                      }
                    />
                  ))}
                </Stack>
              )
            }
          </Section>
        </Paper>
        <Paper withBorder bg="var(--suite-raised)">
          <Section title="Platforms" query={connections} rows={4}>
            {({ platforms }) => <Platforms platforms={platforms} />}
          </Section>
        </Paper>
        <ImportForm />
      </Stack>
    </Container>
  );
}

type Connection = Schema["ConnectionOut"];

interface AccountProps {
  connection: Connection;
  today: string;
  reconnectUrl?: string | null;
}

function Account({ connection, today, reconnectUrl }: AccountProps) {
  const { platform, account, source, first_date, last_date, days } = connection;
  const [state, color] = stateOf(connection, today);
  const isOver = connection.status === "needs_reconnect" || connection.status === "revoked";
  const canReconnect = reconnectUrl && (isOver || connection.status === "expiring");
  return (
    <Card withBorder padding="sm" component="article" aria-label={`${account}, ${platformName(platform)}`}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <PlatformIcon platform={platform} />
        <Stack gap={2} flex={1} miw={0}>
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Text fw={600} truncate>
              {account}
            </Text>
            <Badge variant="dot" tt="none" color={color} style={{ flexShrink: 0 }}>
              {state}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {platformName(platform)} · {source === "oauth" ? "connected" : "from imported files"}
          </Text>
          <Text size="sm">
            {first_date && last_date
              ? `${formatCount(days)} days, ${formatPeriod(first_date, last_date)}`
              : "No numbers yet"}
          </Text>
          {isOver && !canReconnect && (
            <Text size="sm">No new numbers come by themselves. Import them from a file.</Text>
          )}
          {canReconnect && (
            <Button
              component="a"
              href={reconnectUrl}
              size="compact-sm"
              mt={4}
              style={{ alignSelf: "flex-start" }}
              aria-label={`Reconnect ${account}`}
            >
              Reconnect
            </Button>
          )}
        </Stack>
      </Group>
    </Card>
  );
}

function stateOf({ status, last_date }: Connection, today: string): [string, string] {
  switch (status) {
    case "needs_reconnect":
    case "revoked":
      return ["Sign-in has ended", "red"];
    case "expiring":
      return ["Sign-in ends soon", "orange"];
  }
  if (!last_date) return ["Empty", "gray"];
  return daysBetween(last_date, today) > STALE_DAYS ? ["Getting old", "orange"] : ["Fresh", "teal"];
}
