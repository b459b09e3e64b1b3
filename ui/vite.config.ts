// How the UI is built, served to `tauri dev`, and tested.
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

const GUEST = fileURLToPath(new URL("../crates/tauri-plugin-nameplate/guest-js/src/index.ts", import.meta.url));

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), svelteTesting()],
  // The package from its sources; it finds `@tauri-apps/api` here.
  resolve: { alias: { "tauri-plugin-nameplate-api": GUEST }, dedupe: ["@tauri-apps/api"] },
  clearScreen: false,
  server: { host: "localhost", port: 5173, strictPort: true, fs: { allow: [".."] } },
  build: {
    target: ["safari16", "chrome110"],
    // Nothing may become a data: URL or an inline script: the Content-Security-Policy refuses both.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The gallery is built only when asked for, with `vite build --mode gallery --outDir DIR`.
    rolldownOptions: { input: page(mode === "gallery" ? "gallery.html" : "index.html") },
  },
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    restoreMocks: true,
    // A busy machine needs more than the 5 seconds of the default.
    testTimeout: 30_000,
  },
}));
