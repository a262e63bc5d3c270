import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npx vite` serves the sources while `make run` serves the API.
export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"], // they know light-dark()
    chunkSizeWarningLimit: 900,
    assetsInlineLimit: 0,
    rolldownOptions: {
      // @mantine/schedule looks for a default export of rrule, and does without it.
      checks: { importIsUndefined: false },
      // What every page needs is one file: it packs better than two dozen.
      output: { codeSplitting: { groups: [{ name: "initial", tags: ["$initial"] }] } },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000", "/docs": "http://127.0.0.1:8000" } },
});
