import { Anchor, Button, Group, List, Paper, Text, ThemeIcon, Title } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Check, Circle } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { connectionsQuery, goalsQuery } from "../api/queries";
import { useAsk } from "../chat/use-ask";
import { plansQuery } from "../plans/queries";
import { useUser } from "../session/session";

/** The first steps of a new creator; they may be skipped, and go when numbers are there. */
export function FirstRun() {
  const user = useUser();
  const [isSkipped, setIsSkipped] = useLocalStorage({
    key: `first-run-skipped:${user.id}`,
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const connections = useQuery(connectionsQuery);
  const isNew = connections.data?.items.length === 0 && !isSkipped;
  const goals = useQuery({ ...goalsQuery, enabled: isNew });
  const plans = useQuery({ ...plansQuery, enabled: isNew });
  const ask = useAsk();
  if (!isNew) return null;
  return (
    <Paper withBorder p="md" component="section" aria-label="First steps" bg="var(--suite-raised)">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          First steps
        </Title>
        <Button size="compact-sm" variant="subtle" onClick={() => setIsSkipped(true)}>
          Skip
        </Button>
      </Group>
      <List spacing="xs" size="sm" center>
        <Step isDone={Boolean(user.brand)}>
          <Anchor component={Link} href="/settings/profile" underline="always" inherit>
            Tell what you make
          </Anchor>
          , so that every agent knows it
        </Step>
        <Step isDone={false}>
          <Anchor component={Link} href="/connections" underline="always" inherit>
            Import your numbers
          </Anchor>{" "}
          from a CSV file
        </Step>
        <Step isDone={Boolean(goals.data?.items.length)}>
          <Anchor
            component="button"
            type="button"
            underline="always"
            inherit
            onClick={() => ask({ text: "Help me to set my first goal", agent: "goal_tracker" })}
          >
            Set a goal
          </Anchor>{" "}
          with the goal tracker
        </Step>
        <Step isDone={Boolean(plans.data?.items.length)}>
          <Anchor component={Link} href="/plans/new" underline="always" inherit>
            Get a first plan
          </Anchor>
          , which needs no numbers yet
        </Step>
      </List>
    </Paper>
  );
}

function Step({ isDone, children }: { isDone: boolean; children: ReactNode }) {
  const Icon = isDone ? Check : Circle;
  return (
    <List.Item
      icon={
        <ThemeIcon size={22} radius="xl" variant="light" color={isDone ? "teal" : "gray"}>
          <Icon size={14} role="img" aria-label={isDone ? "Done" : "To do"} />
        </ThemeIcon>
      }
    >
      <Text span size="sm">
        {children}
      </Text>
    </List.Item>
  );
}
