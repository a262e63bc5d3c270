import { createSpotlight } from "@mantine/spotlight";

/** Whether the palette is open: it can be asked for before its code has come. */
export const [paletteStore, palette] = createSpotlight();
