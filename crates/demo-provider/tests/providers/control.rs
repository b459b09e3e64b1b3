//! The control endpoints, the pages, the program, and access to it.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::common::{Demo, OIDC, Reply, demo, send, text};
use demo_provider::DemoProvider;
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn put(demo: &Demo, path: &str, body: Value) -> Reply {
    send(demo.http.put(demo.url(path)).json(&body)).await
}

#[tokio::test]
async fn faults_are_replaced_and_cleared_over_http() {
    let demo = demo(OIDC).await;
    let faults = json!(["token_5xx", "avatar_404"]);
    put(&demo, "/demo/faults/oidc", faults.clone()).await.is(200, &faults);
    assert_eq!(demo.post(OIDC.token, &[]).await.status, StatusCode::SERVICE_UNAVAILABLE);
    put(&demo, "/demo/faults/oidc", json!([])).await.is(200, &json!([]));
    assert_eq!(demo.post(OIDC.token, &[]).await.status, StatusCode::BAD_REQUEST);

    let misspelt = put(&demo, "/demo/faults/oidc", json!(["token_5x"])).await;
    assert_eq!(misspelt.status, StatusCode::BAD_REQUEST);
    assert!(misspelt.text.contains("token_response_lost"), "it lists the names: {}", misspelt.text);
    let unknown = put(&demo, "/demo/faults/myspace", json!([])).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(demo.json("/demo/faults").await["oidc"], json!([]));
}

/// The names with digits, which the conversion to snake_case does not give.
#[tokio::test]
async fn the_names_of_the_contract_are_understood() {
    let demo = demo(OIDC).await;
    let names = "token_5xx token_429 token_error_200 jwks_5xx discovery_5xx profile_5xx profile_401 \
        profile_429 people_403 avatar_404 avatar_5xx emails_404 photo_401 revoke_503 \
        revoke_401 revoke_access_503 token_proxy403 profile_proxy403 iss_missing slow_down";
    let names: Vec<&str> = names.split_whitespace().collect();
    let reply = put(&demo, "/demo/faults/oidc", json!(names)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
}

#[tokio::test]
async fn responses_are_delayed_over_http() {
    let demo = demo(OIDC).await;
    put(&demo, "/demo/delay", json!(1)).await.is(200, &json!({ "delay": 1 }));
    assert_eq!(put(&demo, "/demo/delay", json!(-1)).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_request_log_has_sets_and_counts() {
    let demo = demo(OIDC).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "nobody"),
        ("client_secret", "a-secret"),
        ("refresh_token", "a-refresh-token"),
        ("code_verifier", "a-verifier"),
        ("code", "a-code"),
    ];
    assert_eq!(demo.post(OIDC.token, &form).await.status, StatusCode::UNAUTHORIZED);
    let log = demo.json("/demo/request-log").await;
    for (name, values) in [
        ("client_secrets", json!(["a-secret"])),
        ("refresh_tokens", json!(["a-refresh-token"])),
        ("verifiers", json!(["a-verifier"])),
        ("codes", json!(["a-code"])),
        ("access_tokens", json!([])),
        ("id_tokens", json!([])),
    ] {
        assert_eq!(log[name], values, "{name}");
    }
    let counts = &log["grants"]["oidc"];
    assert!(counts["authorization_code"] == 0 && counts["refresh_token"] == 0);
    assert_eq!(counts["refusals"], 1);
    assert_eq!(log["paths"][OIDC.token], 1);
}

/// As a user changes them at a provider: a token that was issued before reads them from then on.
#[tokio::test]
async fn a_changed_nickname_and_picture_are_read_again() {
    let demo = demo(OIDC).await;
    let body = demo.tokens(&[], "haneul").await;
    let read = async || demo.read("/oidc/userinfo", text(&body, "access_token")).await.body;
    let picture = async |of: &Value| {
        demo.http.get(text(of, "picture")).send().await.unwrap().bytes().await.unwrap()
    };
    let before = read().await;
    let drawn = picture(&before).await;
    for change in [json!({ "nickname": "바다" }), json!({ "colour": [200, 60, 40] })] {
        assert_eq!(put(&demo, "/demo/users/haneul", change).await.status, StatusCode::OK);
    }
    let after = read().await;
    assert_eq!((text(&before, "nickname"), text(&after, "nickname")), ("하늘", "바다"));
    assert_eq!(before["sub"], after["sub"]);
    assert_ne!(picture(&after).await, drawn);

    let misspelt = put(&demo, "/demo/users/haneul", json!({ "color": [0, 0, 0] })).await;
    assert_eq!(misspelt.status, StatusCode::BAD_REQUEST);
    let nobody = put(&demo, "/demo/users/nobody", json!({})).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

/// S70: what the app starts for a user shows the other users of the machine no code and no token, and they change none
/// of its responses.
#[tokio::test]
async fn beside_a_person_no_client_reads_requests_or_changes_responses() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_demo-provider"))
        .args(["--while-stdin", "--listen", "127.0.0.1:0"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let at = |path: &str| format!("{}{path}", text(&said, "listening"));
    let discovery = "/oidc/.well-known/openid-configuration";
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status();
    assert_eq!(status(http.get(at(discovery))).await, StatusCode::OK);
    assert_eq!(status(http.get(at("/demo/users/haneul.png"))).await, StatusCode::OK);
    for path in ["/demo/request-log", "/demo/faults", "/demo/elsewhere/token", "/discord/authorize"]
    {
        assert_eq!(status(http.get(at(path))).await, StatusCode::NOT_FOUND, "{path}");
    }
    for (path, body, refused) in [
        ("/demo/faults/oidc", json!(["discovery_5xx"]), StatusCode::NOT_FOUND),
        ("/demo/delay", json!(600_000), StatusCode::NOT_FOUND),
        ("/demo/users/haneul", json!({ "nickname": "x" }), StatusCode::METHOD_NOT_ALLOWED),
    ] {
        assert_eq!(status(http.put(at(path)).json(&body)).await, refused, "{path}");
    }
    assert_eq!(status(http.get(at(discovery))).await, StatusCode::OK);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn a_name_that_was_rebound_to_loopback_is_turned_away() {
    let demo = demo(OIDC).await;
    let request = demo.http.get(demo.url("/demo/request-log")).header("host", "evil.example");
    assert_eq!(send(request).await.status, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn it_listens_on_loopback_only_and_frees_its_port() {
    for wrong in ["0.0.0.0:0", "192.168.1.1:0", "nonsense"] {
        assert!(DemoProvider::start(wrong).await.is_err(), "{wrong}");
    }
    let first = DemoProvider::start("127.0.0.1:0").await.unwrap();
    let address = first.base().strip_prefix("http://").unwrap().to_owned();
    assert!(DemoProvider::start(&address).await.is_err(), "the port is taken");
    first.stop().await;
    DemoProvider::start(&address).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_form_sent_twice_or_to_nowhere_says_that_it_is_over() {
    let demo = demo(OIDC).await;
    let form = [("request", "unknown"), ("user", "haneul"), ("decision", "allow")];
    let reply = demo.post("/oidc/sign-in", &form).await;
    assert_eq!(reply.status, StatusCode::GONE);
    assert!(reply.text.contains("This sign-in is over"));
}

#[tokio::test]
async fn pages_speak_both_languages_and_run_no_script() {
    let demo = demo(OIDC).await;
    for (language, words) in [
        ("ko-KR,ko;q=0.9,en;q=0.5", "누구로 로그인할까요?"),
        ("en-US", "Who would you like to be?"),
    ] {
        let request = demo.http.get(demo.url(OIDC.authorize)).query(&OIDC.ask());
        let page = request.header("accept-language", language).send().await.unwrap();
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"));
        let page = page.text().await.unwrap();
        assert!(page.contains(words) && page.contains("value=\"long-name\""), "{page}");
        assert!(!page.contains("<script"), "{page}");
    }
    let request = demo.http.get(demo.url("/oidc/device")).query(&[("user_code", "\"><script>")]);
    let page = send(request.header("accept-language", "ko-KR")).await.text;
    assert!(page.contains("코드 입력") && page.contains("lang=\"ko\""), "{page}");
    assert!(!page.contains("<script>"), "what is in the address is text: {page}");
}

#[tokio::test]
async fn a_style_sheet_has_the_providers_colours() {
    let demo = demo(OIDC).await;
    let sheet = demo.get("/oidc/style.css", &[]).await.text().await.unwrap();
    assert!(sheet.contains("--accent: #0c6b5e"), "{sheet}");
}

#[test]
fn the_program_says_where_it_listens_and_writes_the_configuration() {
    let folder = std::env::temp_dir().join(format!("demo-provider-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("providers.toml");
    let mut child = Command::new(env!("CARGO_BIN_EXE_demo-provider"))
        .args(["--listen", "127.0.0.1:0", "--write-config"])
        .arg(&file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let base = text(&said, "listening");
    let written = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(base.starts_with("http://127.0.0.1:"));
    assert!(text(&said, "https_redirect").starts_with("https://localhost:"));
    assert_eq!(text(&said, "https_redirect_spki").len(), 44);
    assert!(written.contains(&format!("issuer = \"{base}/oidc\"")));
}

#[tokio::test]
async fn every_endpoint_that_the_file_names_is_there() {
    let demo = demo(OIDC).await;
    let file = demo.server.providers_toml();
    let named = file.lines().filter_map(|line| line.split_once(" = "));
    let endpoints = named.filter(|(key, _)| key.ends_with("_endpoint") || key.ends_with("_uri"));
    let mut count = 0;
    for (key, url) in endpoints {
        let Some(path) = url.trim_matches('"').strip_prefix(demo.server.base()) else { continue };
        let response = demo.get(path, &[]).await;
        let (status, body) = (response.status(), response.text().await.unwrap());
        assert!(status != StatusCode::NOT_FOUND || !body.is_empty(), "{key}: {path}");
        count += 1;
    }
    assert!(count > 20, "{file}");
}
