import { lazy } from "react";

/** The charts' code comes when the first chart is shown. */
export const Lines = lazy(async () => ({ default: (await import("./lines")).Lines }));
