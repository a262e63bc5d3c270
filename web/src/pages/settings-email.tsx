import { Badge, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { client, take } from "../api/client";
import { sessionQuery, useChange } from "../api/queries";
import { useUser } from "../session/session";

/** Whether the address is known to be the creator's, and the mail that shows it. */
export function Email() {
  const { email, is_email_verified } = useUser();
  // The link of the mail is opened in another tab.
  const session = useQuery({ ...sessionQuery, staleTime: 0, refetchOnWindowFocus: !is_email_verified });
  return (
    <Paper withBorder p="lg" radius="md" component="section" aria-label="Your e-mail">
      <Stack gap="xs" align="flex-start">
        <Title order={2} size="h4">
          Your e-mail
        </Title>
        <Group gap="sm">
          <Text style={{ overflowWrap: "anywhere" }}>{email}</Text>
          <Badge variant="dot" tt="none" color={is_email_verified ? "teal" : "orange"}>
            {is_email_verified ? "Verified" : "Not verified"}
          </Badge>
        </Group>
        {!is_email_verified && (session.data?.has_mail ? <Verification /> : <NoMail />)}
      </Stack>
    </Paper>
  );
}

const NoMail = () => (
  <Text size="sm" c="dimmed">
    This server sends no mails, so there is none to verify it with.
  </Text>
);

function Verification() {
  const send = useChange(() => take(client.POST("/api/me/verify-email")), { keys: ["session"] });
  if (send.isSuccess) {
    return (
      <Text size="sm" role="status">
        A mail with a link is on its way. Nothing there? There is one in five minutes at most.
      </Text>
    );
  }
  return (
    <>
      <Text size="sm" c="dimmed">
        Open the link in the mail that you got. Until then, nothing else is mailed to you.
      </Text>
      <Button
        size="xs"
        variant="default"
        loading={send.isPending}
        onClick={() => send.mutate(undefined)}
      >
        Send it again
      </Button>
    </>
  );
}
