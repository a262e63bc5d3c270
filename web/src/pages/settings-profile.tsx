import { Button, Group, Modal, PasswordInput, Paper, Progress, Skeleton, Stack, Text, Textarea, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { client, sentenceOf, take } from "../api/client";
import { limitsQuery, useChange } from "../api/queries";
import { formatCount, formatMoment } from "../format";
import { useUser } from "../session/session";
import { Email } from "./settings-email";

const BRAND_FIELDS = [
  { name: "niche", label: "What you make", example: "quiet indie folk" },
  { name: "voice", label: "How you sound", example: "warm, plain, first person" },
  { name: "audience", label: "Whom you reach", example: "listeners from 20 to 35 in Europe" },
] as const;

export function Profile() {
  return (
    <Stack gap="lg">
      <Brand />
      <Email />
      <Usage />
      <Password />
      <Farewell />
    </Stack>
  );
}

function Brand() {
  const user = useUser();
  const [brand, setBrand] = useState({
    niche: user.brand?.niche ?? "",
    voice: user.brand?.voice ?? "",
    audience: user.brand?.audience ?? "",
  });
  const save = useChange(
    () => {
      const known = Object.entries(brand).filter(([, text]) => text.trim());
      return take(client.PATCH("/api/me", { body: { brand: Object.fromEntries(known) } }));
    },
    {
      keys: ["session"],
      onDone: () => notifications.show({ message: "Your brand is saved." }),
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <Paper component="form" withBorder p="lg" radius="md" onSubmit={submit} aria-label="Your brand">
      <Stack>
        <div>
          <Title order={2} size="h4">
            Your brand
          </Title>
          <Text size="sm" c="dimmed">
            Every agent reads this before it answers you.
          </Text>
        </div>
        {BRAND_FIELDS.map(({ name, label, example }) => (
          <Textarea
            key={name}
            label={label}
            placeholder={`For example: ${example}`}
            autosize
            maxLength={500}
            value={brand[name]}
            onChange={(event) => setBrand({ ...brand, [name]: event.currentTarget.value })}
          />
        ))}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}

function Usage() {
  const user = useUser();
  const limits = useQuery(limitsQuery);
  if (!limits.data) return limits.isError ? null : <Skeleton h={210} radius="md" />;
  const { tier, model_tokens, plans, jobs } = limits.data;
  const rows = [
    { label: "Model tokens", ...model_tokens },
    { label: "Content plans", ...plans },
    { label: "Other jobs", ...jobs },
  ];
  return (
    <Paper withBorder p="lg" radius="md" component="section" aria-label="Today’s use">
      <Stack>
        <div>
          <Title order={2} size="h4">
            Today’s use
          </Title>
          <Text size="sm" c="dimmed">
            Your account is on the tier “{tier}”.
            {model_tokens.resets_at &&
              ` The count begins anew on ${formatMoment(model_tokens.resets_at, user.timezone)}.`}
          </Text>
        </div>
        {rows.map(({ label, used, limit }) => (
          <div key={label}>
            <Group justify="space-between" mb={4}>
              <Text size="sm">{label}</Text>
              <Text size="sm" c="dimmed">
                {formatCount(used)} of {formatCount(limit)}
              </Text>
            </Group>
            <Progress value={limit ? (100 * used) / limit : 0} aria-label={label} />
          </div>
        ))}
      </Stack>
    </Paper>
  );
}

function Password() {
  const [password, setPassword] = useState("");
  const [wanted, setWanted] = useState("");
  const change = useMutation({
    mutationFn: () =>
      take(client.POST("/api/me/password", { body: { password, new_password: wanted } })),
    onSuccess: () => {
      setPassword("");
      setWanted("");
      notifications.show({ message: "Your password is changed." });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Paper component="form" withBorder p="lg" radius="md" onSubmit={submit} aria-label="Password">
      <Stack>
        <Title order={2} size="h4">
          Password
        </Title>
        <PasswordInput
          label="The one you have"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <PasswordInput
          label="A new one"
          description="At least 8 characters"
          autoComplete="new-password"
          minLength={8}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        {change.error && (
          <Text c="var(--mantine-color-error)" size="sm" role="alert">
            {sentenceOf(change.error)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button type="submit" disabled={!password || !wanted} loading={change.isPending}>
            Change
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}

function Farewell() {
  const [isOpen, { open, close }] = useDisclosure();
  const [password, setPassword] = useState("");
  const leave = useMutation({
    mutationFn: () => take(client.DELETE("/api/me", { body: { password } })),
    onSuccess: () => window.location.assign("/"),
  });
  return (
    <Paper withBorder p="lg" radius="md" component="section" aria-label="Delete the account">
      <Group justify="space-between">
        <div>
          <Title order={2} size="h4">
            Delete the account
          </Title>
          <Text size="sm" c="dimmed">
            All your numbers, conversations and plans go with it, for good.
          </Text>
        </div>
        <Button color="red.9" onClick={open}>
          Delete …
        </Button>
      </Group>
      <Modal opened={isOpen} onClose={close} title="Delete the account for good?">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            leave.mutate();
          }}
        >
          <Stack>
            <PasswordInput
              label="Your password"
              autoComplete="current-password"
              data-autofocus
              value={password}
              error={leave.error && sentenceOf(leave.error)}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Keep it
              </Button>
              <Button type="submit" color="red" disabled={!password} loading={leave.isPending}>
                Delete for good
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </Paper>
  );
}
