// Problems as Rust sends them.
import type { Language } from "../bindings/Language";
import type { Problem } from "../bindings/Problem";
import { both } from "./cards";

export const problems = {
  denied: (l: Language): Problem => ({
    code: "access_denied",
    message: both(l, "Aurora에서 접근을 허용하지 않았습니다.", "Access was not allowed at Aurora."),
    next: both(
      l,
      "로그인하려면 다시 시도해서 허용을 누르세요. 아무것도 저장되지 않았습니다.",
      "To sign in, try again and choose Allow. Nothing was stored.",
    ),
    detail: "The resource owner or authorization server denied the request",
    provider: "aurora",
    remedies: ["try_again"],
  }),
  updating: (l: Language): Problem => ({
    code: "store_updating",
    message: both(
      l,
      "다른 Nameplate 프로세스가 데이터베이스를 업데이트하고 있습니다.",
      "Another Nameplate process is updating the database.",
    ),
    next: both(l, "끝나면 Nameplate가 열립니다.", "Nameplate opens when it is done."),
    detail: null,
    provider: null,
    remedies: [],
  }),
  keychain: (l: Language): Problem => ({
    code: "keychain_absent",
    message: both(l, "이 컴퓨터에서 키체인을 찾지 못했습니다.", "No keychain was found on this computer."),
    next: both(
      l,
      "GNOME Keyring이나 KWallet을 켠 뒤 Nameplate를 다시 시작하거나, 이번 실행에만 로그인하세요.",
      "Start GNOME Keyring or KWallet and then Nameplate again, or sign in for this run only.",
    ),
    detail: null,
    provider: "aurora",
    remedies: ["restart", "this_run"],
  }),
  provider: (l: Language): Problem => ({
    code: "provider_refused",
    message: both(l, "Cedar에서 이 앱의 요청을 거절했습니다.", "Cedar refused this app’s request."),
    next: both(
      l,
      "클라이언트 시크릿이 켜져 있습니다. 설정에서 시크릿을 넣거나 콘솔에서 끄세요.",
      "Its client secret is switched on. Enter the secret in the setup, or switch it off in the console.",
    ),
    detail: '{"error":"invalid_client","error_description":"Bad client credentials","error_code":"E010"}',
    provider: "cedar",
    remedies: ["set_up", "try_again"],
  }),
  file: (l: Language): Problem => ({
    code: "providers_unreadable",
    message: both(l, "providers.toml의 7번째 줄을 읽지 못했습니다.", "Line 7 of providers.toml cannot be read."),
    next: both(l, "그 줄을 고친 뒤 다시 확인하세요.", "Correct the line, then check again."),
    detail: 'TOML parse error at line 7, column 13\n  |\n7 | client_id = 115650\n  |             ^^^^^^\ninvalid type: integer, expected a string',
    provider: null,
    remedies: ["check_again"],
  }),
  newer: (l: Language): Problem => ({
    code: "database_newer",
    message: both(l, "더 새로운 Nameplate가 만든 데이터베이스입니다.", "This database was made by a newer Nameplate."),
    next: both(l, "최신 Nameplate로 열어 주세요. 파일은 그대로 두었습니다.", "Open it with the newer one. The file was left as it is."),
    detail: null,
    provider: null,
    remedies: ["restart"],
  }),
  port: (l: Language): Problem => ({
    code: "port_taken",
    message: both(l, "세 포트를 모두 다른 프로그램이 쓰고 있습니다.", "Another program uses all three ports."),
    next: both(l, "로그인을 마친 뒤 마지막 주소를 아래에 붙여 넣으세요.", "Finish in the browser, then paste the final URL below."),
    detail: null,
    provider: "cedar",
    remedies: [],
  }),
};
