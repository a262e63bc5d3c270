import { Button, Center, Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect, useState } from "react";

import { sentenceOf, setSessionEndListener } from "./api/client";
import { sessionQuery } from "./api/queries";
import { lazyNamed } from "./lazy-named";
import { noteSessionEnd, UserContext } from "./session/session";
import { expectChat } from "./shell/pages";
import { Shell } from "./shell/shell";

const SignIn = lazyNamed(() => import("./session/sign-in"), "SignIn");

export function App() {
  const session = useQuery(sessionQuery);
  useEffect(() => setSessionEndListener(noteSessionEnd), []);
  const [hasPage, setHasPage] = useState(false);
  useEffect(() => void expectChat(window.location.pathname).then(() => setHasPage(true)), []);

  if (session.data?.user && hasPage) {
    return (
      <UserContext value={session.data.user}>
        <Shell />
      </UserContext>
    );
  }
  if (session.data && !session.data.user) {
    return (
      <Suspense fallback={<Opening />}>
        <SignIn {...session.data} />
      </Suspense>
    );
  }
  if (!session.error) return <Opening />;
  return (
    <Center mih="100vh">
      <Stack align="center" role="alert">
        <Text>{sentenceOf(session.error)}</Text>
        <Button onClick={() => void session.refetch()}>Try again</Button>
      </Stack>
    </Center>
  );
}

const Opening = () => (
  <Center mih="100vh">
    <Loader aria-label="Loading" />
  </Center>
);
