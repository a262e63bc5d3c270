import { createTheme, type CSSVariablesResolver } from "@mantine/core";

export const theme = createTheme({
  primaryColor: "violet",
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: "md",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  respectReducedMotion: true,
  cursorType: "pointer",
  components: {
    // A menu begins at its first item; an element for the focus alone is none of a menu's.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Modal: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
  },
  headings: { fontWeight: "650" },
});

/** Quiet text that still has the contrast of WCAG AA. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "var(--mantine-color-gray-7)",
    "--mantine-color-placeholder": "var(--mantine-color-gray-7)",
    "--mantine-color-error": "var(--mantine-color-red-9)",
    "--mantine-color-red-light-color": "var(--mantine-color-red-9)",
    "--mantine-color-orange-light-color": "color-mix(in srgb, var(--mantine-color-orange-9), black 30%)",
    "--mantine-color-teal-light-color": "color-mix(in srgb, var(--mantine-color-teal-9), black 20%)",
    "--suite-page": "#f7f7fa",
    "--suite-raised": "var(--mantine-color-white)",
  },
  dark: {
    "--mantine-color-dimmed": "var(--mantine-color-dark-1)",
    "--mantine-color-placeholder": "var(--mantine-color-dark-1)",
    "--mantine-color-error": "var(--mantine-color-red-4)",
    "--mantine-color-red-light-color": "var(--mantine-color-red-3)",
    "--mantine-color-anchor": "var(--mantine-color-violet-3)",
    "--suite-page": "var(--mantine-color-dark-8)",
    "--suite-raised": "var(--mantine-color-dark-7)",
  },
});
