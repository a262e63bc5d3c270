import { Anchor, Button, Group, Paper, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Check, Circle } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { Link, useLocation } from "wouter";

import { connectionsQuery, goalsQuery } from "../api/queries";
import { useAsk } from "../chat/use-ask";
import { plansQuery } from "../plans/queries";
import { useUser } from "../session/session";
import classes from "./first-run.module.css";

/** The first steps of a new creator; they may be skipped, and go when all are taken. */
export function FirstRun() {
  const { id, brand } = useUser();
  const [stage, setStage] = useLocalStorage<"none" | "begun" | "skipped">({
    key: `first-run:${id}`,
    defaultValue: "none",
    getInitialValueInEffect: false,
  });
  const connections = useQuery(connectionsQuery);
  const hasNumbers = Boolean(connections.data?.items.length);
  const isNew = connections.data?.items.length === 0;
  const isAsked = stage === "begun" || (stage === "none" && isNew);
  const goals = useQuery({ ...goalsQuery, enabled: isAsked });
  const plans = useInfiniteQuery({ ...plansQuery, enabled: isAsked });
  const isKnown = connections.data && goals.data && plans.data;
  useEffect(() => {
    if (isNew && stage === "none") setStage("begun");
  }, [isNew, stage, setStage]);

  const done = [brand, hasNumbers, goals.data?.items.length, plans.data?.items.length].map(Boolean);
  const count = done.filter(Boolean).length;
  if (!isAsked || !isKnown || count === done.length) return null;
  return (
    <Paper withBorder p="md" component="section" aria-label="First steps" bg="var(--suite-raised)">
      <Group justify="space-between" mb="sm">
        <Group gap="xs" align="baseline">
          <Title order={2} size="h5">
            First steps
          </Title>
          <Text size="sm" c="dimmed">
            {count} of {done.length} done
          </Text>
        </Group>
        <Button size="compact-sm" variant="subtle" onClick={() => setStage("skipped")}>
          Skip
        </Button>
      </Group>
      <Steps done={done} hasNumbers={hasNumbers} />
    </Paper>
  );
}

function Steps({ done, hasNumbers }: { done: boolean[]; hasNumbers: boolean }) {
  const [path] = useLocation();
  const ask = useAsk();
  return (
    <Stack component="ol" gap="sm" className={classes.steps}>
      <Step isDone={done[0]} why="Every agent reads it before it answers you.">
        <StepLink href="/settings/profile">Tell what you make</StepLink>
      </Step>
      <Step isDone={done[1]} why="Daily numbers or posts, from a CSV file.">
        {path === "/connections" ? (
          "Import your numbers below"
        ) : (
          <StepLink href="/connections">Import your numbers</StepLink>
        )}
      </Step>
      <Step
        isDone={done[2]}
        why={hasNumbers ? "With the goal tracker, who knows your pace." : "Once there are numbers."}
      >
        {hasNumbers ? (
          <Anchor
            component="button"
            type="button"
            underline="always"
            inherit
            onClick={() => ask({ text: "Which goal would fit my pace?", agent: "goal_tracker" })}
          >
            Set a goal
          </Anchor>
        ) : (
          "Set a goal"
        )}
      </Step>
      <Step isDone={done[3]} why="What to post when; it needs no numbers yet.">
        <StepLink href="/plans/new">Get a first plan</StepLink>
      </Step>
    </Stack>
  );
}

function StepLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Anchor component={Link} href={href} underline="always" inherit>
      {children}
    </Anchor>
  );
}

interface StepProps {
  isDone?: boolean;
  why: string;
  children: ReactNode;
}

function Step({ isDone, why, children }: StepProps) {
  const Icon = isDone ? Check : Circle;
  return (
    <li className={classes.step}>
      <ThemeIcon size={24} radius="xl" variant="light" color={isDone ? "teal" : "gray"}>
        <Icon size={14} role="img" aria-label={isDone ? "Done" : "To do"} />
      </ThemeIcon>
      <div>
        <Text size="sm" fw={500}>
          {children}
        </Text>
        <Text size="xs" c="dimmed">
          {why}
        </Text>
      </div>
    </li>
  );
}
