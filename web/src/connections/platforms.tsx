import { Button, Group, Stack, Text } from "@mantine/core";

import type { Schema } from "../api/client";
import { PlatformIcon, platformName } from "../panels/platform-icons";
import { FILE_FIELD } from "./import-form";

type Platform = Schema["PlatformAccessOut"];

const FILES: Record<Platform["platform"], string> = {
  instagram: "a CSV of daily numbers or posts",
  facebook: "a CSV of daily numbers or posts",
  youtube: "YouTube Studio’s export, or a CSV",
  spotify: "Spotify for Artists’ audience timeline, or a CSV",
};

/** Each platform with the way its numbers can come: by a sign-in there, or from files. */
export function Platforms({ platforms }: { platforms: Platform[] }) {
  return (
    <Stack gap="md">
      {platforms.every(({ reason }) => reason === "not_configured") && (
        <Text size="sm" c="dimmed">
          This server cannot fetch numbers from the platforms itself. Bring them as files.
        </Text>
      )}
      {platforms.map((each) => (
        <Row key={each.platform} {...each} />
      ))}
    </Stack>
  );
}

function Row({ platform, state, can_connect, connect_url }: Platform) {
  const name = platformName(platform);
  return (
    <Group component="article" wrap="nowrap" gap="sm" aria-label={name}>
      <PlatformIcon platform={platform} />
      <Stack gap={0} flex={1} miw={0}>
        <Text fw={600}>{name}</Text>
        <Text size="sm" c="dimmed">
          {can_connect ? CONNECTED[state] : `Takes ${FILES[platform]}.`}
        </Text>
      </Stack>
      {can_connect && connect_url ? (
        <Button
          component="a"
          href={connect_url}
          size="xs"
          variant={state === "connected" ? "default" : "filled"}
          style={{ flexShrink: 0 }}
          aria-label={`${ACTIONS[state]}: ${name}`}
        >
          {ACTIONS[state]}
        </Button>
      ) : (
        <Button
          size="xs"
          variant="default"
          style={{ flexShrink: 0 }}
          aria-label={`Import a file of ${name}`}
          onClick={() => document.getElementById(FILE_FIELD)?.focus()}
        >
          Import
        </Button>
      )}
    </Group>
  );
}

const CONNECTED = {
  none: "Not connected.",
  imported: "Its numbers come from files. Connected, they come by themselves.",
  connected: "Connected: its numbers come by themselves.",
  needs_reconnect: "The sign-in has ended.",
} satisfies Record<Platform["state"], string>;

const ACTIONS = {
  none: "Connect",
  imported: "Connect",
  connected: "Connect another",
  needs_reconnect: "Reconnect",
} satisfies Record<Platform["state"], string>;
