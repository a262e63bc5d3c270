import { Alert, Button, Drawer, Group, Select, Stack, Text, TextInput, Textarea } from "@mantine/core";
import { useState, type FormEvent } from "react";

import { ApiProblem, sentenceOf } from "../api/client";
import { platformName } from "../panels/platform-icons";
import type { Edited } from "./plan-page";
import type { Plan, PlanItem } from "./queries";
import { usePlanChange } from "./use-plan-change";

interface ItemEditorProps {
  plan: Plan;
  edited: NonNullable<Edited>;
  isReadOnly: boolean;
  onClose: () => void;
}

const freshItem = ({ start, platforms, pillars }: Plan): PlanItem => ({
  date: start,
  time: "18:00:00",
  platform: platforms[0] ?? "instagram",
  format: "post",
  pillar: pillars?.[0]?.name ?? null,
  hook: "",
  caption: "",
  call_to_action: "",
  why: "You added it yourself.",
  no_figure_reason: "It was added by hand.",
});

/** A post of a plan; saving it makes a new version of the plan. */
export function ItemEditor({ plan, edited, isReadOnly, onClose }: ItemEditorProps) {
  const items = plan.items ?? [];
  const [item, setItem] = useState<PlanItem>(
    () => (edited === "new" ? undefined : items[edited]) ?? freshItem(plan),
  );
  const change = usePlanChange(plan.id, onClose);
  const errors: Record<string, string> = change.error instanceof ApiProblem ? change.error.fields : {};
  const set = (changes: Partial<PlanItem>) => setItem({ ...item, ...changes });

  const save = (event: FormEvent) => {
    event.preventDefault();
    const others = edited === "new" ? items : items.filter((_, at) => at !== edited);
    change.mutate({ items: [...others, item].sort(byTime) });
  };
  const remove = () => change.mutate({ items: items.filter((_, at) => at !== edited) });
  const text = (name: "format" | "hook" | "call_to_action") => ({
    value: item[name],
    error: errors[name],
    readOnly: isReadOnly,
    required: true,
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });

  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={480}
      title={edited === "new" ? "Add a post" : isReadOnly ? "A post" : "Edit the post"}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form onSubmit={save}>
        <Stack>
          <Group grow align="flex-start">
            <TextInput
              type="date"
              label="Day"
              required
              readOnly={isReadOnly}
              min={plan.start}
              max={plan.end}
              value={item.date}
              error={errors.date}
              onChange={({ currentTarget: { value } }) => value && set({ date: value })}
            />
            <TextInput
              type="time"
              label="Time"
              required
              readOnly={isReadOnly}
              value={item.time.slice(0, 5)}
              error={errors.time}
              onChange={({ currentTarget: { value } }) => value && set({ time: `${value}:00` })}
            />
          </Group>
          <Group grow align="flex-start">
            <Select
              label="Platform"
              allowDeselect={false}
              readOnly={isReadOnly}
              value={item.platform}
              error={errors.platform}
              data={plan.platforms.map((name) => ({ value: name, label: platformName(name) }))}
              onChange={(name) => name && set({ platform: name as PlanItem["platform"] })}
            />
            <TextInput label="Form" maxLength={80} {...text("format")} />
          </Group>
          <TextInput label="First words" maxLength={200} {...text("hook")} data-autofocus />
          <Textarea
            label="Caption"
            required
            autosize
            minRows={5}
            maxLength={2200}
            readOnly={isReadOnly}
            value={item.caption}
            error={errors.caption}
            onChange={(event) => set({ caption: event.currentTarget.value })}
          />
          <TextInput label="What readers are asked to do" maxLength={200} {...text("call_to_action")} />
          <Text size="sm" c="dimmed">
            Why: {item.why}
          </Text>
          {change.error && (
            <Alert color="red" role="alert" title="It was not saved">
              {sentenceOf(change.error)}
            </Alert>
          )}
          {!isReadOnly && (
            <Group justify="space-between">
              {edited === "new" ? (
                <span />
              ) : (
                <Button variant="default" disabled={change.isPending} onClick={remove}>
                  Remove the post
                </Button>
              )}
              <Button type="submit" loading={change.isPending}>
                Save as a new version
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Drawer>
  );
}

const byTime = (one: PlanItem, other: PlanItem) =>
  `${one.date} ${one.time}`.localeCompare(`${other.date} ${other.time}`);
