import { createContext, useContext } from "react";

import { client, take, type Schema } from "../api/client";
import { queryClient, sessionQuery } from "../api/queries";
import { forgetDrafts } from "../chat/drafts";
import { removeNow } from "../removal";

export type User = Schema["UserOut"];

export const UserContext = createContext<User | null>(null);

export function useUser(): User {
  const user = useContext(UserContext);
  if (!user) throw new Error("Nobody is signed in here");
  return user;
}

let lastUserId: string | undefined;

/** Begin with what belongs to this user; another's data never stays. */
export function beginSession(user: User) {
  if (lastUserId !== user.id) {
    queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
    if (lastUserId) forgetDrafts();
  }
  lastUserId = user.id;
  queryClient.setQueryData(
    sessionQuery.queryKey,
    (known) => known && { ...known, user, hasEnded: false },
  );
}

export const isSignedIn = () => Boolean(queryClient.getQueryData(sessionQuery.queryKey)?.user);

/** The server no longer knows us: ask to sign in again, at the same place. */
export function noteSessionEnd() {
  queryClient.setQueryData(
    sessionQuery.queryKey,
    (known) => known && { ...known, user: null, hasEnded: known.user !== null || known.hasEnded },
  );
}

export async function signOut() {
  await removeNow();
  await take(client.POST("/api/auth/logout"));
  forgetDrafts();
  window.location.assign("/");
}
