import { Button, Card, Group, Stack, Text } from "@mantine/core";
import { Hand } from "lucide-react";
import { Suspense, useState } from "react";

import { lazyNamed } from "../lazy-named";
import classes from "./approval-card.module.css";
import {
  fieldsOf,
  labelOf,
  textOfArgument,
  type Arguments,
  type ArgumentsSchema,
} from "./arguments";
import type { Decide, Refusal } from "./decisions";
import type { ToolPart } from "./messages";
import { titleOf } from "./tool-titles";

const ApprovalEdit = lazyNamed(() => import("./approval-edit"), "ApprovalEdit");

interface Descriptor {
  title?: string;
  input?: Arguments;
  fields?: ArgumentsSchema;
}

interface ApprovalCardProps {
  part: ToolPart;
  refusal: Refusal | undefined;
  onDecide: Decide;
}

/** Something that changes the creator's things: it waits for their word. */
export function ApprovalCard({ part, refusal, onDecide }: ApprovalCardProps) {
  const [isEditing, setIsEditing] = useState(false);
  if (!("approval" in part) || !part.approval) return null;
  const { id } = part.approval;
  const isDecided = part.state === "approval-responded";
  const { title, input = {}, fields: schema = {} } = (part.approval.descriptor ?? {}) as Descriptor;
  const fields = fieldsOf(schema);
  return (
    <Card withBorder padding="md" role="group" aria-label="Your approval is needed">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Hand size={20} aria-hidden style={{ flexShrink: 0, marginTop: 2 }} />
        <Stack gap="sm" flex={1} miw={0}>
          <Text size="sm" fw={600}>
            {title ?? `${titleOf(part.toolName)}?`}
          </Text>
          {isEditing ? (
            <Suspense fallback={<Proposed input={input} />}>
              <ApprovalEdit
                fields={fields}
                input={input}
                errors={refusal?.approval === id ? refusal.fields : {}}
                isSending={isDecided}
                onApprove={(edited) => onDecide(id, { type: "edit", input: edited })}
                onCancel={() => setIsEditing(false)}
              />
            </Suspense>
          ) : (
            <>
              <Proposed input={input} />
              <Group gap="xs">
                <Button
                  size="xs"
                  disabled={isDecided}
                  onClick={() => onDecide(id, { type: "approve" })}
                >
                  Approve
                </Button>
                {fields.length > 0 && (
                  <Button
                    size="xs"
                    variant="default"
                    disabled={isDecided}
                    onClick={() => setIsEditing(true)}
                  >
                    Edit
                  </Button>
                )}
                <Button
                  size="xs"
                  variant="default"
                  disabled={isDecided}
                  onClick={() => onDecide(id, { type: "reject" })}
                >
                  Reject
                </Button>
              </Group>
            </>
          )}
          <Text size="xs" c="dimmed">
            Nothing changes before you approve.
          </Text>
        </Stack>
      </Group>
    </Card>
  );
}

function Proposed({ input }: { input: Arguments }) {
  return (
    <dl className={classes.proposed}>
      {Object.entries(input).map(([name, value]) => (
        <div key={name}>
          <dt>{labelOf(name)}</dt>
          <dd>{textOfArgument(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
