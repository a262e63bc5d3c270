import {
  ActionIcon,
  Button,
  CloseButton,
  Group,
  Menu,
  ScrollArea,
  Skeleton,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Download, Ellipsis, Pencil, Pin, PinOff, Plus, Search, Trash2 } from "lucide-react";
import { useState, type FormEvent } from "react";
import { Link, useLocation } from "wouter";

import { client, sentenceOf, take, type Schema } from "../api/client";
import { queryClient, useChange } from "../api/queries";
import { removeLater, useGone } from "../removal";
import { addressOf, keyOf } from "./conversation-address";
import { conversationQuery } from "./conversation-query";
import classes from "./conversations.module.css";

type Conversation = Schema["ConversationOut"];

/** All conversations: pinned ones first, then the last used. */
export function Conversations() {
  const [search, setSearch] = useState("");
  const [words] = useDebouncedValue(search.trim(), 200);
  const list = useInfiniteQuery({
    queryKey: ["conversations", "list", words],
    queryFn: ({ pageParam }) =>
      take(
        client.GET("/api/conversations", {
          params: { query: { search: words || undefined, cursor: pageParam } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const gone = useGone();
  const items = list.data?.pages.flatMap((page) => page.items).filter(({ id }) => !gone.has(id)) ?? [];

  return (
    <Stack className={classes.panel} gap="xs">
      <Button
        component={Link}
        href="/"
        variant="light"
        leftSection={<Plus size={16} aria-hidden />}
        className={classes.newChat}
      >
        New chat
      </Button>
      <TextInput
        size="sm"
        aria-label="Search conversations"
        placeholder="Search conversations"
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        leftSection={<Search size={15} aria-hidden />}
        rightSection={
          search && <CloseButton size="sm" aria-label="Clear the search" onClick={() => setSearch("")} />
        }
      />
      <ScrollArea className={classes.scroll} type="auto" offsetScrollbars="y">
        {list.isError && (
          <Text size="sm" role="alert" p="xs">
            {sentenceOf(list.error)}
          </Text>
        )}
        {list.isPending && <Skeleton h={34} m="xs" />}
        {list.data && items.length === 0 && (
          <Text size="sm" c="dimmed" p="xs">
            {words ? "No conversation has these words." : "Your conversations appear here."}
          </Text>
        )}
        <ul className={classes.list} aria-label="Conversations">
          {items.map((conversation) => (
            <Entry key={conversation.id} conversation={conversation} />
          ))}
        </ul>
        {list.hasNextPage && (
          <Button
            fullWidth
            size="compact-sm"
            variant="subtle"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Show older ones
          </Button>
        )}
      </ScrollArea>
    </Stack>
  );
}

function Entry({ conversation }: { conversation: Conversation }) {
  const [path, navigate] = useLocation();
  const { id, title, pinned } = conversation;
  const here = decodeURIComponent(path);
  const isHere = here === `/chat/${keyOf(conversation)}` || here === `/chat/${id}`;
  const params = { path: { key: id } };
  const keys = ["conversations", "conversation"];
  const pin = useChange(
    () => take(client.PATCH("/api/conversations/{key}", { params, body: { pinned: !pinned } })),
    { keys },
  );
  const remove = () => {
    if (isHere) navigate("/");
    removeLater({
      id,
      message: `“${title}” is deleted.`,
      keys: ["conversations"],
      remove: async () => {
        await take(client.DELETE("/api/conversations/{key}", { params, keepalive: true }));
        queryClient.removeQueries({ queryKey: conversationQuery(keyOf(conversation)).queryKey });
      },
    });
  };
  const rename = () =>
    modals.open({
      title: "Rename the conversation",
      children: <Rename conversation={conversation} />,
    });

  return (
    <li className={classes.entry} data-here={isHere || undefined}>
      <Link
        href={addressOf(conversation)}
        className={classes.title}
        aria-current={isHere ? "page" : undefined}
        title={title}
      >
        {pinned && <Pin size={13} role="img" aria-label="Pinned" />}
        <span>{title}</span>
      </Link>
      <Menu position="bottom-end" width={170}>
        <Menu.Target>
          <ActionIcon
            className={classes.more}
            variant="subtle"
            color="gray"
            size={26}
            aria-label={`More: ${title}`}
          >
            <Ellipsis size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Pencil size={15} />} onClick={rename}>
            Rename
          </Menu.Item>
          <Menu.Item
            leftSection={pinned ? <PinOff size={15} /> : <Pin size={15} />}
            onClick={() => pin.mutate(undefined)}
          >
            {pinned ? "Unpin" : "Pin"}
          </Menu.Item>
          <Menu.Item
            component="a"
            href={`/api/conversations/${id}/export?format=markdown`}
            download
            leftSection={<Download size={15} />}
          >
            Export
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<Trash2 size={15} />} onClick={remove}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}

function Rename({ conversation }: { conversation: Conversation }) {
  const [title, setTitle] = useState(conversation.title);
  const rename = useChange(
    (name: string) =>
      take(
        client.PATCH("/api/conversations/{key}", {
          params: { path: { key: conversation.id } },
          body: { title: name },
        }),
      ),
    { keys: ["conversations", "conversation"], onDone: () => modals.closeAll() },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate(title);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label="Title"
          data-autofocus
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={rename.isPending} disabled={!title.trim()}>
            Rename
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
