import {
  Alert,
  Anchor,
  Button,
  Center,
  Divider,
  Group,
  Paper,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { ApiProblem, client, sentenceOf, take } from "../api/client";
import { Logo } from "../shell/logo";
import { beginSession } from "./session";

interface SignInProps {
  has_demo: boolean;
  has_mail: boolean;
  hasEnded: boolean;
}

const OWN_TIMEZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function SignIn({ has_demo, has_mail, hasEnded }: SignInProps) {
  const [isNew, setIsNew] = useState(false);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");

  const entering = useMutation({
    mutationFn: (way: "login" | "register" | "demo") => {
      const body = { email, password };
      switch (way) {
        case "demo":
          return take(client.POST("/api/auth/demo"));
        case "login":
          return take(client.POST("/api/auth/login", { body }));
        case "register":
          return take(
            client.POST("/api/auth/register", {
              body: { ...body, timezone: OWN_TIMEZONE, locale: navigator.language },
            }),
          );
      }
    },
    onSuccess: ({ user }) => beginSession(user),
  });
  const fields = entering.error instanceof ApiProblem ? entering.error.fields : {};
  const hasFields = Object.keys(fields).length > 0;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    entering.mutate(isNew ? "register" : "login");
  };

  return (
    <Center component="main" mih="100vh" p="md">
      <Stack w="100%" maw={400} gap="lg">
        <Stack align="center" gap={4}>
          <Logo size={48} />
          <Title order={1} size="h2">
            Dream Suite
          </Title>
          <Text c="dimmed" ta="center">
            An AI team that knows your numbers.
          </Text>
        </Stack>
        {hasEnded && (
          <Alert color="violet" role="status" variant="outline">
            Your session has ended. Sign in again to go on where you were.
          </Alert>
        )}
        <Paper withBorder p="lg" radius="lg" bg="var(--suite-raised)">
          <form onSubmit={submit}>
            <Stack>
              <TextInput
                label="E-mail"
                type="email"
                name="email"
                autoComplete="username"
                required
                withAsterisk={false}
                value={email}
                error={fields.email}
                onChange={(event) => setEmail(event.currentTarget.value)}
              />
              <PasswordInput
                label="Password"
                name="password"
                autoComplete={isNew ? "new-password" : "current-password"}
                description={isNew ? "At least 8 characters" : undefined}
                required
                withAsterisk={false}
                value={password}
                error={fields.password}
                onChange={(event) => setPassword(event.currentTarget.value)}
              />
              {entering.error && !hasFields && (
                <Text c="var(--mantine-color-error)" size="sm" role="alert">
                  {sentenceOf(entering.error)}
                </Text>
              )}
              <Button type="submit" loading={entering.isPending && entering.variables !== "demo"}>
                {isNew ? "Create account" : "Sign in"}
              </Button>
            </Stack>
          </form>
          {has_demo && (
            <>
              <Divider label="or" my="md" />
              <Button
                fullWidth
                variant="default"
                loading={entering.isPending && entering.variables === "demo"}
                onClick={() => entering.mutate("demo")}
              >
                Try the demo
              </Button>
              <Text size="xs" c="dimmed" ta="center" mt={6}>
                A singer-songwriter with a year of numbers. No account needed.
              </Text>
            </>
          )}
        </Paper>
        {has_mail && !isNew && (
          <Anchor href="/reset-password" size="sm" underline="always" ta="center" mb={-12}>
            Forgotten your password?
          </Anchor>
        )}
        <Group justify="center" gap={6}>
          <Text size="sm">{isNew ? "You have an account?" : "New here?"}</Text>
          <Anchor component="button" size="sm" underline="always" onClick={() => setIsNew(!isNew)}>
            {isNew ? "Sign in" : "Create an account"}
          </Anchor>
        </Group>
      </Stack>
    </Center>
  );
}
