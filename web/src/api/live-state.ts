import { useSyncExternalStore } from "react";

let live = false;
const listeners = new Set<() => void>();

/** Whether changes are being told at this moment. */
export const isLive = () => live;

export function setLive(value: boolean) {
  if (live === value) return;
  live = value;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useIsLive = () => useSyncExternalStore(subscribe, isLive);
