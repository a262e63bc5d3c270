import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { Component, type ReactNode } from "react";

interface Props {
  children: ReactNode;
  /** What stands there instead, if not the way to load again. */
  fallback?: ReactNode;
}

/** What stands in for a page that broke down. */
export class ErrorBoundary extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    if (this.props.fallback !== undefined) return this.props.fallback;
    return (
      <Center mih="50vh" p="md">
        <Stack align="center" gap="xs" role="alert">
          <Title order={1} size="h3">
            This page broke down
          </Title>
          <Text c="dimmed">Your data is safe. Loading the page again usually helps.</Text>
          <Button onClick={() => window.location.reload()}>Load again</Button>
        </Stack>
      </Center>
    );
  }
}
