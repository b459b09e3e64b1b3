// The built page complies with the Content-Security-Policy.
// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { beforeAll, describe, expect, it } from "vitest";

const UI = join(import.meta.dirname, "..");
const files: Record<string, string> = {};

beforeAll(async () => {
  const built = await build({ root: UI, mode: "production", logLevel: "silent", build: { write: false } });
  for (const { output } of [built].flat() as { output: { fileName: string; code?: string; source?: unknown }[] }[]) {
    for (const file of output) files[file.fileName] = file.code ?? String(file.source);
  }
}, 60_000);

const named = (end: string) => Object.entries(files).filter(([name]) => name.endsWith(end));

describe("the built page", () => {
  it("S56: has no inline script, style or handler", () => {
    const html = files["index.html"]!;
    expect(html).toContain("<title>Nameplate</title>");
    for (const [, attributes, body] of html.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)) {
      expect(attributes).toContain('src="/assets/');
      expect(body).toBe("");
    }
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
  });

  it("S56: requests no other host and evaluates no text as code", () => {
    const scripts = named(".js").map(([, code]) => code).join("\n");
    const styles = named(".css").map(([, code]) => code).join("\n");
    expect(scripts).not.toMatch(/\beval\(|new Function\b|data:image|\bfetch\(["'`]http/);
    expect(styles).not.toMatch(/url\(|@import/);
    // XML namespaces, Svelte's error pages, names of Google's scopes, and three URLs in texts: a redirect URI, and examples of an
    // issuer and of a server. None is requested.
    const mentioned = ["www.w3.org", "svelte.dev", "www.googleapis.com", "127.0.0.1", "id.example.com", "bsky.social"];
    const hosts = new Set([...scripts.matchAll(/https?:\/\/([\w.-]+)/g)].map((match) => match[1]));
    expect([...hosts].filter((host) => !mentioned.includes(host!))).toEqual([]);
  });

  it("contains nothing of the gallery", () => {
    expect(Object.keys(files).filter((name) => name.includes("gallery"))).toEqual([]);
    expect(named(".js").some(([, code]) => code.includes("haneul@example.com"))).toBe(false);
  });

  it("keeps dist/.gitkeep", () => {
    expect(readdirSync(join(UI, "public"))).toContain(".gitkeep");
  });
});

describe("the sources", () => {
  const sources = readdirSync(join(UI, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|svelte)$/.test(name))
    .map((name) => ({ name, text: readFileSync(join(UI, "src", name), "utf8") }));

  it("import Tauri only for commands: the app's in desktop.ts, the plugin's in ipc.ts", () => {
    const importing = (from: string) => sources.filter(({ text }) => text.includes(from)).map(({ name }) => name);
    expect(importing("@tauri-apps/")).toEqual(["desktop.ts", "gallery.ts"]);
    expect(importing("tauri-plugin-nameplate-api")).toEqual(["ipc.ts"]);
  });

  it("S55: call the commands of the Nameplate plugin and of no other", () => {
    const desktop = sources.find(({ name }) => name === "desktop.ts")!.text;
    const own = [...desktop.matchAll(/invoke<[^(]*>\("([^"]+)"/g)].map((match) => match[1]);
    expect(own).toEqual(["quit", "zoom", "diagnostics", "start_demo", "token_command", "desktop_settings", "save_desktop_settings", "licences", "client_id_on_clipboard"]);
    const GUEST = join(UI, "../crates/tauri-plugin-nameplate/guest-js/src");
    const commands = readFileSync(join(GUEST, "commands.ts"), "utf8");
    const all = [...sources.map(({ text }) => text), commands, readFileSync(join(GUEST, "fetch.ts"), "utf8")];
    const plugins = all.flatMap((text) => [...text.matchAll(/plugin:\w*/g)].map(([plugin]) => plugin));
    expect(plugins).toEqual(["plugin:nameplate"]);
    expect(commands.match(/invokeTauri</g)).toHaveLength(1);
    const called = [...commands.matchAll(/invoke<[^(]*>\("([^"]+)"/g)].map((match) => match[1]);
    expect(called.sort()).toEqual([
      "add_account",
      "add_bot",
      "ask_for_more",
      "cancel",
      "complete",
      "confirm_host",
      "create_profile",
      "decline_link",
      "dismiss_bot",
      "dismiss_problem",
      "export_account",
      "link",
      "open_account_page",
      "open_browser",
      "open_register_page",
      "providers",
      "refresh_profile",
      "reload_configuration",
      "rename",
      "reset",
      "restart",
      "save_settings",
      "set_up",
      "show_profile",
      "sign_in",
      "sign_in_again",
      "sign_out",
      "state",
      "switch",
      "unlink",
      "unlock_profile",
      "unwatch_state",
      "watch_state",
    ]);
  });

  it("S60: listen to no event", () => {
    for (const { name, text } of sources) expect(text, name).not.toMatch(/@tauri-apps\/api\/event|plugin:event/);
  });

  it("create no markup from text, set no inline styles and store nothing but the zoom", () => {
    for (const { name, text } of sources) {
      expect(text, name).not.toMatch(/\{@html|innerHTML|insertAdjacentHTML|\sstyle=|\sstyle:|sessionStorage/);
      const stores = [...text.matchAll(/localStorage\.\w+\((\w+)/g)].map((match) => match[1]);
      expect(new Set(stores), name).toEqual(new Set(name === "shortcuts.ts" ? ["STORED"] : []));
      expect(text.match(/localStorage/g)?.length ?? 0, name).toBe(stores.length);
    }
  });

  it("lock every package, without its registry", () => {
    const lock = readFileSync(join(UI, "package-lock.json"), "utf8");
    expect(lock).not.toContain('"resolved"');
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(UI, "package.json"), "utf8")) as Record<
      string,
      Record<string, string>
    >;
    for (const version of Object.values({ ...dependencies, ...devDependencies })) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });
});
