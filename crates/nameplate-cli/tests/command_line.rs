//! The command line from outside, on a machine without a keychain: what it needs one for says so,
//! and everything else works. With a keychain it is met by the end-to-end tests.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use demo_provider::DemoProvider;
use serde_json::{Value, json};

/// A user's machine: folders of its own, no session bus, and a browser that leaves a trace.
struct Machine {
    dir: tempfile::TempDir,
}

/// What a command came to.
#[derive(Debug)]
struct Done {
    code: i32,
    lines: Vec<String>,
    told: String,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { dir: tempfile::tempdir().unwrap() };
        for folder in ["home", "runtime", "bin", "person"] {
            std::fs::create_dir(machine.at(folder)).unwrap();
        }
        // An existing folder keeps its mode, which `doctor` would report.
        #[cfg(unix)]
        std::fs::set_permissions(
            machine.at("home"),
            std::os::unix::fs::PermissionsExt::from_mode(0o700),
        )
        .unwrap();
        let trace = machine.at("opened").display().to_string();
        executable(&machine.at("bin/xdg-open"), &format!("#!/bin/sh\nenv > '{trace}'\n"));
        machine
    }

    /// Set up in its own home.
    fn with(providers: &str) -> Self {
        let machine = Self::new();
        machine.write("home/providers.toml", providers);
        machine
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.at(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nameplate"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", self.at("bin"))
            .env("HOME", self.at("person"))
            .env("XDG_RUNTIME_DIR", self.at("runtime"))
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }

    /// In the machine's home, for programs.
    fn json(&self, arguments: &[&str]) -> Done {
        let mut command = self.command(arguments);
        done(command.arg("--json").arg("--home").arg(self.at("home")).output().unwrap())
    }

    /// As [`Machine::json`], with something to read.
    fn json_reading(&self, arguments: &[&str], input: &[u8]) -> Done {
        let mut command = self.command(arguments);
        command.arg("--json").arg("--home").arg(self.at("home"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A reader that has enough closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(input);
        done(child.wait_with_output().unwrap())
    }

    /// In the machine's home, for people.
    fn spoken(&self, arguments: &[&str]) -> Done {
        let mut command = self.command(arguments);
        done(command.arg("--home").arg(self.at("home")).output().unwrap())
    }

    /// Two people with three accounts, in the database alone.
    fn add_people(&self) {
        self.json(&["accounts"]);
        let database = rusqlite::Connection::open(self.at("home/nameplate.db")).unwrap();
        database
            .execute_batch(
                "INSERT INTO users (id, renamed, created_at) VALUES ('u1', '하늘', 1), ('u2', 'Mira', 2);
                 INSERT INTO accounts (id, user, provider, label, issuer, subject, nickname, email, email_verified, scopes, expires_at, state, notes, created_at)
                 VALUES ('a1', 'u1', 'discord', 'Discord', 'i', 's1', '하늘', 'haneul@example.com', 1, '', 4102444800, 'active', '', 1),
                        ('a2', 'u1', 'kakao', 'Kakao', 'k', 's2', '하늘', 'haneul@example.com', 0, '', 5, 'active', '', 2),
                        ('a3', 'u2', 'kakao', 'Kakao', 'k', 's3', 'Mira Novak', NULL, 0, '', NULL, 'needs_sign_in', '', 3);",
            )
            .unwrap();
    }

    /// A user with one account, in the database alone.
    fn add_account(&self, provider: &str, label: &str, issuer: &str) {
        self.json(&["accounts"]);
        let database = rusqlite::Connection::open(self.at("home/nameplate.db")).unwrap();
        database
            .execute_batch(&format!(
                "INSERT INTO users (id, created_at) VALUES ('u{provider}', 1);
                 INSERT INTO accounts (id, user, provider, label, issuer, subject, nickname, email, scopes, state, notes, created_at)
                 VALUES ('a{provider}', 'u{provider}', '{provider}', '{label}', '{issuer}', 's', '하늘', 'haneul@example.com', '', 'active', '', 1);"
            ))
            .unwrap();
    }

    fn opened_a_browser(&self) -> bool {
        self.at("opened").exists()
    }
}

#[cfg(unix)]
fn executable(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn done(output: Output) -> Done {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let lines: Vec<_> = text(output.stdout).lines().map(str::to_owned).collect();
    lines.iter().for_each(|line| assert_documented(line));
    Done { code: output.status.code().unwrap(), lines, told: text(output.stderr) }
}

/// Every event has a section in docs/json.md, and every field is named on that page.
fn assert_documented(line: &str) {
    const PAGE: &str = include_str!("../../../docs/json.md");
    let Ok(Value::Object(fields)) = serde_json::from_str(line) else { return };
    let Some(event) = fields.get("event").and_then(Value::as_str).map(str::to_owned) else {
        return;
    };
    assert!(PAGE.contains(&format!("\n## `{event}`\n")), "docs/json.md lacks the event {event}");
    let mut values = vec![Value::Object(fields)];
    while let Some(value) = values.pop() {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    assert!(
                        PAGE.contains(&format!("`{name}`")),
                        "docs/json.md lacks {event}.{name}"
                    );
                    values.push(value);
                }
            }
            Value::Array(several) => values.extend(several),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

impl Done {
    /// The one object that was printed.
    fn event(&self) -> Value {
        assert_eq!(self.lines.len(), 1, "{self:?}");
        serde_json::from_str(&self.lines[0]).unwrap()
    }

    #[track_caller]
    fn assert_error(&self, exit: i32, code: &str) {
        let last: Value = serde_json::from_str(self.lines.last().unwrap()).unwrap();
        assert_eq!(
            (self.code, &last["event"], &last["code"]),
            (exit, &json!("error"), &json!(code))
        );
        let message = last["message"].as_str().unwrap();
        assert!(message.ends_with('.') && !message.contains('{'), "{message}");
    }
}

/// The providers that are set up, of what `providers` printed, without those of [`named`].
fn ready(event: &Value) -> Vec<String> {
    ids(event, |provider| provider["ready"] == true && provider["issuer"] != "")
}

/// The providers that need no set-up, since a user names the server.
fn named(event: &Value) -> Vec<String> {
    ids(event, |provider| provider["ready"] == true && provider["issuer"] == "")
}

fn ids(event: &Value, which: impl Fn(&&Value) -> bool) -> Vec<String> {
    let listed = event["providers"].as_array().unwrap().iter().filter(which);
    listed.map(|provider| provider["id"].as_str().unwrap().to_owned()).collect()
}

async fn demo() -> (DemoProvider, Machine) {
    let demo = DemoProvider::start("127.0.0.1:0").await.unwrap();
    let machine = Machine::with(&demo.providers_toml());
    (demo, machine)
}

#[test]
fn what_was_typed_wrongly_is_exit_code_2() {
    let machine = Machine::new();
    for arguments in [
        &[][..],
        &["frobnicate"],
        &["sign-in"],
        &["sign-in", "discord", "--method", "pigeon"],
        &["sign-in", "discord", "--timeout", "0"],
        &["sign-in", "discord", "--client-secret", "s3cret"],
        &["set-up", "discord", "--client-secret", "s3cret"],
        &["sign-in", "bluesky", "--handle", "alice.example.com", "--server", "bsky.social"],
        &["sign-in", "mastodon", "--handle", "alice.example.com"],
        &["sign-in", "discord", "--handle", "alice.example.com"],
        &["sign-in", "email"],
        &["sign-in", "email", "--address", "a@b", "--password", "s3cret"],
        &["sign-in", "email", "--address", "a@b", "--nickname", "Nari"],
        &["discord", "add-bot", "--permissions", "all"],
        &["discord", "add-bot", "--permissions", "-8"],
        &["discord", "add-bot", "google"],
        &["discord"],
        &["run", "discord"],
        &["run", "discord", "true"],
        &["run", "discord", "--env", "A=B", "--", "true"],
        &["completions", "tcsh"],
        &["sign-out"],
        &["accounts", "--everything"],
    ] {
        let done = done(machine.command(arguments).output().unwrap());
        assert_eq!((done.code, done.lines.len()), (2, 0), "{arguments:?}");
        assert!(!done.told.is_empty());
    }
}

/// S50, U25: without a keychain it says so before the browser opens, whether there is no session
/// bus or it does not answer.
#[tokio::test]
async fn a_missing_keychain_is_exit_code_5() {
    let (demo, machine) = demo().await;
    for method in ["loopback", "deep-link", "manual"] {
        machine
            .json(&["sign-in", "discord", "--method", method])
            .assert_error(5, "keychain_absent");
    }
    machine
        .json(&["sign-in", "company", "--method", "device-code"])
        .assert_error(5, "keychain_absent");
    machine
        .json(&["discord", "add-bot", "--permissions", "2048"])
        .assert_error(5, "keychain_absent");
    let mut command = machine.command(&["--json", "sign-in", "company"]);
    let nowhere = format!("unix:path={}", machine.at("no-such-bus").display());
    command.env("DBUS_SESSION_BUS_ADDRESS", nowhere).env("NAMEPLATE_HOME", machine.at("home"));
    let done = done(command.output().unwrap());
    done.assert_error(5, "keychain_absent");
    assert_eq!(done.lines.len(), 1, "no address was given out");
    assert!(!machine.opened_a_browser());
    assert!(demo.request_log().paths.is_empty());
}

#[tokio::test]
async fn what_is_not_set_up_is_told() {
    let machine = Machine::new();
    machine.json(&["sign-in", "discord"]).assert_error(1, "not_set_up");
    machine.json(&["sign-in", "myspace"]).assert_error(1, "unknown_provider");
    let (_demo, machine) = demo().await;
    machine.json(&["sign-in", "google", "--method", "deep-link"]).assert_error(1, "method_refused");
    machine
        .json(&["sign-in", "discord", "--method", "device-code"])
        .assert_error(1, "method_refused");
    Machine::new().json(&["discord", "add-bot"]).assert_error(1, "not_set_up");
    assert!(!machine.opened_a_browser());
}

/// S48, N10: no secret is shown, and with the file of the demo provider every provider is ready.
#[tokio::test]
async fn providers_are_listed_without_their_secrets() {
    let empty = Machine::new().json(&["providers"]);
    assert_eq!(empty.code, 0);
    // A profile of this device needs no set-up.
    assert_eq!(ready(&empty.event()), ["email"]);
    assert_eq!(named(&empty.event()), ["bluesky", "mastodon", "oidc"]);
    let all = empty.event()["providers"].as_array().unwrap().len();
    assert!(all >= 9, "every built-in provider is listed, set up or not: {all}");
    let (_demo, machine) = demo().await;
    let listed = machine.json(&["providers"]);
    assert_eq!(
        ready(&listed.event()).len(),
        10,
        "eight, an issuer, and the profile of this device"
    );
    assert!(!listed.lines[0].contains(demo_provider::providers::google::CLIENT_SECRET));
    let overrides = &listed.event()["providers"][0]["overrides"];
    assert!(overrides.as_array().unwrap().contains(&json!("token_endpoint")));
}

/// A label from the configuration, or what was typed, steers no terminal; as JSON neither does what
/// is kept exactly.
#[test]
fn no_text_steers_the_terminal() {
    let hostile = "\u{1b}]0;root\u{7}\u{9b}2J\u{202e}\u{200b}";
    let issuer = "issuer = \"https://id.example.com\"";
    let machine = Machine::with(&format!(
        "[company]\nkind = \"oidc\"\nlabel = \"\\u001b]0;Evil\\u0007\\u009b2J\\u202e\\u200b\"\n{issuer}\nclient_id = \"c\"\n"
    ));
    // By a list of its own: the program's may be wrong.
    const HIDDEN: [char; 5] = ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\u{200b}'];
    let hidden = |text: &str| text.contains(HIDDEN);
    machine.json(&["accounts"]);
    let database = rusqlite::Connection::open(machine.at("home/nameplate.db")).unwrap();
    for insert in [
        "INSERT INTO users (id, renamed, created_at) VALUES ('u', ?1, 0)",
        "INSERT INTO accounts (id, user, provider, label, issuer, subject, nickname, scopes, state, notes, created_at)
         VALUES ('a', 'u', 'discord', 'Discord', 'i', ?1, 'n', '', 'active', '', 0)",
    ] {
        database.execute(insert, [hostile]).unwrap();
    }
    let accounts = machine.json(&["accounts"]).event();
    assert_eq!(accounts["users"][0]["accounts"][0]["subject"], hostile, "and yet it is exact");
    for arguments in [
        &["accounts"][..],
        &["providers"],
        &["sign-in", hostile],
        &["set-up", hostile],
        &["token", hostile],
        &["doctor"],
    ] {
        let json = machine.json(arguments);
        assert!(!hidden(&json.lines.concat()) && !hidden(&json.told), "{json:?}");
        let mut command = machine.command(arguments);
        let spoken = done(command.arg("--home").arg(machine.at("home")).output().unwrap());
        assert!(!hidden(&spoken.lines.concat()) && !hidden(&spoken.told), "{spoken:?}");
    }
}

#[test]
fn an_unreadable_file_is_told_with_its_line() {
    let machine = Machine::with("[discord]\nclient_id = 5\n");
    let listed = machine.json(&["providers"]);
    assert_eq!(listed.lines.len(), 2, "what is built in is listed all the same");
    listed.assert_error(1, "config_unreadable");
    assert!(listed.lines[1].contains("line 2"), "{}", listed.lines[1]);
    machine.json(&["sign-in", "discord"]).assert_error(1, "config_unreadable");
}

/// S20, S21: whatever is pasted or piped, there is a sentence for it and nothing happens.
#[tokio::test]
async fn rubbish_is_no_answer() {
    let (demo, machine) = demo().await;
    let endless = format!("http://127.0.0.1:1/callback/discord?code={}", "x".repeat(1 << 20));
    for (input, code) in [
        (&b""[..], "not_a_response"),
        (b"rubbish\n", "not_a_response"),
        (b"\xff\xfe\x00\x01", "not_a_response"),
        (b"app.nameplate.desktop.dev:/callback/discord?code=c&state=s\n", "unknown_state"),
        (
            b"app.nameplate.desktop.dev:/callback/discord?code=c&code=d&state=s",
            "duplicate_parameter",
        ),
        (endless.as_bytes(), "response_too_long"),
    ] {
        let done = machine.json_reading(&["finish", "-"], input);
        done.assert_error(1, code);
        machine.json_reading(&["finish"], input).assert_error(1, code);
    }
    machine.json(&["finish", "rubbish"]).assert_error(1, "not_a_response");
    assert!(demo.request_log().paths.is_empty());
}

/// A profile of this device: the password is one line of standard input, and is never repeated.
/// Without a keychain none is made.
#[test]
fn a_profile_takes_its_password_from_standard_input() {
    let machine = Machine::new();
    let email = |more: &[&str], input: &str| {
        machine.json_reading(&[&["sign-in", "email"], more].concat(), input.as_bytes())
    };
    let password = "correct horse battery";
    for (more, input, exit, code) in [
        (&["--address", "nari", "--create"][..], password, 1, "bad_address"),
        (&["--address", "a@b", "--create"], "short\nlonger than that", 1, "weak_password"),
        (&["--address", "a@b", "--create"], "", 1, "weak_password"),
        (&["--address", "a@b", "--create", "--nickname", "Nari"], password, 5, "keychain_absent"),
        (&["--address", "a@b"], password, 1, "wrong_password"),
    ] {
        let done = email(more, input);
        done.assert_error(exit, code);
        assert_eq!(done.lines.len(), 1);
        assert!(!done.lines[0].contains("horse") && !done.told.contains("horse"));
    }
    assert_eq!(machine.json(&["accounts"]).event()["users"], json!([]));
    let mut command = machine.command(&["sign-in", "email", "--address", "a@b", "--create"]);
    let spoken = done(command.arg("--home").arg(machine.at("home")).output().unwrap());
    assert!(spoken.lines[0].contains("cannot be reset"), "said before: {spoken:?}");
}

/// What to register is shown, the client is checked and written, and a secret is read from
/// standard input alone; without a keychain it is not kept, and nothing is written.
#[tokio::test]
async fn a_provider_is_set_up() {
    let (demo, machine) = demo().await;
    let file = || std::fs::read_to_string(machine.at("home/providers.toml")).unwrap();
    let before = file();
    let only_read = machine.json(&["set-up", "discord"]);
    assert_eq!(only_read.code, 0);
    let page = only_read.event()["page"].clone();
    let uris = page["redirect_uris"].as_array().unwrap();
    assert!(uris.contains(&json!("http://127.0.0.1/callback/discord")), "{uris:?}");
    assert!(page["steps"].to_string().contains("Public Client"));
    let refused = machine.json(&["set-up", "discord", "--client-id", "nobody"]);
    refused.assert_error(1, "public_client_off");
    assert!(refused.lines[1].contains(r#""saved":false"#) && file() == before);
    let client = ["--client-id", demo_provider::providers::kakao::CLIENT_ID];
    let secret = demo_provider::providers::kakao::CLIENT_SECRET;
    let kept =
        machine.json_reading(&[&["set-up", "kakao"], &client[..]].concat(), secret.as_bytes());
    kept.assert_error(5, "keychain_absent");
    assert!(file() == before && !kept.lines.concat().contains(secret));
    let issuer = format!("{}/oidc/.well-known/openid-configuration", demo.base());
    let new = [
        "set-up",
        "ours",
        "--issuer",
        &issuer,
        "--client-id",
        demo_provider::providers::oidc::CLIENT_ID,
    ];
    let saved = machine.json(&[&new[..], &["--label", "Ours"]].concat());
    let expected = json!({"event": "set_up", "schema": 1, "provider": "ours", "saved": true, "checked": "accepted"});
    assert_eq!((saved.code, saved.event()), (0, expected));
    assert!(file().starts_with(&before) && file().contains("label = \"Ours\""));
    let anyway = machine.json(&["set-up", "discord", "--client-id", "nobody", "--skip-check"]);
    assert_eq!((anyway.code, file().contains("client_id = \"nobody\"")), (0, true));
    // The secret that stands in the file is left alone unless it is wished away.
    let google = ["set-up", "google", "--client-id", demo_provider::providers::google::CLIENT_ID];
    machine.json(&[&google[..], &["--skip-check"]].concat());
    assert!(file().contains(demo_provider::providers::google::CLIENT_SECRET));
    let without = machine.json(&[&google[..], &["--skip-check", "--no-secret"]].concat());
    assert_eq!(without.code, 0);
    assert!(!file().contains(demo_provider::providers::google::CLIENT_SECRET));
    machine.json(&["set-up", "myspace"]).assert_error(1, "unknown_provider");
    machine.json(&["set-up", "email"]).assert_error(1, "unknown_provider");
    let mut command = machine.command(&["set-up", "kakao", "--home"]);
    let korean = done(command.arg(machine.at("home")).env("LANG", "ko_KR.UTF-8").output().unwrap());
    assert!(korean.lines.iter().any(|line| line.contains("REST API 키")), "{korean:?}");
}

#[test]
fn no_user_is_an_empty_list() {
    let machine = Machine::new();
    let accounts = machine.json(&["accounts"]);
    assert_eq!(
        (accounts.code, accounts.event()),
        (0, json!({"event": "accounts", "schema": 1, "users": []}))
    );
    let told = machine.spoken(&["accounts"]).lines.concat();
    assert!(told.contains("`nameplate sign-in`"), "{told}");
    machine.json(&["sign-out", "nobody"]).assert_error(1, "unknown_account");
    machine.json(&["token", "nobody"]).assert_error(1, "unknown_account");
}

/// Only a user who agrees, or a script that says so, has everything removed.
#[test]
fn forgetting_is_confirmed() {
    let machine = Machine::new();
    machine.json(&["forget"]).assert_error(3, "cancelled");
    let declined = machine.spoken(&["reset"]);
    assert!(declined.told.starts_with("Nothing was deleted."), "{declined:?}");
    assert!(declined.told.contains("`nameplate reset --yes`"), "{declined:?}");
    let forgotten = machine.json(&["reset", "--yes"]);
    assert_eq!(
        (forgotten.code, forgotten.event()),
        (0, json!({"event": "forgotten", "schema": 1}))
    );
}

/// A database that was damaged and set aside is reported by every command, by `doctor` as a
/// finding, until the file is moved or deleted.
#[test]
fn a_damaged_database_is_reported() {
    let machine = Machine::new();
    machine.json(&["accounts"]);
    machine.write("home/nameplate.db", "this is no database");
    for command in [&["accounts"][..], &["accounts"], &["providers"], &["refresh"]] {
        let told = machine.json(command);
        let first: Value = serde_json::from_str(&told.lines[0]).unwrap();
        assert_eq!(
            (&first["event"], &first["code"]),
            (&json!("notice"), &json!("store_set_aside"))
        );
        assert!(first["detail"].as_str().unwrap().contains("nameplate.db.damaged-"), "{first}");
    }
    machine.json(&["token", "nobody"]).assert_error(1, "unknown_account");
    let doctor = machine.json(&["doctor"]);
    assert!(doctor.lines[0].contains(r#""name":"store_set_aside""#), "{doctor:?}");
    let mut command = machine.command(&["accounts", "--home"]);
    let spoken = done(command.arg(machine.at("home")).output().unwrap());
    assert!(spoken.told.contains("damaged") && spoken.told.contains("nameplate reset"));
    assert!(!spoken.lines.concat().contains("damaged"), "standard output is for the list");
    for entry in std::fs::read_dir(machine.at("home")).unwrap().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().contains("damaged") {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    assert_eq!(machine.json(&["accounts"]).event()["event"], "accounts");
}

/// Damage that only the command itself finds is reported by that command.
#[test]
fn damage_that_a_command_finds_is_reported() {
    let machine = Machine::new();
    machine.json(&["accounts"]);
    let database = machine.at("home").join("nameplate.db");
    let mut bytes = std::fs::read(&database).unwrap();
    bytes[4096..].fill(0xff);
    std::fs::write(&database, bytes).unwrap();
    let told = machine.json(&["accounts"]);
    assert!(told.lines.iter().any(|line| line.contains("store_set_aside")), "{told:?}");
    assert!(told.lines.iter().any(|line| line.contains(r#""users":[]"#)), "{told:?}");
}

/// A home whose path could add a line to a file is refused with a sentence.
#[test]
fn a_home_with_a_line_break_is_refused() {
    let machine = Machine::new();
    let mut command = machine.command(&["accounts", "--json"]);
    command.env("NAMEPLATE_HOME", machine.at("a\nExec=evil"));
    done(command.output().unwrap()).assert_error(1, "home_refused");
}

#[test]
fn doctor_finds_that_the_keychain_is_missing() {
    let machine = Machine::with("[discord]\nclient_id = \"x\"\nclient_secret = \"s3cret\"\n");
    let doctor = machine.json(&["doctor"]);
    doctor.assert_error(5, "keychain_absent");
    let findings: Value = serde_json::from_str(&doctor.lines[0]).unwrap();
    let named = |name: &str| {
        let findings = findings["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["name"] == name).cloned().unwrap_or_default()
    };
    assert_eq!(named("keychain_absent")["health"], "error");
    let message = named("keychain_absent")["message"].as_str().unwrap().to_owned();
    for part in ["gnome-keyring", "keychain = \"kernel\""] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(named("secret_in_file")["detail"], "discord");
    assert_eq!(named("config_ready")["health"], "good");
    assert!(!doctor.lines.concat().contains("s3cret"));
}

/// What can be repaired is repaired once it is asked for, and the exit code tells of the keychain
/// alone.
#[cfg(target_os = "linux")]
#[test]
fn doctor_repairs() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::with("[discord]\nclient_id = \"1\"\n");
    machine.write("home/.env", "KAKAO_CLIENT_ID=k\n");
    let mode = || {
        let data = std::fs::metadata(machine.at("home/.env")).unwrap();
        data.permissions().mode() & 0o777
    };
    std::fs::set_permissions(machine.at("home/.env"), PermissionsExt::from_mode(0o644)).unwrap();
    // The window's program beside the command line.
    executable(&machine.at("bin/nameplate-desktop"), "#!/bin/sh\n");
    let names = |event: &Value| {
        let findings = event["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let seen = machine.json(&["doctor"]);
    let before: Value = serde_json::from_str(&seen.lines[0]).unwrap();
    for name in ["env_file_open", "handler_missing"] {
        assert!(names(&before).contains(&name.to_owned()), "{before}");
    }
    assert_eq!(mode(), 0o644, "nothing is changed unasked");
    let fixed = machine.json(&["doctor", "--fix"]);
    fixed.assert_error(5, "keychain_absent");
    let after: Value = serde_json::from_str(&fixed.lines[0]).unwrap();
    assert_eq!(after["repairs"].as_array().unwrap().len(), 2, "{after}");
    assert!(after["repairs"].as_array().unwrap().iter().all(|repair| repair["fixed"] == true));
    assert_eq!(mode(), 0o600);
    assert!(names(&after).contains(&"handler_ready".to_owned()), "{after}");
    let entries = machine.at("person/.local/share/applications");
    assert_eq!(std::fs::read_dir(entries).unwrap().count(), 1);
}

/// S53: files that Nameplate made are closed to others. The folder that was given as its home may be
/// there for something else, and keeps its mode.
#[cfg(unix)]
#[test]
fn doctor_leaves_the_folders_of_others_alone() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::with("[discord]\nclient_id = \"1\"\n");
    machine.json(&["accounts"]);
    let mode =
        |path: &str| std::fs::metadata(machine.at(path)).unwrap().permissions().mode() & 0o777;
    for path in ["home", "home/logs"] {
        std::fs::set_permissions(machine.at(path), PermissionsExt::from_mode(0o755)).unwrap();
    }
    let doctor = machine.json(&["doctor", "--fix"]);
    let report: Value = serde_json::from_str(&doctor.lines[0]).unwrap();
    assert_eq!((mode("home"), mode("home/logs")), (0o755, 0o755), "{report}");
    let findings = report["findings"].as_array().unwrap();
    let open = findings.iter().find(|finding| finding["name"] == "folder_open_to_others").unwrap();
    assert_eq!(open["fixable"], false);
    assert!(open["detail"].as_str().unwrap().contains("logs"), "{open}");
    assert!(
        report["repairs"]
            .as_array()
            .unwrap()
            .iter()
            .all(|repair| { repair["finding"]["name"] != "open_to_others" })
    );
    std::fs::set_permissions(machine.at("home/nameplate.db"), PermissionsExt::from_mode(0o644))
        .unwrap();
    machine.json(&["accounts"]);
    assert_eq!(mode("home/nameplate.db"), 0o600);
}

/// A report for people has a heading for each group and one entry for each kind of finding.
#[tokio::test]
async fn doctor_groups_its_findings() {
    let (_demo, machine) = demo().await;
    let brief = machine.spoken(&["doctor"]);
    let custom = brief.lines.iter().filter(|line| line.contains("Custom endpoints")).count();
    assert_eq!(custom, 1, "{brief:?}");
    let headings: Vec<_> = brief.lines.iter().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(headings, ["Keychain", "Providers", "Links"]);
    let verbose = machine.spoken(&["doctor", "--verbose"]).lines.join("\n");
    assert!(verbose.contains("GitHub: loopback, deep-link, manual, device-code"), "{verbose}");
    assert!(verbose.contains("discord: authorization_endpoint"), "{verbose}");
    assert!(verbose.contains("providers.toml") && verbose.contains("nameplate.db"), "{verbose}");
}

/// N11, N12, S48: With the kernel keyring and no desktop: sign in, name the account, run a command with a token,
/// move a secret into the keyring, sign out. Nothing secret is in a file.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_kernel_keyring_is_chosen() {
    let (demo, machine) = demo().await;
    let file = || std::fs::read_to_string(machine.at("home/providers.toml")).unwrap();
    machine.write("home/providers.toml", &format!("keychain = \"kernel\"\n{}", file()));
    let doctor = machine.json(&["doctor"]);
    if doctor.code == 5 {
        // A kernel without persistent keyrings, or a container that may not use them.
        machine.json(&["sign-in", "discord"]).assert_error(5, "keychain_absent");
        return;
    }
    assert_eq!(doctor.code, 0, "{doctor:?}");
    assert!(doctor.lines[0].contains("keychain_kernel"), "{doctor:?}");
    let secret = demo_provider::providers::google::CLIENT_SECRET;
    assert!(file().contains(secret));
    let fixed = machine.json(&["doctor", "--fix"]);
    assert!(fixed.code == 0 && !file().contains(secret), "{fixed:?}");
    assert!(file().starts_with("keychain = \"kernel\"\n"), "the rest of the file stays");

    sign_in(&machine, &["google"]).await;
    let given = machine.json(&["token", "google"]).event();
    assert_eq!((&given["token_type"], &given["bound"]), (&json!("Bearer"), &json!(false)));
    let token = given["access_token"].clone();
    let run = |words: &[&str]| {
        let mut command = machine.command(&["--json", "--home"]);
        command.arg(machine.at("home")).args(["run", "google", "--env", "MY_TOKEN", "--"]);
        done(command.args(words).output().unwrap())
    };
    let shown = run(&["/bin/sh", "-c", "echo $MY_TOKEN; exit 7"]);
    assert_eq!((shown.code, json!(shown.lines)), (7, json!([token])), "exit code and output");
    let arguments = run(&["/bin/cat", "/proc/self/cmdline"]);
    assert!(arguments.lines[0].starts_with("/bin/cat"), "it replaces the process: {arguments:?}");
    let missing = run(&["no-such-program"]);
    assert_eq!((missing.code, &missing.event()["code"]), (127, &json!("not_run")));
    let folder = machine.at("home").display().to_string();
    assert_eq!(run(&[&folder]).code, 126, "a folder cannot be run");
    for entry in std::fs::read_dir(machine.at("home")).unwrap().map(Result::unwrap) {
        let content = std::fs::read(entry.path()).unwrap_or_default();
        let token = token.as_str().unwrap().as_bytes();
        assert!(!content.windows(token.len()).any(|window| window == token), "{entry:?}");
    }
    assert_eq!(machine.json(&["sign-out", "google"]).code, 0);
    assert_eq!(machine.json(&["reset", "--yes"]).code, 0);
    drop(demo);
}

/// An account at the demo while that does not run, or at a provider that was removed from the configuration: a
/// refresh says why it fails, and a sign-out says that the account is removed although its provider was not told.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_account_outlives_the_demo() {
    const KERNEL: &str = "keychain = \"kernel\"\n";
    const REMOVED: &str = "The account was removed from this computer";
    let (demo, machine) = demo().await;
    machine.write("home/providers.toml", KERNEL);
    if machine.json(&["doctor"]).code == 5 {
        // A kernel without persistent keyrings, or a container that may not use them.
        return;
    }
    let written = demo.providers_toml();
    let company = written.split("\n[").find_map(|table| table.strip_prefix("company]")).unwrap();
    for (provider, refresh, removed, next) in [
        (
            "demo",
            "The demo runs only while Nameplate’s window is open",
            ". The demo was not told",
            "Nameplate ends.",
        ),
        (
            "gone",
            "Unknown provider “gone”",
            ", but access at gone was not revoked",
            "account settings at gone.",
        ),
    ] {
        machine.write("home/providers.toml", &format!("{KERNEL}[{provider}]{company}"));
        sign_in(&machine, &[provider]).await;
        machine.write("home/providers.toml", KERNEL);
        machine.json(&["refresh", provider]).assert_error(1, "unknown_provider");
        let told = machine.spoken(&["refresh", provider]).told;
        assert!(told.starts_with(refresh), "{told}");
        let left = machine.spoken(&["sign-out", provider, "--everywhere"]);
        assert_eq!((left.code, left.lines.len()), (1, 0), "{left:?}");
        let told = left.told.strip_prefix(REMOVED).unwrap();
        assert!(told.starts_with(removed) && told.trim().ends_with(next), "{told}");
        machine.json(&["token", provider]).assert_error(1, "unknown_account");
    }
    assert_eq!(machine.json(&["reset", "--yes"]).code, 0);
}

/// N13: without any set-up, a server or an address is enough; the account names it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_named_server_signs_in_without_set_up() {
    let (demo, machine) = demo().await;
    machine.write("home/providers.toml", "keychain = \"kernel\"\n");
    if machine.json(&["doctor"]).code == 5 {
        // A kernel without persistent keyrings, or a container that may not use them.
        return;
    }
    let (server, address) = (format!("{}/mastodon", demo.base()), format!("{}/oidc", demo.base()));
    sign_in(&machine, &["mastodon", "--server", &server]).await;
    sign_in(&machine, &[&address]).await;
    let event = machine.json(&["accounts"]).event();
    let users = event["users"].as_array().unwrap().iter();
    let accounts = users.flat_map(|user| user["accounts"].as_array().unwrap());
    let labels: Vec<_> = accounts.map(|account| account["label"].as_str().unwrap()).collect();
    assert_eq!(labels, [format!("Mastodon ({server})"), address]);
    assert_eq!(machine.json(&["reset", "--yes"]).code, 0);
}

/// Signs in at the demo provider, with a plain HTTP client as browser.
#[cfg(target_os = "linux")]
async fn sign_in(machine: &Machine, named: &[&str]) {
    use std::io::{BufRead, BufReader};
    let mut command = machine.command(&["sign-in"]);
    command.args(named).args(["--no-browser", "--json", "--home"]);
    let mut child = command.arg(machine.at("home")).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let begun: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    consent(begun["url"].as_str().unwrap()).await;
    let ended: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(ended["event"], "signed_in", "{ended}");
    assert!(child.wait().unwrap().success());
}

/// Presses the buttons of the demo provider's two pages, and follows the redirects.
#[cfg(target_os = "linux")]
async fn consent(url: &str) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut page = client.get(url).send().await.unwrap();
    for (name, value) in [("user", "haneul"), ("decision", "allow")] {
        let base = page.url().clone();
        let text = page.text().await.unwrap();
        let form = text.split_once("<form").unwrap().1;
        let attribute = |tag: &str, name: &str| {
            let tag = tag.split('>').next().unwrap();
            let value = tag.split_once(&format!("{name}=\"")).map(|(_, rest)| rest);
            value.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
        };
        let hidden = form.split("<input").skip(1).filter(|input| input.contains("type=\"hidden\""));
        let mut fields: Vec<_> =
            hidden.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect();
        fields.push((name.to_owned(), value.to_owned()));
        let action = base.join(&attribute(form, "action")).unwrap();
        page = client.post(action).form(&fields).send().await.unwrap();
    }
    assert!(page.status().is_success(), "{}", page.status());
}

#[test]
fn a_run_has_a_home_of_its_own() {
    let machine = Machine::new();
    let run = |by_variable: &str, by_argument: Option<&str>| {
        let mut command = machine.command(&["accounts", "--json"]);
        command.env("NAMEPLATE_HOME", machine.at(by_variable));
        command.args(by_argument.map(|name| format!("--home={}", machine.at(name).display())));
        assert_eq!(done(command.output().unwrap()).code, 0);
    };
    run("variable", None);
    assert!(machine.at("variable/nameplate.db").exists());
    run("unused", Some("argument"));
    assert!(machine.at("argument/nameplate.db").exists() && !machine.at("unused").exists());
    let person = machine.at("person");
    assert_eq!(std::fs::read_dir(person).unwrap().count(), 0, "the person's own folders");
}

/// S53: others can read neither the folder nor the database nor the log.
#[cfg(unix)]
#[test]
fn a_home_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::new();
    std::fs::remove_dir(machine.at("home")).unwrap();
    machine.json(&["accounts"]);
    let mode =
        |name: &str| std::fs::metadata(machine.at(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("home"), mode("home/logs"), mode("home/locks")), (0o700, 0o700, 0o700));
    assert_eq!(mode("home/nameplate.db"), 0o600);
}

/// Precedence: environment, then the named file, then `.env`, then `providers.toml`; id and secret
/// are one unit. What is set up is seen by what `doctor` warns of and `providers` calls ready.
#[test]
fn a_client_may_come_from_the_environment_or_a_file() {
    let machine = Machine::new();
    let ready = |command: &mut Command| {
        let printed = command.args(["--json", "--home"]).arg(machine.at("home")).output().unwrap();
        ready(&done(printed).event())
    };
    let mut by_variable = machine.command(&["providers"]);
    by_variable.env("DISCORD_CLIENT_ID", "1").env("GOOGLE_CLIENT_SECRET", "s3cret");
    assert_eq!(ready(&mut by_variable), ["discord", "email"], "a secret alone is no client");
    machine.write("elsewhere.env", "export KAKAO_CLIENT_ID='k'\nPATH=/nowhere\n");
    let file = machine.at("elsewhere.env").display().to_string();
    let mut by_file = machine.command(&["providers", "--env-file", &file]);
    assert_eq!(ready(&mut by_file), ["kakao", "email"]);
    machine.write("home/.env", "GOOGLE_CLIENT_ID=g\n");
    assert_eq!(ready(&mut machine.command(&["providers"])), ["google", "email"]);
    let mut instead = machine.command(&["providers", "--env-file", &file]);
    assert_eq!(ready(&mut instead), ["kakao", "email"], "the named file stands in for .env");
    machine.write("home/.env", "not a line\n");
    machine.json(&["providers"]).assert_error(1, "config_unreadable");
}

/// What was typed is named, with what to type instead.
#[test]
fn an_unknown_provider_has_a_next_step() {
    let machine = Machine::new();
    let told = |arguments: &[&str]| {
        let mut command = machine.command(arguments);
        done(command.arg("--home").arg(machine.at("home")).output().unwrap()).told
    };
    for arguments in [&["sign-in", "myspace"][..], &["set-up", "myspace"]] {
        let told = told(arguments);
        assert!(told.contains("myspace") && told.contains("nameplate providers"), "{told}");
        assert!(told.contains("--issuer") && !told.contains("Did you mean"), "{told}");
    }
    for (typed, meant) in [("discrod", "“discord”"), ("gogle", "“google”")] {
        let told = told(&["sign-in", typed]);
        assert!(told.contains(typed) && told.contains("Did you mean"), "{told}");
        assert!(told.contains(meant), "{told}");
    }
}

/// A provider is named by its label as well; of several, each ID is named.
#[test]
fn a_provider_is_named_by_its_label() {
    let issuer = |id: &str, label: &str| {
        format!(
            "[{id}]\nkind = \"oidc\"\nlabel = \"{label}\"\nissuer = \"https://{id}.example.com\"\nclient_id = \"c\"\n"
        )
    };
    let machine = Machine::with(&issuer("company", "Company SSO"));
    for name in ["Company SSO", "company sso"] {
        machine.json(&["sign-in", name]).assert_error(5, "keychain_absent");
    }
    let both = [issuer("company", "Company SSO"), issuer("other", "company sso")].concat();
    let machine = Machine::with(&both);
    let refused = machine.spoken(&["sign-in", "Company SSO"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.told.contains("Company SSO → company, other"), "{refused:?}");
    machine.json(&["sign-in", "company"]).assert_error(5, "keychain_absent");
}

/// In Korean, a provider has its Korean name where the configuration names it in no other way.
#[test]
fn labels_are_in_the_language() {
    let machine = Machine::with("[google]\nclient_id = \"c\"\nlabel = \"Google 2\"\n");
    machine.add_people();
    let korean = |arguments: &[&str]| {
        let mut command = machine.command(arguments);
        command.env("LANG", "ko_KR.UTF-8").env("COLUMNS", "200");
        done(command.arg("--home").arg(machine.at("home")).output().unwrap())
    };
    assert!(korean(&["sign-in", "kakao"]).told.starts_with("카카오"));
    assert!(korean(&["sign-in", "카카오"]).told.starts_with("카카오"));
    let accounts = korean(&["accounts"]).lines;
    assert!(accounts[1].contains("Discord") && accounts[2].contains("카카오"), "{accounts:?}");
    let providers = korean(&["providers"]).lines.join("\n");
    assert!(providers.contains("카카오") && providers.contains("Google 2"), "{providers}");
    assert!(!providers.contains("Kakao"), "{providers}");
    let english = machine.json(&["providers"]).event().to_string();
    assert!(english.contains(r#""label":"Kakao""#) && !english.contains("카카오"), "{english}");
}

/// The demo is a child of the window: a command says where it is started, and does not call it unknown. A configured
/// provider of its id is one as any other.
#[test]
fn the_demo_is_started_in_the_window() {
    let machine = Machine::new();
    let listed = |machine: &Machine| machine.spoken(&["providers"]).lines.join("\n");
    assert!(!listed(&machine).contains("demo"));
    let refused = machine.spoken(&["sign-in", "demo"]);
    assert_eq!((refused.code, refused.lines.len()), (2, 0), "{refused:?}");
    for part in ["only while Nameplate’s window is open", "`nameplate-desktop`", "“Try the demo”"]
    {
        assert!(refused.told.contains(part), "{refused:?}");
    }
    machine.json(&["sign-in", "demo"]).assert_error(2, "unknown_provider");
    let mut command = machine.command(&["sign-in", "demo", "--home"]);
    let korean = done(command.arg(machine.at("home")).env("LANG", "ko_KR.UTF-8").output().unwrap());
    assert!(korean.told.contains("데모는 Nameplate 창이 열려 있는 동안에만"), "{korean:?}");
    machine.add_account("demo", "Company SSO", "http://127.0.0.1:29147/oidc");
    assert!(listed(&machine).contains("`nameplate-desktop`"));

    let issuer = "issuer = \"https://id.example.com\"";
    let own = Machine::with(&format!("[demo]\nkind = \"oidc\"\n{issuer}\nclient_id = \"c\"\n"));
    own.json(&["sign-in", "demo"]).assert_error(5, "keychain_absent");
    own.add_account("demo", "demo", "https://id.example.com");
    assert!(!listed(&own).contains("window"));
}

/// What was typed is named, with where to find the right one.
#[test]
fn an_unknown_account_has_a_next_step() {
    let machine = Machine::new();
    for arguments in [
        &["token", "mira"][..],
        &["refresh", "mira"],
        &["sign-out", "mira"],
        &["logout", "mira"],
        &["run", "mira", "--", "true"],
    ] {
        let told = machine.spoken(arguments).told;
        assert!(told.contains("“mira”") && told.contains("nameplate accounts"), "{told}");
        assert!(!told.contains("Did you mean"), "{told}");
    }
    machine.add_people();
    let told = machine.spoken(&["token", "discrod"]).told;
    assert!(told.contains("Did you mean “discord”?"), "{told}");
}

/// An account is named by provider, address, both or id; of several, each is named uniquely.
#[test]
fn an_account_is_named_in_several_ways() {
    let machine = Machine::new();
    machine.add_people();
    // No account has a session here, so the account that was found needs a sign-in.
    let provider_of = |name: &str| {
        let done = machine.json(&["token", name]);
        let last: Value = serde_json::from_str(done.lines.last().unwrap()).unwrap();
        (done.code, last["code"].as_str().unwrap().to_owned(), last["detail"].clone())
    };
    for name in ["a3", "discord", "DISCORD:haneul@example.com", "kakao:haneul@example.com"] {
        let (code, _, _) = provider_of(name);
        assert!(code == 5 || code == 6, "{name}: {code}");
    }
    for (name, unique) in [
        ("kakao", "kakao → kakao:haneul@example.com, a3"),
        ("haneul@example.com", "haneul@example.com → discord, kakao:haneul@example.com"),
    ] {
        let done = machine.json(&["token", name]);
        done.assert_error(2, "ambiguous_account");
        assert!(done.lines[0].contains(unique), "{done:?}");
        let spoken = machine.spoken(&["sign-out", name]);
        assert!(spoken.code == 2 && spoken.told.contains(unique), "{spoken:?}");
    }
    let people = machine.json(&["accounts"]).event();
    assert_eq!(people["users"].as_array().unwrap().len(), 2, "both are still signed in");
    // By the label as well, where that is another name than the id's.
    machine.add_account("company", "Company SSO", "https://id.example.com");
    let (code, _, _) = provider_of("company sso");
    assert!(code == 5 || code == 6, "{code}");
    machine.add_account("other", "COMPANY SSO", "https://other.example.com");
    machine.json(&["token", "Company SSO"]).assert_error(2, "ambiguous_account");
    // A label takes the place of no provider.
    machine.add_account("fake", "discord", "https://fake.example.com");
    let (code, _, _) = provider_of("discord");
    assert!(code == 5 || code == 6, "{code}");
}

/// A table where it fits the terminal, else a block for each account; Hangul takes two columns.
#[test]
fn accounts_are_a_table() {
    let machine = Machine::new();
    machine.add_people();
    let at_width = |columns: &str, language: &str| {
        let mut command = machine.command(&["status"]);
        command.env("COLUMNS", columns).env("LANG", language).arg("--home").arg(machine.at("home"));
        done(command.output().unwrap()).lines
    };
    let lines = at_width("100", "C.UTF-8");
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(
        lines[0],
        "Person             Provider  Email                              State          Access token"
    );
    assert!(
        lines[1].starts_with(
            "하늘               Discord   haneul@example.com                 signed in      "
        ) && lines[1].ends_with(" d left"),
        "{}",
        lines[1]
    );
    assert_eq!(
        lines[2],
        "하늘               Kakao     haneul@example.com (not verified)  signed in      expired"
    );
    assert_eq!(
        lines[3],
        "Mira (Mira Novak)  Kakao                                        sign in again"
    );
    let narrow = at_width("40", "C.UTF-8");
    assert_eq!(narrow[0], "하늘");
    assert_eq!(narrow[1], "  Provider      Discord");
    assert!(narrow.iter().all(|line| line.chars().count() <= 49), "{narrow:?}");
    assert!(at_width("100", "ko_KR.UTF-8")[0].starts_with("사용자"));
}

/// Every method is listed that `--method` takes for the provider.
#[tokio::test]
async fn every_method_is_listed() {
    let (_demo, machine) = demo().await;
    let listed = machine.json(&["providers"]).event();
    let methods = |id: &str| {
        let providers = listed["providers"].as_array().unwrap();
        providers.iter().find(|provider| provider["id"] == id).unwrap()["methods"].clone()
    };
    assert_eq!(methods("github"), json!(["loopback", "deep-link", "manual", "device-code"]));
    assert_eq!(methods("email"), json!([]));
}

/// Without a terminal there is no choice, so the provider is an argument that is missing.
#[test]
fn a_provider_is_chosen_on_a_terminal_only() {
    let machine = Machine::with("[discord]\nclient_id = \"1\"\n");
    for arguments in [&["sign-in"][..], &["login"]] {
        let done = machine.spoken(arguments);
        assert_eq!((done.code, done.lines.len()), (2, 0), "{done:?}");
        assert!(done.told.contains("PROVIDER") && done.told.contains("Usage"), "{}", done.told);
    }
}

/// A completion script for each shell knows the commands, and each command has a manual page.
#[test]
fn shells_and_man_know_the_commands() {
    let machine = Machine::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = done(machine.command(&["completions", shell]).output().unwrap());
        assert_eq!((script.code, script.told.as_str()), (0, ""));
        let script = script.lines.join("\n");
        for word in ["sign-in", "add-bot", "everywhere", "device"] {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
    }
    let pages = machine.at("bin").display().to_string();
    assert_eq!(done(machine.command(&["man-pages", &pages]).output().unwrap()).code, 0);
    let page = std::fs::read_to_string(machine.at("bin/nameplate-run.1")).unwrap();
    assert!(page.contains("ACCESS_TOKEN"), "{page}");
    assert!(std::fs::read_dir(machine.at("person")).unwrap().next().is_none(), "no home is made");
}

/// A URL that was typed as an argument is in the history of the shell; one that was piped is not.
#[test]
fn finish_warns_of_the_history() {
    let machine = Machine::new();
    let typed = machine.json(&["finish", "http://127.0.0.1:1/callback/discord?code=c&state=s"]);
    assert!(typed.told.contains("history"), "{typed:?}");
    typed.assert_error(1, "unknown_state");
    let piped = machine.json_reading(&["finish"], b"rubbish");
    assert!(!piped.told.contains("history"), "{piped:?}");
}

/// A lock that another process holds is told on the standard error while it is waited for.
#[test]
fn a_held_lock_is_told() {
    use sha2::{Digest, Sha256};
    let machine = Machine::new();
    machine.json(&["accounts"]);
    let database = rusqlite::Connection::open(machine.at("home/nameplate.db")).unwrap();
    database
        .execute_batch(
            "INSERT INTO users (id, created_at) VALUES ('u', 0);
             INSERT INTO accounts (id, user, provider, label, issuer, subject, nickname, scopes, state, notes, created_at)
             VALUES ('a', 'u', 'discord', 'Discord', 'i', 's', 'Nari', '', 'active', '', 0);",
        )
        .unwrap();
    let digest = Sha256::digest(b"i\0s");
    let digest: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let lock = machine.at(&format!("home/locks/account-{digest}.lock"));
    let held = std::fs::File::create(lock).unwrap();
    held.lock().unwrap();
    let (told, mut child) = told_while_held(&machine, &["sign-out", "a"]);
    assert!(told.contains("Another Nameplate process"), "{told}");
    held.unlock().unwrap();
    child.wait().unwrap();
}

/// So is the lock of a process that migrates the database, before anything else is known.
#[test]
fn a_database_that_is_being_migrated_is_told() {
    let machine = Machine::new();
    std::fs::create_dir(machine.at("home/locks")).unwrap();
    let held = std::fs::File::create(machine.at("home/locks/migrate.lock")).unwrap();
    held.lock().unwrap();
    let (told, mut child) = told_while_held(&machine, &["accounts"]);
    assert!(told.contains("Opening the database takes long"), "{told}");
    held.unlock().unwrap();
    assert!(child.wait().unwrap().success());
}

/// The first line on the standard error of a command that waits for a lock.
fn told_while_held(machine: &Machine, arguments: &[&str]) -> (String, std::process::Child) {
    let mut command = machine.command(arguments);
    command.arg("--home").arg(machine.at("home")).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut told = std::io::BufReader::new(child.stderr.take().unwrap());
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut told, &mut line).unwrap();
        sender.send(line)
    });
    // Where nothing is told, the lock is let go and the command ends all the same.
    (lines.recv_timeout(std::time::Duration::from_secs(30)).unwrap_or_default(), child)
}

/// For people: sentences, on the side where errors belong, in their language.
#[test]
fn people_read_sentences() {
    let machine = Machine::new();
    let mut command = machine.command(&["sign-in", "discord", "--home"]);
    let english = done(command.arg(machine.at("home")).output().unwrap());
    assert!(english.lines.is_empty() && english.told.contains("Discord"), "{english:?}");
    let mut command = machine.command(&["sign-in", "discord", "--home"]);
    let korean = done(command.arg(machine.at("home")).env("LANG", "ko_KR.UTF-8").output().unwrap());
    assert_ne!(korean.told, english.told);
    assert!(korean.told.chars().any(|c| ('가'..='힣').contains(&c)), "{}", korean.told);
}
