import { Button } from "@mantine/core";
import { infiniteQueryOptions } from "@tanstack/react-query";

interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** A list that the server hands out page by page, for `useInfiniteQuery`: its `items` so far. */
export function pagesOf<Item>(
  queryKey: string[],
  read: (cursor: string | undefined) => Promise<Page<Item>>,
) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    select: ({ pages }) => ({ items: pages.flatMap(({ items }) => items) }),
  });
}

interface ShowMoreProps {
  list: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    fetchNextPage: () => Promise<unknown>;
  };
}

/** Reads a list on, where it goes on. */
export function ShowMore({ list }: ShowMoreProps) {
  if (!list.hasNextPage) return null;
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      style={{ alignSelf: "center" }}
      loading={list.isFetchingNextPage}
      onClick={() => void list.fetchNextPage()}
    >
      {list.isFetchNextPageError ? "It did not come: try again" : "Show more"}
    </Button>
  );
}
