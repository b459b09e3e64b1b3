//! The command line from outside, on a machine without a keychain: what it needs one for says so,
//! and everything else works. With a keychain it is met by the end-to-end tests.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use demo_provider::DemoProvider;
use serde_json::{Value, json};

/// A person's machine: folders of its own, no session bus, and a browser that leaves a trace.
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
        // Whoever has read enough closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(input);
        done(child.wait_with_output().unwrap())
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
    Done {
        code: output.status.code().unwrap(),
        lines: text(output.stdout).lines().map(str::to_owned).collect(),
        told: text(output.stderr),
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

/// The providers that are set up, of what `providers` printed.
fn ready(event: &Value) -> Vec<String> {
    let listed = event["providers"].as_array().unwrap().iter();
    let ready = listed.filter(|provider| provider["ready"] == true);
    ready.map(|provider| provider["id"].as_str().unwrap().to_owned()).collect()
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
        &["sign-in", "discord", "--channel", "pigeon"],
        &["sign-in", "discord", "--timeout", "0"],
        &["sign-in", "discord", "--client-secret", "s3cret"],
        &["set-up", "discord", "--client-secret", "s3cret"],
        &["sign-in", "email"],
        &["sign-in", "email", "--address", "a@b", "--password", "s3cret"],
        &["sign-in", "email", "--address", "a@b", "--nickname", "Nari"],
        &["add-bot", "discord", "--permissions", "all"],
        &["add-bot", "discord", "--permissions", "-8"],
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
    for channel in ["loopback", "deep-link", "paste"] {
        machine
            .json(&["sign-in", "discord", "--channel", channel])
            .assert_error(5, "keychain_absent");
    }
    machine.json(&["sign-in", "company", "--channel", "device"]).assert_error(5, "keychain_absent");
    machine.json(&["add-bot", "--permissions", "2048"]).assert_error(5, "keychain_absent");
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
    machine
        .json(&["sign-in", "google", "--channel", "deep-link"])
        .assert_error(1, "channel_refused");
    machine.json(&["sign-in", "discord", "--channel", "device"]).assert_error(1, "channel_refused");
    machine.json(&["add-bot", "google"]).assert_error(1, "no_bot");
    machine.json(&["add-bot", "myspace"]).assert_error(1, "unknown_provider");
    Machine::new().json(&["add-bot"]).assert_error(1, "not_set_up");
    assert!(!machine.opened_a_browser());
}

/// S48, N10: no secret is shown, and with the file of the demo provider every provider is ready.
#[tokio::test]
async fn providers_are_listed_without_their_secrets() {
    let empty = Machine::new().json(&["providers"]);
    assert_eq!(empty.code, 0);
    // A profile of this device needs no set-up.
    assert_eq!(ready(&empty.event()), ["email"]);
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
        "INSERT INTO users (id, nickname, created_at, read_at) VALUES ('u', ?1, 0, 0)",
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
        (&b""[..], "not_an_answer"),
        (b"rubbish\n", "not_an_answer"),
        (b"\xff\xfe\x00\x01", "not_an_answer"),
        (b"app.nameplate.desktop.dev:/callback/discord?code=c&state=s\n", "unknown_state"),
        (
            b"app.nameplate.desktop.dev:/callback/discord?code=c&code=d&state=s",
            "duplicate_parameter",
        ),
        (endless.as_bytes(), "answer_too_long"),
    ] {
        let done = machine.json_reading(&["finish", "-"], input);
        done.assert_error(1, code);
        machine.json_reading(&["finish"], input).assert_error(1, code);
    }
    machine.json(&["finish", "rubbish"]).assert_error(1, "not_an_answer");
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
    let expected =
        json!({"event": "set_up", "provider": "ours", "saved": true, "checked": "accepted"});
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
fn nobody_is_an_empty_list() {
    let machine = Machine::new();
    let accounts = machine.json(&["accounts"]);
    assert_eq!((accounts.code, accounts.event()), (0, json!({"event": "accounts", "users": []})));
    machine.json(&["sign-out", "nobody"]).assert_error(1, "unknown_account");
    machine.json(&["token", "nobody"]).assert_error(1, "unknown_account");
}

/// Only a person who agrees, or a script that says so, has everything removed.
#[test]
fn forgetting_is_confirmed() {
    let machine = Machine::new();
    machine.json(&["forget"]).assert_error(3, "cancelled");
    let forgotten = machine.json(&["reset", "--yes"]);
    assert_eq!((forgotten.code, forgotten.event()), (0, json!({"event": "forgotten"})));
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
    assert_eq!(named("keychain_absent")["health"], "ill");
    assert_eq!(named("secret_in_file")["detail"], "discord");
    assert_eq!(named("config_ready")["health"], "well");
    assert!(!doctor.lines.concat().contains("s3cret"));
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

/// What was typed is named, with where to find the right one.
#[test]
fn an_unknown_account_has_a_next_step() {
    let machine = Machine::new();
    for command in ["token", "refresh", "sign-out"] {
        let mut command = machine.command(&[command, "mira"]);
        let told = done(command.arg("--home").arg(machine.at("home")).output().unwrap()).told;
        assert!(told.contains("“mira”") && told.contains("nameplate accounts"), "{told}");
    }
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
            "INSERT INTO users (id, nickname, created_at, read_at) VALUES ('u', 'Nari', 0, 0);
             INSERT INTO accounts (id, user, provider, label, issuer, subject, nickname, scopes, state, notes, created_at)
             VALUES ('a', 'u', 'discord', 'Discord', 'i', 's', 'Nari', '', 'active', '', 0);",
        )
        .unwrap();
    let digest = Sha256::digest(b"i\0s");
    let digest: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let lock = machine.at(&format!("home/locks/account-{digest}.lock"));
    let held = std::fs::File::create(lock).unwrap();
    held.lock().unwrap();
    let mut command = machine.command(&["sign-out", "a", "--home"]);
    command.arg(machine.at("home")).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut told = std::io::BufReader::new(child.stderr.take().unwrap());
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut told, &mut line).unwrap();
        sender.send(line)
    });
    // Where nothing is told, the lock is let go and the command ends all the same.
    let line = lines.recv_timeout(std::time::Duration::from_secs(30)).unwrap_or_default();
    assert!(line.contains("Another Nameplate process"), "{line}");
    held.unlock().unwrap();
    child.wait().unwrap();
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
