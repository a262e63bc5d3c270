import { Anchor, Container, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";

import { connectionsQuery } from "../api/queries";
import { formatPeriod } from "../format";
import classes from "./analytics.module.css";
import { useAsked } from "./asked";
import { Audience } from "./audience";
import { BestTimes } from "./best-times";
import { Comparison } from "./comparison";
import { Filters } from "./filters";
import { GoalPace } from "./goal-pace";
import { Growth } from "./growth";
import { MainNumbers } from "./main-numbers";
import { Rates } from "./rates";
import { Results } from "./results";
import { TopContent } from "./top-content";

/** The creator's numbers as charts; each can be read as a table, taken along and asked about. */
export function AnalyticsPage() {
  const { asked, preset, change } = useAsked();
  const connections = useQuery(connectionsQuery);
  return (
    <Container size="xl" py="lg">
      <Stack gap="lg">
        <div className={classes.head}>
          <div>
            <Title order={1} size="h2">
              Analytics
            </Title>
            <Text size="sm" c="dimmed">
              {formatPeriod(asked.start, asked.end)}
            </Text>
          </div>
          <Filters asked={asked} preset={preset} onChange={change} />
        </div>
        {connections.data?.items.length === 0 ? (
          <Text>
            There are no numbers yet.{" "}
            <Anchor component={Link} href="/connections" underline="always">
              Import a CSV file
            </Anchor>
            , and they appear here.
          </Text>
        ) : (
          <>
            <MainNumbers asked={asked} />
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
              <Growth asked={asked} />
              <Results asked={asked} />
              <Comparison asked={asked} />
              <Rates asked={asked} />
            </SimpleGrid>
            <TopContent asked={asked} />
            <BestTimes asked={asked} />
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
              <GoalPace platform={asked.platform} />
              <Audience asked={asked} />
            </SimpleGrid>
          </>
        )}
      </Stack>
    </Container>
  );
}
