import { Anchor, Badge, Button, Card, Container, Grid, Group, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { CalendarPlus } from "lucide-react";
import { Link } from "wouter";

import { ShowMore } from "../api/pages";
import { formatPeriod } from "../format";
import { JobList } from "../jobs/job-list";
import { platformName } from "../panels/platform-icons";
import { Section } from "../panels/section";
import { useGone } from "../removal";
import { plansQuery, type PlanSummary } from "./queries";

export function PlansPage() {
  const plans = useInfiniteQuery(plansQuery);
  const gone = useGone();
  return (
    <Container size="lg" py="lg">
      <Group justify="space-between" mb="md">
        <Title order={1} size="h2">
          Plans
        </Title>
        <Button component={Link} href="/plans/new" leftSection={<CalendarPlus size={17} aria-hidden />}>
          New plan
        </Button>
      </Group>
      <Grid mx={-16}>
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Section title="Your plans" query={plans} rows={3}>
            {({ items }) =>
              items.every(({ job_id }) => gone.has(job_id)) && !plans.hasNextPage ? (
                <Text size="sm" c="dimmed">
                  No plan yet. Tell what you want to reach, and get a calendar of posts with drafts,
                  each with the number behind it.
                </Text>
              ) : (
                <Stack gap="sm">
                  {items
                    .filter(({ job_id }) => !gone.has(job_id))
                    .map((plan) => (
                      <PlanCard key={plan.job_id} plan={plan} />
                    ))}
                  <ShowMore list={plans} />
                </Stack>
              )
            }
          </Section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <JobList />
        </Grid.Col>
      </Grid>
    </Container>
  );
}

function PlanCard({ plan }: { plan: PlanSummary }) {
  return (
    <Card withBorder padding="md" component="article" aria-label={plan.title}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Stack gap={4} miw={0}>
          <Anchor component={Link} href={`/plans/${plan.id}`} fw={600} underline="always">
            {plan.title}
          </Anchor>
          {!plan.title.includes(plan.goal) && <Text size="sm">{plan.goal}</Text>}
          <Text size="xs" c="dimmed">
            {formatPeriod(plan.start, plan.end)} · {plan.platforms.map(platformName).join(", ")} ·{" "}
            {plan.posts} posts
          </Text>
        </Stack>
        {plan.version > 1 && (
          <Badge variant="default" tt="none" style={{ flexShrink: 0 }}>
            Version {plan.version}
          </Badge>
        )}
      </Group>
    </Card>
  );
}
