import { createSpotlight, Spotlight, useSpotlight, type SpotlightActionData } from "@mantine/spotlight";
import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue, useMounted } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { FileText, KeyRound, MessageCircle, Moon, Plus, Search, Settings, Sun } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";

import { client, take } from "../api/client";
import { suggestionsQuery } from "../api/queries";
import { addressOf } from "../chat/conversation-address";
import { useAsk } from "../chat/use-ask";
import { NAVIGATION } from "./pages";
import { paletteStore } from "./palette-store";

const ICON = 18;
const [closedStore] = createSpotlight();

/** Ctrl+K: pages, conversations, questions and what else one may want to do. */
export function Palette() {
  const [, navigate] = useLocation();
  const ask = useAsk();
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme("light") === "dark";
  const { opened: isOpen } = useSpotlight(paletteStore);
  // What is open from the beginning does not know where the focus goes when it closes.
  const isMounted = useMounted();
  const [query, setQuery] = useState("");
  const [search] = useDebouncedValue(query.trim(), 200);

  const conversations = useQuery({
    queryKey: ["conversations", "palette", search],
    queryFn: () =>
      take(
        client.GET("/api/conversations", {
          params: { query: { limit: 6, search: search || undefined } },
        }),
      ),
    enabled: isOpen,
    placeholderData: keepPreviousData,
    refetchInterval: false,
  });
  const suggestions = useQuery({ ...suggestionsQuery, enabled: isOpen });

  const goTo = (id: string, label: string, href: string, icon: typeof Plus): SpotlightActionData => {
    const Icon = icon;
    return { id, label, leftSection: <Icon size={ICON} />, onClick: () => navigate(href) };
  };
  const scheme: SpotlightActionData = {
    id: "scheme",
    label: isDark ? "Use light colours" : "Use dark colours",
    leftSection: isDark ? <Sun size={ICON} /> : <Moon size={ICON} />,
    onClick: () => setColorScheme(isDark ? "light" : "dark"),
  };

  return (
    <Spotlight
      store={isMounted ? paletteStore : closedStore}
      shortcut={null} // the frame listens for it, also before this is loaded
      query={query}
      onQueryChange={setQuery}
      scrollable
      maxHeight="min(70vh, 32rem)"
      nothingFound="Nothing found"
      searchProps={{
        leftSection: <Search size={ICON} />,
        placeholder: "Search pages, conversations and questions",
        "aria-label": "Search",
      }}
      filter={(needle, groups) =>
        groups.map((group) =>
          "actions" in group && group.group !== "Conversations"
            ? { ...group, actions: group.actions.filter((each) => matches(each, needle)) }
            : group,
        )
      }
      actions={[
        {
          group: "Go to",
          actions: [
            goTo("new", "New chat", "/", Plus),
            ...NAVIGATION.filter(({ href }) => href !== "/").map(({ href, title, icon }) =>
              goTo(href, title, href, icon),
            ),
            goTo("settings", "Profile and preferences", "/settings", Settings),
            goTo("keys", "API keys", "/settings/api-keys", KeyRound),
            scheme,
            {
              id: "docs",
              label: "API description",
              leftSection: <FileText size={ICON} />,
              onClick: () => window.location.assign("/docs"),
            },
          ],
        },
        {
          group: "Conversations",
          actions: (conversations.data?.items ?? []).map((each) =>
            goTo(each.id, each.title, addressOf(each), MessageCircle),
          ),
        },
        {
          group: "Ask",
          actions: (suggestions.data?.items ?? []).map(({ question, agent }) => ({
            id: question,
            label: question,
            leftSection: <MessageCircle size={ICON} />,
            onClick: () => ask({ text: question, agent }),
          })),
        },
      ]}
    />
  );
}

function matches(action: SpotlightActionData, query: string) {
  return (action.label ?? "").toLowerCase().includes(query.trim().toLowerCase());
}
