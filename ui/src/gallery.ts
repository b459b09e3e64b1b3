// Shows any state without Tauri: gallery.html?state=waiting&lang=ko&theme=dark. No state: links to all.
import "./gallery/frozen";
import "./styles/tokens.css";
import "./styles/base.css";
import { emit } from "@tauri-apps/api/event";
import { mockIPC } from "@tauri-apps/api/mocks";
import { mount, tick } from "svelte";
import App from "./App.svelte";
import type { Language } from "./bindings/Language";
import type { Overview } from "./bindings/Overview";
import type { Settings } from "./bindings/Settings";
import avatar from "./gallery/avatar.svg";
import { person, samples, signingIn } from "./gallery/samples";
import { start, view } from "./state.svelte";

const query = new URLSearchParams(location.search);
const state = query.get("state");
const language = (query.get("lang") === "ko" ? "ko" : "en") as Language;
const theme = (query.get("theme") ?? "light") as Settings["theme"];

if (state && samples[state]) await show(state);
else list();

async function show(name: string) {
  const sample = samples[name]!(language);
  pretend(sample.overview);
  mount(App, { target: document.body });
  if (sample.open === "loading") return;
  await start();
  await tick();
  if (sample.open === "settings" || sample.open === "welcome") view.open({ name: sample.open });
  else if (sample.open === "sign-out") press('[data-testid="sign-out"]');
  else if (sample.open === "details") document.querySelector("details")!.open = true;
  else if (sample.open) view.open({ name: "set-up", provider: sample.open });
}

function press(selector: string) {
  document.querySelector<HTMLElement>(selector)!.click();
}

/** A backend that does just enough to click through. */
function pretend(first: object) {
  let now = first as Overview;
  const change = (rest: Partial<Overview>) => {
    now = { ...now, ...rest };
    void emit("overview", now);
  };
  mockIPC(
    (command, payload) => {
      const given = payload as { provider: string; channel: SigningInChannel | null; settings: Settings };
      if (command === "overview") {
        if ("message" in now) throw now;
        return (now = { ...now, settings: { ...now.settings, theme } });
      }
      if (command === "begin_sign_in") change({ signing_in: begin(now, given.provider, given.channel) });
      if (command === "cancel") change({ signing_in: null });
      if (command === "finish") change({ signing_in: null, users: [person()] });
      if (command === "sign_out") change({ users: [] });
      if (command === "dismiss_problem") change({ problem: null });
      if (command === "save_settings") change(saved(given.settings));
      return null;
    },
    { shouldMockEvents: true },
  );
  const tauri = (window as unknown as { __TAURI_INTERNALS__: { convertFileSrc: () => string } }).__TAURI_INTERNALS__;
  tauri.convertFileSrc = () => avatar;
}

function begin(now: Overview, provider: string, channel: SigningInChannel | null) {
  const label = now.providers.find((card) => card.id === provider)?.label ?? provider;
  return signingIn({ provider, label, channel: channel ?? "loopback", paste: channel !== "deep_link" });
}

type SigningInChannel = ReturnType<typeof signingIn>["channel"];

const saved = (settings: Settings): Partial<Overview> => ({
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
