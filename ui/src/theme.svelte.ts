// The theme to show: the one set, else that of the system.
import type { Settings } from "./bindings/Settings";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
let systemIsDark = $state(dark.matches);
dark.addEventListener("change", (event) => (systemIsDark = event.matches));

export function shownTheme(choice: Settings["theme"]): "light" | "dark" {
  if (choice !== "system") return choice;
  return systemIsDark ? "dark" : "light";
}
