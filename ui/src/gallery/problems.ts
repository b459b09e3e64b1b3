// Problems of invented providers and of the engine.
import type { Language } from "../bindings/Language";
import type { Problem } from "../bindings/Problem";
import { problem } from "./engine";

const AURORA = { id: "aurora", label: "Aurora" };
const CEDAR = { id: "cedar", label: "Cedar" };

export const problems = {
  denied: (l: Language): Problem =>
    problem(l, "access_denied", AURORA, {
      detail: "The resource owner or authorization server denied the request",
      remedies: ["try_again"],
    }),
  updating: (l: Language): Problem => problem(l, "store_updating", null),
  keychain: (l: Language): Problem => problem(l, "keychain_absent", AURORA, { remedies: ["restart", "this_run"] }),
  provider: (l: Language): Problem =>
    problem(l, "secret_refused", CEDAR, {
      detail: '{"error":"invalid_client","error_description":"Bad client credentials","error_code":"E010"}',
      remedies: ["set_up", "try_again"],
    }),
  file: (l: Language): Problem =>
    problem(l, "config_unreadable", null, {
      detail: "providers.toml, line 7: invalid type: integer, expected a string",
      remedies: ["check_again"],
    }),
  newer: (l: Language): Problem => problem(l, "store_newer", null),
  port: (l: Language): Problem => problem(l, "port_lost", CEDAR),
  httpsForced: (l: Language): Problem => problem(l, "https_forced", CEDAR),
  hostNotConfirmed: (l: Language): Problem =>
    problem(l, "host_not_confirmed", { id: "bluesky", label: "haneul.example" }, {
      detail: "pds.example.com",
      remedies: ["confirm_host"],
    }),
};
