import { Anchor, Checkbox, Paper, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";

import { client, take, type Schema } from "../api/client";
import { sessionQuery, useChange } from "../api/queries";
import { useUser } from "../session/session";

type Type = Schema["NotificationOut"]["type"];

const TITLES: Partial<Record<Type, string>> = {
  plan_ready: "A plan is ready",
  job_completed: "Other work is done",
  job_failed: "Work in the background failed",
  insight: "New insights",
  milestone: "A goal’s milestone is reached",
  reconnect: "An account has to be connected anew",
  sync_failed: "Numbers could not be fetched",
  tier_limit_reached: "A limit is reached",
};

/** Why none of the mails come, where none do. */
function Mails() {
  const { is_email_verified } = useUser();
  const session = useQuery(sessionQuery);
  if (!session.data?.has_mail) return "This server sends no mails.";
  if (is_email_verified) return null;
  return (
    <>
      Mails come once your{" "}
      <Anchor component={Link} href="/settings/profile" underline="always" inherit>
        address is verified
      </Anchor>
      .
    </>
  );
}

/** What the creator is told about, in the app and by mail. */
export function NotificationPreferences() {
  const user = useUser();
  const save = useChange(
    ({ type, ...change }: { type: Type; in_app?: boolean; by_mail?: boolean }) =>
      take(client.PATCH("/api/me", { body: { notifications: { [type]: change } } })),
    { keys: ["session", "notifications"] },
  );
  return (
    <Paper withBorder p="lg" component="section" aria-label="What you are told">
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          Changes are saved at once. <Mails />
        </Text>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>About</Table.Th>
              <Table.Th>In the app</Table.Th>
              <Table.Th>By mail</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(Object.entries(TITLES) as [Type, string][]).map(([type, title]) => {
              const channels = user.notifications[type];
              if (!channels) return null;
              return (
                <Table.Tr key={type}>
                  <Table.Td>{title}</Table.Td>
                  <Table.Td>
                    <Checkbox
                      aria-label={`${title}: in the app`}
                      checked={channels.in_app}
                      disabled={save.isPending}
                      onChange={({ currentTarget }) =>
                        save.mutate({ type, in_app: currentTarget.checked })
                      }
                    />
                  </Table.Td>
                  <Table.Td>
                    {channels.by_mail !== null && (
                      <Checkbox
                        aria-label={`${title}: by mail`}
                        checked={channels.by_mail}
                        disabled={save.isPending}
                        onChange={({ currentTarget }) =>
                          save.mutate({ type, by_mail: currentTarget.checked })
                        }
                      />
                    )}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Stack>
    </Paper>
  );
}
