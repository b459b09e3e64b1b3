// Shows any state without Tauri: gallery.html?state=waiting&lang=ko&theme=dark. No state: links to all.
import "./gallery/frozen";
import "./styles/tokens.css";
import "./styles/base.css";
import { mockIPC } from "@tauri-apps/api/mocks";
import { mount, tick } from "svelte";
import App from "./App.svelte";
import type { Account } from "./bindings/Account";
import type { Language } from "./bindings/Language";
import type { State } from "./bindings/State";
import type { Settings } from "./bindings/Settings";
import type { DesktopSettings } from "./desktop";
import { act, openPage } from "./gallery/act";
import avatar from "./gallery/avatar.svg";
import type { Sample } from "./gallery/sample";
import { person, samples, signingIn } from "./gallery/samples";
import { watching } from "./gallery/watching";
import { commandOf } from "./ipc";
import { start } from "./state.svelte";

const query = new URLSearchParams(location.search);
const state = query.get("state");
const language = (query.get("lang") === "ko" ? "ko" : "en") as Language;
const theme = (query.get("theme") ?? "light") as Settings["theme"];

async function show(name: string) {
  const sample = samples[name]!(language);
  mockBackend(sample);
  mount(App, { target: document.body });
  if (sample.open === "loading") return;
  await start();
  await tick();
  openPage(sample.open);
  await tick();
  await act(sample.press);
}

/** Mocks Rust well enough to click through a sign-in. */
function mockBackend({ overview, answers }: Sample) {
  (globalThis as { nameplateHasDemo?: boolean }).nameplateHasDemo = true;
  const watcher = watching();
  let now = overview as State;
  let desktop: DesktopSettings = { tray: false, start_at_login: true };
  const change = (rest: Partial<State>) => {
    now = { ...now, ...rest };
    watcher.tell(now);
  };
  // A browser that is driven refuses the clipboard.
  Object.defineProperty(navigator, "clipboard", { value: { writeText: async () => undefined } });
  mockIPC((invoked, payload) => {
    const command = commandOf(invoked);
    if (watcher.takes(command, payload)) return null;
    const given = payload as unknown as Given;
    if (command === "state") {
      if ("message" in now) throw now;
      return (now = { ...now, settings: { ...now.settings, theme } });
    }
    const answer = answers?.[command];
    if (answer && "message" in answer) throw answer;
    if (answer) return answer;
    if (command === "token_command") return tokenCommand(accountsOf(now).find(({ id }) => id === given.account)!);
    if (command === "diagnostics") return "Nameplate: 0.1.0\n";
    if (command === "desktop_settings") return desktop;
    if (command === "save_desktop_settings") return (desktop = { ...desktop, ...given.settings });
    if (command === "client_id_on_clipboard") return state === "set-up-offered" ? "1156500000000000000" : null;
    if (command === "set_up") return { saved: true, checked: "unknown", problem: null };
    if (command === "dismiss_bot") change({ bot: null });
    if (command === "sign_in") change({ signing_in: begin(now, given.provider, given.method) });
    if (command === "cancel") change({ signing_in: null });
    if (command === "complete") change({ signing_in: null, users: [person()] });
    if (command === "sign_out") change(without(now, given.account));
    if (command === "reset") change({ users: [], current: null });
    if (command === "switch") change({ current: given.user });
    if (begins.includes(command)) change({ signing_in: begin(now, given.provider ?? providerOf(now, given.account), null) });
    if (command === "dismiss_problem") change({ problem: null });
    if (command === "save_settings") change(saved(given.settings));
    return null;
  });
  const tauri = (window as unknown as { __TAURI_INTERNALS__: { convertFileSrc: () => string } }).__TAURI_INTERNALS__;
  tauri.convertFileSrc = () => avatar;
}

function begin(now: State, provider: string, method: SigningInMethod | null) {
  const label = now.providers.find((card) => card.id === provider)?.label ?? provider;
  return signingIn({ provider, label, method: method ?? "loopback", paste: method !== "deep_link" });
}

interface Given {
  provider: string;
  method: SigningInMethod | null;
  settings: Settings;
  account: string;
  user: string;
}

const begins = ["add_bot", "add_account", "sign_in_again", "ask_for_more"];

const accountsOf = (now: State) => now.users.flatMap((user) => user.accounts);
const tokenCommand = ({ id, provider, email }: Account) => `nameplate token ${email ? `${provider}:${email}` : id}`;
const providerOf = (now: State, id: string) => accountsOf(now).find((account) => account.id === id)!.provider;

const without = (now: State, id: string): Partial<State> => ({
  users: now.users
    .map((user) => ({ ...user, accounts: user.accounts.filter((account) => account.id !== id) }))
    .filter((user) => user.accounts.length > 0),
});

type SigningInMethod = ReturnType<typeof signingIn>["method"];

const saved = (settings: Settings): Partial<State> => ({
  settings,
  language: settings.language === "system" ? language : settings.language,
});

function list() {
  for (const name of Object.keys(samples)) {
    for (const lang of ["en", "ko"]) {
      for (const shade of ["light", "dark"]) {
        const link = document.createElement("a");
        link.href = `?state=${name}&lang=${lang}&theme=${shade}`;
        link.textContent = `${name} ${lang} ${shade}`;
        document.body.append(link, document.createElement("br"));
      }
    }
  }
}

// Last: the presses call what is defined above.
if (state && samples[state]) await show(state);
else list();
// For a program that takes a picture.
document.documentElement.dataset["shown"] = "true";
