import { Alert, Button, Drawer, Group, Select, Stack, Text, TextInput, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { ApiProblem, sentenceOf } from "../api/client";
import { platformName } from "../panels/platform-icons";
import { placeOf, putInto, without } from "./put-into";
import { planQuery, type Plan, type PlanItem } from "./queries";
import { usePlanChange } from "./use-plan-change";

/** The number of the post that is edited; `new` for one more. */
export type Edited = number | "new";

interface ItemEditorProps {
  plan: Plan;
  edited: Edited;
  isReadOnly: boolean;
  isGone: boolean;
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
export function ItemEditor({ plan, edited, isReadOnly, isGone, onClose }: ItemEditorProps) {
  const [before] = useState(() => (edited === "new" ? null : (plan.items?.[edited] ?? null)));
  const [item, setItem] = useState<PlanItem>(before ?? freshItem(plan));
  // Another browser may have changed the plan since: what is written here goes into the newest.
  const isBehind = plan.newest_id !== plan.id;
  const newest = useQuery({ ...planQuery(plan.newest_id), enabled: isBehind && !isReadOnly });
  const items = (isBehind ? newest.data : plan)?.items ?? [];
  const place = before ? placeOf(items, before) : -1;
  const change = usePlanChange(plan.newest_id, onClose);
  const problem = change.error instanceof ApiProblem ? change.error : null;
  const errors: Record<string, string> = problem?.fields ?? {};
  const isWaiting = isBehind && !newest.data;
  const set = (changes: Partial<PlanItem>) => setItem({ ...item, ...changes });

  const save = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ items: putInto(items, before, item) });
  };
  const remove = () => change.mutate({ items: without(items, place) });
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
          {isGone && !isReadOnly && (
            <Alert color="orange" role="alert" title="The plan was deleted meanwhile, in another place">
              It cannot be saved any more. Copy what you want to keep.
            </Alert>
          )}
          {isBehind && !isReadOnly && !isGone && (
            <Alert color="orange" role="alert" title="The plan was changed meanwhile, in another place">
              {before && place < 0 && newest.data
                ? "So was this post, or it was removed: yours is put beside the others."
                : "Nothing of it is lost: your post is put into the newest version."}
            </Alert>
          )}
          {change.error && problem?.code !== "plan_changed" && (
            <Alert color="red" role="alert" title="It was not saved">
              {sentenceOf(change.error)}
            </Alert>
          )}
          {!isReadOnly && (
            <Group justify="space-between">
              {before && (
                <Button variant="default" disabled={change.isPending || isGone || place < 0} onClick={remove}>
                  Remove the post
                </Button>
              )}
              <Button type="submit" ml="auto" disabled={isWaiting || isGone} loading={change.isPending}>
                Save as a new version
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Drawer>
  );
}
