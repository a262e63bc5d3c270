import { Button, Center, Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { sentenceOf, setSessionEndListener } from "./api/client";
import { sessionQuery } from "./api/queries";
import { noteSessionEnd, UserContext } from "./session/session";
import { SignIn } from "./session/sign-in";
import { Shell } from "./shell/shell";

export function App() {
  const session = useQuery(sessionQuery);
  useEffect(() => setSessionEndListener(noteSessionEnd), []);

  if (session.data?.user) {
    return (
      <UserContext value={session.data.user}>
        <Shell />
      </UserContext>
    );
  }
  if (session.data) return <SignIn {...session.data} />;
  return (
    <Center mih="100vh">
      {session.error ? (
        <Stack align="center" role="alert">
          <Text>{sentenceOf(session.error)}</Text>
          <Button onClick={() => void session.refetch()}>Try again</Button>
        </Stack>
      ) : (
        <Loader aria-label="Loading" />
      )}
    </Center>
  );
}
