import {
  Alert,
  Anchor,
  Button,
  Container,
  Group,
  NumberInput,
  Paper,
  Radio,
  Stack,
  Stepper,
  Text,
  Textarea,
  Title,
} from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link, useLocation } from "wouter";

import { ApiProblem, client, sentenceOf, take } from "../api/client";
import { connectionsQuery, limitsQuery, queryClient } from "../api/queries";
import { addDays, daysBetween, useToday } from "../analytics/asked";
import { formatMoment } from "../format";
import { jobQuery } from "../jobs/queries";
import { useUser } from "../session/session";
import { DaysField } from "./days-field";
import { checkStep, FIELDS_OF_STEP, jobOf, type Errors, type Wishes } from "./wishes";
import { PlatformsField } from "./platforms-field";
import { TextFields } from "./text-fields";

const LAST = 2;

/** Ask for a plan, in three steps; what is wrong is said beside its field. */
export function NewPlanPage() {
  const { brand } = useUser();
  const today = useToday();
  const [, navigate] = useLocation();
  const connections = useQuery(connectionsQuery);
  const connected = [...new Set(connections.data?.items.map(({ platform }) => platform))];
  const isNew = connections.data?.items.length === 0;
  const [step, setStep] = useState(0);
  const [errors, setErrors] = useState<Errors>({});
  const [wishes, setWishes] = useState<Wishes>({
    kind: null,
    goal: "",
    niche: brand?.niche ?? "",
    audience: brand?.audience ?? "",
    voice: brand?.voice ?? "",
    challenges: "",
    hours_per_week: 5,
    platforms: null,
    posts_per_week: 3,
    start: addDays(today, 1),
    end: addDays(today, 28),
  });
  const filled = {
    ...wishes,
    kind: wishes.kind ?? (isNew ? "onboarding" : "content_calendar"),
    platforms: wishes.platforms ?? connected,
  } as const;
  const change = (changes: Partial<Wishes>) => {
    setWishes({ ...wishes, ...changes });
    setErrors({ ...errors, ...Object.fromEntries(Object.keys(changes).map((name) => [name, ""])) });
  };

  const asking = useMutation({
    mutationFn: () => take(client.POST("/api/jobs", { body: jobOf(filled) })),
    onSuccess: (job) => {
      // Its page has seen it open, however soon it is done.
      queryClient.setQueryData(jobQuery(job.id).queryKey, job);
      void queryClient.invalidateQueries({ queryKey: ["jobs"] });
      void queryClient.invalidateQueries({ queryKey: ["limits"] });
      navigate(`/jobs/${job.id}`);
    },
    onError: (error) => {
      if (!(error instanceof ApiProblem)) return;
      setErrors(error.fields);
      const first = FIELDS_OF_STEP.findIndex((names) => names.some((name) => error.fields[name]));
      if (first >= 0) setStep(first);
    },
  });
  const goOn = (event: FormEvent) => {
    event.preventDefault();
    const found = checkStep(step, filled);
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    if (step < LAST) setStep(step + 1);
    else asking.mutate();
  };
  const hasOtherError =
    asking.isError && !(asking.error instanceof ApiProblem && Object.keys(asking.error.fields).length);

  return (
    <Container size="sm" py="lg">
      <Title order={1} size="h2" mb="md">
        New plan
      </Title>
      <Paper
        component="form"
        withBorder
        p="lg"
        onSubmit={goOn}
        noValidate
        aria-label="New plan"
        bg="var(--suite-raised)"
      >
        <Stack gap="lg">
          <Stepper active={step} onStepClick={setStep} allowNextStepsSelect={false} size="xs" iconSize={28}>
            <Stepper.Step label="Kind" />
            <Stepper.Step label="Goal" />
            <Stepper.Step label="Days" />
          </Stepper>
          {step === 0 && (
            <Radio.Group
              label="What shall it be?"
              value={filled.kind}
              onChange={(kind) => change({ kind: kind as Wishes["kind"] })}
            >
              <Stack mt="sm">
                <Radio
                  value="content_calendar"
                  label="Content calendar"
                  description="Posts with drafts and times, chosen by your own numbers."
                  disabled={isNew}
                />
                {isNew && (
                  <Text size="sm" c="dimmed" mt={-8} ml={32}>
                    First{" "}
                    <Anchor component={Link} href="/connections" underline="always" inherit>
                      bring your numbers
                    </Anchor>
                    .
                  </Text>
                )}
                <Radio
                  value="onboarding"
                  label="First plan"
                  description="From what you tell about yourself; needs no numbers yet."
                />
              </Stack>
            </Radio.Group>
          )}
          {step === 1 && (
            <>
              <Textarea
                label="What do you want to reach?"
                placeholder="For example: more listeners before the tour"
                autosize
                required
                data-autofocus
                maxLength={500}
                value={wishes.goal}
                error={errors.goal}
                onChange={(event) => change({ goal: event.currentTarget.value })}
              />
              {filled.kind === "onboarding" && (
                <TextFields wishes={wishes} errors={errors} onChange={change} />
              )}
            </>
          )}
          {step === 2 && (
            <>
              <PlatformsField
                value={filled.platforms}
                connected={filled.kind === "content_calendar" ? connected : null}
                error={errors.platforms}
                onChange={(platforms) => change({ platforms })}
              />
              <DaysField kind={filled.kind} wishes={wishes} errors={errors} today={today} onChange={change} />
              <NumberInput
                label="Posts a week"
                description={`${postsIn(wishes)} posts or so in all`}
                required
                min={1}
                max={21}
                w={180}
                value={wishes.posts_per_week}
                error={errors.posts_per_week}
                onChange={(count) => change({ posts_per_week: Number(count) })}
              />
              <Allowance />
            </>
          )}
          {hasOtherError && (
            <Alert color="red" role="alert" title="It was not asked for">
              {sentenceOf(asking.error)}
            </Alert>
          )}
          <Group justify="space-between">
            {step === 0 ? (
              <Button component={Link} href="/plans" variant="default">
                Cancel
              </Button>
            ) : (
              <Button variant="default" onClick={() => setStep(step - 1)}>
                Back
              </Button>
            )}
            <Button type="submit" loading={asking.isPending}>
              {step < LAST ? "Next" : "Make the plan"}
            </Button>
          </Group>
        </Stack>
      </Paper>
    </Container>
  );
}

const postsIn = ({ start, end, posts_per_week }: Wishes) =>
  Math.max(0, Math.round(((daysBetween(start, end) + 1) / 7) * posts_per_week));

/** How many plans are left today, before one is asked for. */
function Allowance() {
  const { timezone } = useUser();
  const limits = useQuery(limitsQuery);
  if (!limits.data) return null;
  const { used, limit, resets_at } = limits.data.plans;
  const left = Math.max(0, limit - used);
  if (left > 0) {
    return (
      <Text size="sm" c="dimmed">
        {left === 1 ? "This is the last plan" : `${left} of ${limit} plans are left`} today.
      </Text>
    );
  }
  return (
    <Alert color="orange" title="Today’s plans are used up">
      {resets_at ? `There are new ones on ${formatMoment(resets_at, timezone)}.` : "Ask again tomorrow."}
    </Alert>
  );
}
