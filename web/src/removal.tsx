import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useSyncExternalStore } from "react";

import { ApiProblem, sentenceOf } from "./api/client";
import { queryClient } from "./api/queries";

const UNDO_MS = 10_000;

interface Removal {
  /** What is removed. It is out of sight at once: lists leave out whatever `useGone` has. */
  id: string;
  /** What the creator reads, beside “Undo”. */
  message: string;
  /** The lists that it is in, by the first part of their keys. */
  keys: string[];
  /** Delete it on the server, with `keepalive`: it may be called while the page is left. */
  remove: () => Promise<unknown>;
}

let gone: ReadonlySet<string> = new Set();
const waiting = new Map<string, () => Promise<void>>();
const listeners = new Set<() => void>();

/** Delete something once there was time to think again, and when the page is left at the latest. */
export function removeLater({ id, message, keys, remove }: Removal) {
  const toast = `removal-${id}`;
  const carryOut = async () => {
    if (!waiting.has(id)) return;
    forget();
    await remove().catch(tell);
    await Promise.all(keys.map((key) => queryClient.invalidateQueries({ queryKey: [key] })));
    show(id);
  };
  const leave = () => void carryOut();
  const forget = () => {
    waiting.delete(id);
    window.removeEventListener("pagehide", leave);
    notifications.hide(toast);
  };
  const undo = () => {
    forget();
    show(id);
  };
  waiting.set(id, carryOut);
  window.addEventListener("pagehide", leave);
  notify(new Set([...gone, id]));
  notifications.show({
    id: toast,
    autoClose: UNDO_MS,
    closeButtonProps: { "aria-label": "Close" },
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button size="compact-sm" variant="default" style={{ flexShrink: 0 }} onClick={undo}>
          Undo
        </Button>
      </Group>
    ),
    onClose: leave,
  });
}

/** Delete at once whatever still waits. */
export async function removeNow() {
  await Promise.all([...waiting.values()].map((carryOut) => carryOut()));
}

/** The ids of what is removed, or about to be. */
export const useGone = () => useSyncExternalStore(subscribe, () => gone);

function show(id: string) {
  notify(new Set([...gone].filter((each) => each !== id)));
}

function notify(ids: ReadonlySet<string>) {
  gone = ids;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(error: unknown) {
  const isGoneAlready = error instanceof ApiProblem && error.status === 404;
  if (!isGoneAlready) notifications.show({ color: "red", message: sentenceOf(error) });
}
