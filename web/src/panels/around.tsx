import { Divider } from "@mantine/core";

import { Goals } from "./goals";
import { Insights } from "./insights";

/** What stands right of the chat. */
export function Around() {
  return (
    <>
      <Insights />
      <Divider />
      <Goals />
    </>
  );
}
