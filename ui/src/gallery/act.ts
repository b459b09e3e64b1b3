// Opens a page and replays presses and typing to reach a state.
import { tick } from "svelte";
import { view } from "../state.svelte";

/** Opens a page by name, or the setup of that provider. */
export function openPage(name: string | undefined) {
  if (name === "details") document.querySelector("details")!.open = true;
  else if (name === "settings" || name === "shortcuts" || name === "licences" || name === "welcome" || name === "new-provider") view.open({ name });
  else if (name === "profile-form") view.open({ name, user: null });
  else if (name?.startsWith("account:")) view.open({ name: "account", account: name.slice("account:".length) });
  else if (name) view.open({ name: "set-up", provider: name });
}

/** A step is the test id of a button to press or a disclosure to open, or `testid=text` for a field. */
export async function act(steps: string[] = []) {
  for (const step of steps) {
    const [testid, text] = step.split(/=(.*)/s);
    const element = document.querySelector<HTMLInputElement>(`[data-testid="${testid}"]`)!;
    if (text !== undefined) enter(element, text);
    else (element.querySelector("summary") ?? element).click();
    await new Promise((done) => setTimeout(done));
    await tick();
  }
}

export function enter(field: HTMLInputElement | HTMLTextAreaElement, text: string) {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
