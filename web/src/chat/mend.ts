import { loadPatiently } from "../lazy-named";

type Mend = (text: string) => string;

let mend: Promise<Mend> | undefined;

/** Get what closes the Markdown that an unfinished text has begun; without it the text stays. */
export const loadMend = () =>
  (mend ??= loadPatiently(() => import("remend")).then(
    (remend): Mend => remend.default,
    (): Mend => (text) => text,
  ));
