// Keyboard shortcuts of the window, also for the list of them.
import { quit, zoom } from "./desktop";
import { refreshProfile, view } from "./state.svelte";

export type Shortcut = "list" | "settings" | "refresh" | "zoomIn" | "zoomOut" | "zoomReset" | "back" | "close";

/** As shown; the first of each is the one that is listed. */
export const keys: Record<Shortcut, string[]> = {
  list: ["Ctrl", "/"],
  settings: ["Ctrl", ","],
  refresh: ["F5"],
  zoomIn: ["Ctrl", "+"],
  zoomOut: ["Ctrl", "−"],
  zoomReset: ["Ctrl", "0"],
  back: ["Esc"],
  close: ["Ctrl", "Q"],
};

const FACTORS = [0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3];
const STORED = "zoom";

/** Sets the zoom of the last run. */
export function restoreZoom() {
  const factor = stored();
  if (factor !== 1) void zoom(factor);
}

/** The shortcut of a key press, if it has one. `back` depends on the screen. */
export function shortcutOf(event: KeyboardEvent): Exclude<Shortcut, "back"> | null {
  if (event.isComposing || event.altKey) return null;
  if (!event.ctrlKey && !event.metaKey) return event.key === "F5" ? "refresh" : null;
  switch (event.key.toLowerCase()) {
    case "/":
    case "?":
      return "list";
    case ",":
      return "settings";
    case "r":
      return "refresh";
    case "+":
    case "=":
      return "zoomIn";
    case "-":
      return "zoomOut";
    case "0":
      return "zoomReset";
    case "q":
    case "w":
      return "close";
    default:
      return null;
  }
}

export function run(shortcut: Exclude<Shortcut, "back">) {
  switch (shortcut) {
    case "list":
      view.open({ name: "shortcuts" });
      break;
    case "settings":
      if (view.overview && view.page?.name !== "settings") view.open({ name: "settings" });
      break;
    case "refresh":
      if (view.user) void refreshProfile(view.user);
      break;
    case "zoomIn":
      setZoom(FACTORS.find((factor) => factor > stored()) ?? FACTORS.at(-1)!);
      break;
    case "zoomOut":
      setZoom(FACTORS.findLast((factor) => factor < stored()) ?? FACTORS[0]!);
      break;
    case "zoomReset":
      setZoom(1);
      break;
    case "close":
      void quit();
      break;
  }
}

function setZoom(factor: number) {
  localStorage.setItem(STORED, String(factor));
  void zoom(factor);
}

function stored(): number {
  const factor = Number(localStorage.getItem(STORED));
  return FACTORS.includes(factor) ? factor : 1;
}
