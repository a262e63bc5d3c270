import { SimpleGrid, Skeleton, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CalendarClock, Goal, Scale, Sparkles, TrendingUp, Trophy, type LucideIcon } from "lucide-react";
import { Suspense } from "react";

import { suggestionsQuery } from "../api/queries";
import { lazyNamed } from "../lazy-named";
import classes from "./chat.module.css";

const ICONS: Record<string, LucideIcon> = {
  goal: Goal,
  change: Scale,
  top_post: Trophy,
  growth: TrendingUp,
  best_time: CalendarClock,
};

const FirstRun = lazyNamed(() => import("../connections/first-run"), "FirstRun");

/** What a new chat begins with: questions from the creator's own data. */
export function Welcome({ onAsk }: { onAsk: (text: string, agent: string) => void }) {
  const suggestions = useQuery(suggestionsQuery);
  return (
    <Stack pt={{ base: "md", sm: "10vh" }} gap="lg">
      <Stack gap={4}>
        <Title order={1} size="h2">
          What would you like to know?
        </Title>
        <Text c="dimmed">
          Your team answers from your own numbers, and shows where each of them comes from.
        </Text>
      </Stack>
      <Suspense>
        <FirstRun />
      </Suspense>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" role="group" aria-label="Suggestions">
        {suggestions.isPending && Array.from({ length: 4 }, (_, row) => <Skeleton key={row} h={66} />)}
        {suggestions.data?.items.map(({ question, agent, reason }) => {
          const Icon = ICONS[reason] ?? Sparkles;
          return (
            <UnstyledButton
              key={question}
              className={classes.suggestion}
              onClick={() => onAsk(question, agent)}
            >
              <Icon size={18} aria-hidden style={{ flexShrink: 0 }} />
              {question}
            </UnstyledButton>
          );
        })}
      </SimpleGrid>
    </Stack>
  );
}
