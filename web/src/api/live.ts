import { useEffect } from "react";

import { setLive } from "./live-state";
import { KEYS_OF_KIND, queryClient, sessionQuery } from "./queries";

const RETRY_MS = 3000;
const HIDDEN_MS = 60_000;

/**
 * Follow everything that changes, and read anew what a change concerns.
 *
 * A page that nobody sees does without: browsers open only six connections to a server.
 */
export function useLiveChanges() {
  useEffect(() => {
    let source: EventSource | undefined;
    let timer: number | undefined;

    const close = () => {
      window.clearTimeout(timer);
      source?.close();
      source = undefined;
    };
    const open = () => {
      close();
      source = new EventSource("/api/events");
      source.addEventListener("ready", () => {
        setLive(true);
        void queryClient.invalidateQueries();
      });
      source.addEventListener("change", ({ data }: MessageEvent<string>) => {
        const { kind } = JSON.parse(data) as { kind: string };
        for (const key of KEYS_OF_KIND[kind] ?? []) {
          void queryClient.invalidateQueries({ queryKey: [key] });
        }
      });
      source.onerror = () => {
        close();
        setLive(false);
        timer = window.setTimeout(open, RETRY_MS);
        // Are we still signed in? If so, polling begins.
        void queryClient
          .refetchQueries({ queryKey: sessionQuery.queryKey })
          .then(() => queryClient.getQueryData(sessionQuery.queryKey)?.user)
          .then((user) => user && queryClient.invalidateQueries());
      };
    };
    const follow = () => {
      if (!document.hidden) {
        if (source) window.clearTimeout(timer);
        else open();
      } else {
        timer = window.setTimeout(() => {
          close();
          setLive(true); // nobody looks: no polling either
        }, HIDDEN_MS);
      }
    };

    open();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      close();
    };
  }, []);
}
