import { Button, Group, Paper, SegmentedControl, Select, Stack, Text, TextInput, useMantineColorScheme } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState, type FormEvent } from "react";

import { client, take } from "../api/client";
import { useChange } from "../api/queries";
import { useUser } from "../session/session";

const TIMEZONES = Intl.supportedValuesOf("timeZone");

export function Preferences() {
  return (
    <Stack gap="lg">
      <Colours />
      <Region />
    </Stack>
  );
}

function Colours() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Paper withBorder p="lg" radius="md">
      <Group justify="space-between">
        <Text fw={500} id="colours">
          Colours
        </Text>
        <SegmentedControl
          aria-labelledby="colours"
          value={colorScheme}
          onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)}
          data={[
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
            { value: "auto", label: "As the system" },
          ]}
        />
      </Group>
    </Paper>
  );
}

function Region() {
  const user = useUser();
  const [timezone, setTimezone] = useState(user.timezone);
  const [locale, setLocale] = useState(user.locale);
  const save = useChange(() => take(client.PATCH("/api/me", { body: { timezone, locale } })), {
    keys: ["session", "analytics", "goals", "suggestions", "limits"],
    onDone: () => notifications.show({ message: "Your preferences are saved." }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  const timezones = TIMEZONES.includes(timezone) ? TIMEZONES : [timezone, ...TIMEZONES];
  return (
    <Paper component="form" withBorder p="lg" radius="md" onSubmit={submit} aria-label="Region">
      <Stack>
        <Select
          label="Time zone"
          description="It decides which day a moment belongs to."
          searchable
          allowDeselect={false}
          data={timezones}
          limit={60}
          value={timezone}
          onChange={(zone) => zone && setTimezone(zone)}
        />
        <TextInput
          label="Language tag"
          description="Such as en, en-US or pt. It decides whether 5/6 is 5 June or May 6."
          value={locale}
          onChange={(event) => setLocale(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}
