import { createElement, lazy, useState, type ComponentType } from "react";

const PAUSES_MS = [500, 2000, 5000];

/**
 * A component that comes when it is first shown; a network that breaks is given time.
 *
 * What was fetched before is shown at once: React holds what it waited for back for 300 ms.
 */
export function lazyNamed<Name extends string, Props extends object>(
  load: () => Promise<Record<Name, ComponentType<Props>>>,
  name: Name,
) {
  let found: ComponentType<Props> | undefined;
  const fetch = async () => {
    found = (await loadPatiently(load))[name];
    return { default: found };
  };
  const Awaited = lazy(fetch) as ComponentType<Props>;
  const Shown = (props: Props) => {
    const [Component] = useState(() => found ?? Awaited);
    return createElement(Component, props);
  };
  return Object.assign(Shown, { fetch });
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
