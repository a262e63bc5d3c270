import { lazy, type ComponentType } from "react";

const PAUSES_MS = [500, 2000, 5000];

/** A component that comes when it is first shown; a network that breaks is given time. */
export function lazyNamed<Name extends string, Props>(
  load: () => Promise<Record<Name, ComponentType<Props>>>,
  name: Name,
) {
  return lazy(async () => ({ default: (await loadPatiently(load))[name] }));
}

export async function loadPatiently<Module>(load: () => Promise<Module>): Promise<Module> {
  for (const pause of PAUSES_MS) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return load();
}
