import {
  Alert,
  Badge,
  Button,
  Container,
  Group,
  Menu,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { useQuery } from "@tanstack/react-query";
import { CalendarDays, CalendarPlus, Ellipsis, FileSpreadsheet, History, MessageCircleQuestion, Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useLocation, useParams } from "wouter";

import { ApiProblem, client, sentenceOf, take } from "../api/client";
import { queryClient } from "../api/queries";
import { useAsk } from "../chat/use-ask";
import { formatPeriod } from "../format";
import { platformName } from "../panels/platform-icons";
import { removeLater } from "../removal";
import { NotFound } from "../shell/not-found";
import { ItemEditor, type Edited } from "./item-editor";
import { PlanAround } from "./plan-around";
import { PlanItems } from "./plan-items";
import { planQuery, type Plan } from "./queries";
import { usePlanChange } from "./use-plan-change";
import { Versions } from "./versions";

const PlanCalendar = lazy(async () => ({ default: (await import("./plan-calendar")).PlanCalendar }));

export function PlanPage() {
  const { id = "" } = useParams<{ id: string }>();
  const plan = useQuery(planQuery(id));
  const isGone = plan.error instanceof ApiProblem && [404, 422].includes(plan.error.status);
  if (isGone && !plan.data) return <NotFound />;
  return (
    <Container size="lg" py="lg">
      {plan.data ? (
        <PlanInParts key={plan.data.id} plan={plan.data} isGone={isGone} />
      ) : plan.isError ? (
        <Alert color="red" role="alert" title="It could not be loaded">
          <Stack gap="xs" align="flex-start">
            {sentenceOf(plan.error)}
            <Button variant="default" size="compact-sm" onClick={() => void plan.refetch()}>
              Try again
            </Button>
          </Stack>
        </Alert>
      ) : (
        <Skeleton h="60vh" />
      )}
    </Container>
  );
}

/** A plan; one that `isGone` was deleted in another place while it was looked at. */
function PlanInParts({ plan, isGone }: { plan: Plan; isGone: boolean }) {
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const [view, setView] = useState(isPhone ? "list" : "calendar");
  const [edited, setEdited] = useState<{ post: Edited; isReadOnly: boolean } | null>(null);
  const ask = useAsk();
  const isNewest = plan.id === plan.newest_id && !isGone;
  const open = (post: Edited) => setEdited({ post, isReadOnly: !isNewest });
  const close = () => setEdited(null);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start">
        <div>
          <Group gap="xs">
            <Title order={1} size="h2">
              {plan.title}
            </Title>
            {plan.version > 1 && (
              <Badge variant="default" tt="none">
                Version {plan.version}
              </Badge>
            )}
          </Group>
          {!plan.title.includes(plan.goal) && <Text>{plan.goal}</Text>}
          <Text size="sm" c="dimmed">
            {formatPeriod(plan.start, plan.end)} · {plan.platforms.map(platformName).join(", ")} ·{" "}
            {plan.items?.length ?? 0} posts · times in {plan.timezone}
          </Text>
        </div>
        <Group gap="xs">
          <Button
            variant="default"
            leftSection={<MessageCircleQuestion size={16} aria-hidden />}
            onClick={() => ask({ text: `Tell me about my plan “${plan.title}”`, agent: "planner" })}
          >
            Ask about this
          </Button>
          {!isGone && <More plan={plan} />}
        </Group>
      </Group>
      {isGone ? (
        <Alert color="orange" role="alert" title="This plan was deleted meanwhile, in another place">
          What you see here is all that is left of it.
        </Alert>
      ) : (
        !isNewest && <OldVersion plan={plan} />
      )}
      <Group justify="space-between">
        <SegmentedControl
          aria-label="Posts as"
          value={view}
          onChange={setView}
          data={[
            { value: "calendar", label: "Calendar" },
            { value: "list", label: "List" },
          ]}
        />
        {isNewest && (
          <Button
            variant="light"
            leftSection={<CalendarPlus size={16} aria-hidden />}
            onClick={() => open("new")}
          >
            Add a post
          </Button>
        )}
      </Group>
      {view === "calendar" ? (
        <Suspense fallback={<Skeleton h={640} />}>
          <PlanCalendar plan={plan} onOpen={open} />
        </Suspense>
      ) : (
        <PlanItems plan={plan} onOpen={open} />
      )}
      <PlanAround plan={plan} />
      {edited && (
        <ItemEditor
          plan={plan}
          edited={edited.post}
          isReadOnly={edited.isReadOnly}
          isGone={isGone}
          onClose={close}
        />
      )}
    </Stack>
  );
}

/** An older version is looked at, and may take the newest one's place. */
function OldVersion({ plan }: { plan: Plan }) {
  const [, navigate] = useLocation();
  const restore = usePlanChange(plan.newest_id);
  const { title, goals, pillars, weeks, items, metrics, routine, notes } = plan;
  return (
    <Alert color="orange" title={`This is version ${plan.version}, and there is a newer one`}>
      <Group gap="xs">
        <Button size="compact-sm" variant="default" onClick={() => navigate(`/plans/${plan.newest_id}`)}>
          Show the newest
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          loading={restore.isPending}
          onClick={() =>
            restore.mutate({ title, goals, pillars, weeks, items, metrics, routine, notes })
          }
        >
          Go on with this one
        </Button>
      </Group>
    </Alert>
  );
}

function More({ plan }: { plan: Plan }) {
  const [, navigate] = useLocation();
  const remove = () => {
    navigate("/plans"); // before it is gone: this page would ask for it once more
    removeLater({
      id: plan.job_id,
      message: `“${plan.title}” is deleted.`,
      keys: ["plans"],
      remove: async () => {
        const params = { params: { path: { plan_id: plan.id } }, keepalive: true };
        await take(client.DELETE("/api/plans/{plan_id}", params));
        queryClient.removeQueries({ queryKey: ["plan"] });
      },
    });
  };
  const showVersions = () =>
    modals.open({ title: "Versions", children: <Versions plan={plan} onChosen={modals.closeAll} /> });
  const exportTo = (format: string) => `/api/plans/${plan.id}/export?format=${format}`;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button variant="default" leftSection={<Ellipsis size={16} aria-hidden />}>
          More
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<History size={16} />} onClick={showVersions}>
          Versions
        </Menu.Item>
        <Menu.Label>Take along</Menu.Label>
        <Menu.Item component="a" href={exportTo("csv")} download leftSection={<FileSpreadsheet size={16} />}>
          As a table (CSV)
        </Menu.Item>
        <Menu.Item component="a" href={exportTo("ics")} download leftSection={<CalendarDays size={16} />}>
          As a calendar (ICS)
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<Trash2 size={16} />} onClick={remove}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
