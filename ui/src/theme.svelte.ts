// Which of the two themes is shown: the person's choice, else the system's.
import type { Settings } from "./bindings/Settings";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
let systemIsDark = $state(dark.matches);
dark.addEventListener("change", (event) => (systemIsDark = event.matches));

export function shownTheme(choice: Settings["theme"]): "light" | "dark" {
  if (choice !== "system") return choice;
  return systemIsDark ? "dark" : "light";
}
