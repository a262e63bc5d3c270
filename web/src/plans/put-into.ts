import type { PlanItem } from "./queries";

/** Where a post stands as it was when its editing began; -1 if it was changed since, or removed. */
export const placeOf = (items: PlanItem[], before: PlanItem) =>
  items.findIndex((item) => JSON.stringify(item) === JSON.stringify(before));

/** Posts with an edited one in place of what it was; beside the others if that is not there. */
export function putInto(items: PlanItem[], before: PlanItem | null, after: PlanItem): PlanItem[] {
  const at = before ? placeOf(items, before) : -1;
  return [...without(items, at), after].sort(byTime);
}

export const without = (items: PlanItem[], place: number) => items.filter((_, at) => at !== place);

const byTime = (one: PlanItem, other: PlanItem) =>
  `${one.date} ${one.time}`.localeCompare(`${other.date} ${other.time}`);
