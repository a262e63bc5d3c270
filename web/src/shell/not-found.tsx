import { Anchor, Center, Stack, Text, Title } from "@mantine/core";
import { Link } from "wouter";

export function NotFound() {
  return (
    <Center mih="50vh" p="md">
      <Stack align="center" gap="xs">
        <Title order={1} size="h3">
          There is nothing here
        </Title>
        <Text c="dimmed">The address may be old, or mistyped.</Text>
        <Anchor component={Link} href="/" underline="always">
          To the chat
        </Anchor>
      </Stack>
    </Center>
  );
}
