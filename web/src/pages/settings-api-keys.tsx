import { Alert, Button, Code, CopyButton, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { client, sentenceOf, take, type Schema } from "../api/client";
import { useChange } from "../api/queries";
import { formatMoment } from "../format";
import { useUser } from "../session/session";
import classes from "./settings-api-keys.module.css";

type ApiKey = Schema["ApiKeyOut"];

export function ApiKeys() {
  const keys = useQuery({
    queryKey: ["api-keys"],
    queryFn: () => take(client.GET("/api/api-keys", { params: { query: { limit: 100 } } })),
  });
  return (
    <Stack gap="lg">
      <NewKey />
      <Paper withBorder p="lg" radius="md" component="section" aria-label="Your API keys">
        <Title order={2} size="h4" mb="sm">
          Your API keys
        </Title>
        {keys.isError && <Text role="alert">{sentenceOf(keys.error)}</Text>}
        {keys.data?.items.length === 0 && (
          <Text size="sm" c="dimmed">
            None yet. A program of yours sends its key as “Authorization: Bearer …”.
          </Text>
        )}
        {keys.data && keys.data.items.length > 0 && (
          <Stack component="ul" gap="sm" className={classes.keys}>
            {keys.data.items.map((key) => (
              <Key key={key.id} apiKey={key} />
            ))}
          </Stack>
        )}
      </Paper>
    </Stack>
  );
}

function NewKey() {
  const [name, setName] = useState("");
  const create = useChange((named: string) => take(client.POST("/api/api-keys", { body: { name: named } })), {
    keys: ["api-keys"],
    onDone: () => setName(""),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(name);
  };
  return (
    <Paper component="form" withBorder p="lg" radius="md" onSubmit={submit} aria-label="New API key">
      <Stack>
        <Group align="flex-end">
          <TextInput
            flex={1}
            label="Name of a new key"
            placeholder="My website"
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" disabled={!name.trim()} loading={create.isPending}>
            Make a key
          </Button>
        </Group>
        {create.data && (
          <Alert title="Copy it now: it is shown this once" variant="outline" role="status">
            <Group gap="xs">
              <Code style={{ overflowWrap: "anywhere" }}>{create.data.key}</Code>
              <CopyButton value={create.data.key}>
                {({ copied, copy }) => (
                  <Button size="compact-sm" variant="default" onClick={copy}>
                    {copied ? "Copied" : "Copy"}
                  </Button>
                )}
              </CopyButton>
            </Group>
          </Alert>
        )}
      </Stack>
    </Paper>
  );
}

function Key({ apiKey: { id, name, prefix, last_used_at } }: { apiKey: ApiKey }) {
  const user = useUser();
  const revoke = useChange(
    () => take(client.DELETE("/api/api-keys/{key_id}", { params: { path: { key_id: id } } })),
    { keys: ["api-keys"] },
  );
  const confirm = () =>
    modals.openConfirmModal({
      title: "Revoke this key?",
      children: <Text size="sm">Programs that use “{name}” are refused from then on.</Text>,
      labels: { confirm: "Revoke", cancel: "Keep" },
      confirmProps: { color: "red" },
      onConfirm: () => revoke.mutate(undefined),
    });
  return (
    <li className={classes.key}>
      <div>
        <Text fw={500} style={{ overflowWrap: "anywhere" }}>
          {name}
        </Text>
        <Text size="sm" c="dimmed">
          <Code>{prefix}…</Code>{" "}
          {last_used_at ? `last used on ${formatMoment(last_used_at, user.timezone)}` : "never used"}
        </Text>
      </div>
      <Button
        size="compact-sm"
        color="red"
        variant="subtle"
        aria-label={`Revoke ${name}`}
        loading={revoke.isPending}
        onClick={confirm}
      >
        Revoke
      </Button>
    </li>
  );
}
