import { Anchor, Badge, Group, Stack, Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";

import type { Schema } from "../api/client";
import { connectionsQuery, overviewQuery } from "../api/queries";
import { formatChange, formatCompact, formatCount, formatDay } from "../format";
import { PLATFORMS, PlatformIcon, platformName } from "./platform-icons";
import { Section } from "./section";

/** The creator's accounts: how fresh they are, and how they grow. */
export function Platforms() {
  const connections = useQuery(connectionsQuery);
  const overview = useQuery(overviewQuery);
  const followers = overview.data?.metrics.find(({ metric }) => metric === "followers");

  return (
    <Section title="Platforms" query={connections} rows={4}>
      {({ items }) =>
        items.length === 0 ? (
          <Text size="sm" c="dimmed">
            No numbers yet.{" "}
            <Anchor component={Link} href="/connections" underline="always" inherit>
              Import a CSV file
            </Anchor>
            , and they appear here.
          </Text>
        ) : (
          <Stack gap={10}>
            {items.map((connection) => (
              <Platform
                key={connection.id}
                connection={connection}
                numbers={followers?.platforms.find((each) => each.platform === connection.platform)}
              />
            ))}
          </Stack>
        )
      }
    </Section>
  );
}

type Numbers = Schema["NumbersOut"]["metrics"][number]["platforms"][number];

interface PlatformProps {
  connection: Schema["ConnectionOut"];
  numbers: Numbers | undefined;
}

function Platform({ connection: { platform, account, status, last_date }, numbers }: PlatformProps) {
  const count = numbers?.value.value ?? null;
  const percent = numbers?.growth?.percent.value ?? null;
  const freshness = last_date ? `Up to ${formatDay(last_date)}` : "No numbers yet";
  return (
    <Group wrap="nowrap" gap="sm">
      <PlatformIcon platform={platform} />
      <Stack gap={0} miw={0} flex={1}>
        <Text size="sm" fw={500} truncate>
          {account}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {status === "active" ? freshness : `${platformName(platform)}: ${status}`}
        </Text>
      </Stack>
      {status !== "active" && (
        <Badge variant="dot" color="orange">
          {status}
        </Badge>
      )}
      {count !== null && (
        <Tooltip label={`${formatCount(count)} ${PLATFORMS[platform]?.followers ?? "followers"}`}>
          <Stack gap={0} ta="right">
            <Text size="sm" fw={600}>
              {formatCompact(count)}
            </Text>
            {percent !== null && <Change percent={percent} />}
          </Stack>
        </Tooltip>
      )}
    </Group>
  );
}

function Change({ percent }: { percent: number }) {
  const direction = percent > 0 ? "up" : percent < 0 ? "down" : "same";
  const color = {
    up: "light-dark(var(--mantine-color-teal-9), var(--mantine-color-teal-4))",
    down: "light-dark(var(--mantine-color-red-9), var(--mantine-color-red-4))",
    same: "dimmed",
  }[direction];
  return (
    <Text size="xs" c={color}>
      {formatChange(percent)}
    </Text>
  );
}
