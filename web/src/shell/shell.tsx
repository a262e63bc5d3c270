import { AppShell, Center, Drawer, Loader, ScrollArea } from "@mantine/core";
import { useDisclosure, useHotkeys, useMediaQuery } from "@mantine/hooks";
import { useSpotlight } from "@mantine/spotlight";
import { Suspense, useEffect, useState } from "react";
import { Route, Switch, useLocation } from "wouter";

import { useLiveChanges } from "../api/live";
import { Conversations } from "../chat/conversations";
import { ErrorBoundary } from "../error-boundary";
import { lazyNamed } from "../lazy-named";
import { Around } from "../panels/around";
import { Platforms } from "../panels/platforms";
import { Header, Navigation } from "./header";
import { NotFound } from "./not-found";
import { ChatPage, isChatAt, PAGES } from "./pages";
import { palette, paletteStore } from "./palette-store";
import classes from "./shell.module.css";

const Palette = lazyNamed(() => import("./palette"), "Palette");

const CONTENT = "content";
const CLOSE = { "aria-label": "Close" };
const DRAWER = { header: { padding: "var(--mantine-spacing-sm) var(--mantine-spacing-md)" } };

/** The page's frame: conversations and platforms left, insights and goals right of the chat. */
export function Shell() {
  useLiveChanges();
  useHotkeys([["mod+K", palette.toggle]], []);
  const [path] = useLocation();
  const isChat = isChatAt(path);
  const hasSides = useMediaQuery("(min-width: 75em)", true, { getInitialValueInEffect: false });
  const [isLeftOpen, left] = useDisclosure();
  const [isRightOpen, right] = useDisclosure();

  // A drawer has done its work when it led somewhere else.
  const { close: closeLeft } = left;
  const { close: closeRight } = right;
  useEffect(() => {
    closeLeft();
    closeRight();
  }, [path, closeLeft, closeRight]);

  const leftSide = (
    <div className={classes.side}>
      <Conversations />
      <Platforms />
    </div>
  );

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 288, breakpoint: "lg", collapsed: { mobile: true, desktop: !isChat } }}
      aside={{ width: 328, breakpoint: "lg", collapsed: { mobile: true, desktop: !isChat } }}
      transitionDuration={0}
    >
      <a href={`#${CONTENT}`} className={classes.skip}>
        Skip to the content
      </a>
      <AppShell.Header>
        <Header
          isChat={isChat}
          hasSides={hasSides}
          onOpenLeft={left.open}
          onOpenRight={right.open}
        />
      </AppShell.Header>
      {isChat && hasSides && (
        <>
          <AppShell.Navbar aria-label="Conversations and platforms">{leftSide}</AppShell.Navbar>
          <AppShell.Aside aria-label="Insights and goals">
            <ScrollArea h="100%" type="auto">
              <Around />
            </ScrollArea>
          </AppShell.Aside>
        </>
      )}
      {!hasSides && (
        <>
          <Drawer
            opened={isLeftOpen}
            onClose={left.close}
            title="Dream Suite"
            size={320}
            padding={0}
            closeButtonProps={CLOSE}
            styles={DRAWER}
          >
            <div className={classes.drawer}>
              <Navigation />
              {leftSide}
            </div>
          </Drawer>
          <Drawer
            opened={isRightOpen}
            onClose={right.close}
            title="Today"
            position="right"
            size={344}
            padding={0}
            closeButtonProps={CLOSE}
            styles={DRAWER}
          >
            <Around />
          </Drawer>
        </>
      )}
      <AppShell.Main className={classes.main} id={CONTENT} tabIndex={-1}>
        <ErrorBoundary key={isChat ? "chat" : path}>
          <Suspense
            fallback={
              <Center h="50vh">
                <Loader aria-label="Loading" />
              </Center>
            }
          >
            {isChat ? (
              <ChatPage />
            ) : (
              <Switch>
                {PAGES.map(({ path: at, title, component: Page }) => (
                  <Route key={at} path={at}>
                    <PageTitle title={title} />
                    <Page />
                  </Route>
                ))}
                <Route component={NotFound} />
              </Switch>
            )}
          </Suspense>
        </ErrorBoundary>
      </AppShell.Main>
      <AskedPalette />
    </AppShell>
  );
}

/** The palette, once it has been asked for. */
function AskedPalette() {
  const { opened: isOpen } = useSpotlight(paletteStore);
  const [isAsked, setIsAsked] = useState(isOpen);
  if (isOpen && !isAsked) setIsAsked(true);
  if (!isAsked) return null;
  return (
    <ErrorBoundary fallback={null}>
      <Suspense>
        <Palette />
      </Suspense>
    </ErrorBoundary>
  );
}

/** What the browser's tab says. */
function PageTitle({ title }: { title: string }) {
  useEffect(() => {
    const usual = document.title;
    document.title = `${title} · ${usual}`;
    return () => {
      document.title = usual;
    };
  }, [title]);
  return null;
}
