//! The control endpoints, the program, and who may speak to it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use common::{CHALLENGE, VERIFIER, heard, params, world};
use demo_provider::{DemoProvider, clients};
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn faults_are_replaced_and_cleared_over_http() {
    let world = world().await;
    let put = async |provider: &str, body: Value| {
        heard(
            world
                .http
                .put(world.url(&format!("/demo/faults/{provider}")))
                .json(&body)
                .send()
                .await
                .unwrap(),
        )
        .await
    };
    assert_eq!(
        put("discord", json!(["token_5xx", "avatar_404"])).await.body,
        json!(["token_5xx", "avatar_404"])
    );
    let token = world.post("/discord/api/oauth2/token", &[]).await;
    assert_eq!(token.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(put("discord", json!([])).await.body, json!([]));
    let token = world.post("/discord/api/oauth2/token", &[]).await;
    assert_eq!(token.status, StatusCode::BAD_REQUEST);

    let misspelt = put("discord", json!(["token_5x"])).await;
    assert_eq!(misspelt.status, StatusCode::BAD_REQUEST);
    assert!(
        misspelt.text.contains("token_answer_lost"),
        "the answer names what there is: {}",
        misspelt.text
    );
    assert_eq!(put("myspace", json!([])).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.json("/demo/faults").await["discord"], json!([]));
}

#[tokio::test]
async fn the_names_of_the_contract_are_understood() {
    let world = world().await;
    let names = json!([
        "profile_not_json",
        "profile_too_large",
        "profile_wrong_type",
        "profile_fields_missing",
        "profile_fields_null",
        "profile_5xx",
        "profile_401",
        "token_redirects",
        "token_not_json",
        "token_too_large",
        "token_5xx",
        "token_429",
        "token_without_expires_in",
        "token_expires_in_string",
        "token_without_scope",
        "token_without_refresh_token",
        "token_type_mac",
        "iss_wrong",
        "iss_missing",
        "extra_parameters",
        "avatar_404",
        "avatar_too_large",
        "avatar_svg",
        "avatar_html",
        "avatar_redirect_to_private",
        "avatar_redirect_loop",
        "avatar_bomb",
        "people_403",
        "slow_down",
        "device_expired",
        "device_5xx",
        "emails_404",
        "photo_401",
        "email_missing"
    ]);
    let sent = world.http.put(world.url("/demo/faults/google")).json(&names).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::OK);
}

#[tokio::test]
async fn rotation_and_clock_are_set_over_http() {
    let world = world().await;
    let put = async |path: &str, body: Value| {
        world.http.put(world.url(path)).json(&body).send().await.unwrap().status()
    };
    assert_eq!(put("/demo/rotation/discord", json!("on_use")).await, StatusCode::OK);
    assert_eq!(put("/demo/rotation/discord", json!("sometimes")).await, StatusCode::BAD_REQUEST);
    assert_eq!(put("/demo/rotation/myspace", json!("on_use")).await, StatusCode::NOT_FOUND);
    assert_eq!(put("/demo/clock", json!(60)).await, StatusCode::OK);
    assert_eq!(put("/demo/clock", json!(-60)).await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_ledger_has_the_sets_and_counts_of_the_contract() {
    let world = world().await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "nobody"),
        ("client_secret", "a-secret"),
        ("refresh_token", "a-refresh-token"),
        ("code_verifier", "a-verifier"),
        ("code", "a-code"),
    ];
    assert_eq!(
        world.post("/discord/api/oauth2/token", &form).await.status,
        StatusCode::UNAUTHORIZED
    );
    let ledger = world.json("/demo/ledger").await;
    assert_eq!(ledger["client_secrets"], json!(["a-secret"]));
    assert_eq!(ledger["refresh_tokens"], json!(["a-refresh-token"]));
    assert_eq!(
        (&ledger["verifiers"], &ledger["codes"]),
        (&json!(["a-verifier"]), &json!(["a-code"]))
    );
    assert_eq!((&ledger["access_tokens"], &ledger["id_tokens"]), (&json!([]), &json!([])));
    let counts = &ledger["grants"]["discord"];
    assert_eq!(
        (&counts["authorization_code"], &counts["refresh_token"], &counts["refusals"]),
        (&json!(0), &json!(0), &json!(1))
    );
    assert_eq!(ledger["paths"]["/discord/api/oauth2/token"], 1);
}

/// As a person changes them at a provider: a token that was given before reads them from then on.
#[tokio::test]
async fn a_changed_nickname_and_picture_are_told_to_whoever_reads_again() {
    let world = world().await;
    let back = "http://127.0.0.1:42149/callback/discord";
    let app = [("client_id", clients::DISCORD), ("redirect_uri", back)];
    let more = [
        ("response_type", "code"),
        ("scope", "identify"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let ask = [app.as_slice(), &more].concat();
    let answer = params(&world.decide("/discord/oauth2/authorize", &ask, "haneul", "allow").await);
    let more = [
        ("grant_type", "authorization_code"),
        ("code_verifier", VERIFIER),
        ("code", &answer["code"]),
    ];
    let form = [app.as_slice(), &more].concat();
    let token = world.post("/discord/api/oauth2/token", &form).await.body;
    let read = async || {
        let token = token["access_token"].as_str().unwrap();
        world.read("/discord/api/v10/users/@me", token).await.body
    };
    let before = read().await;
    let put = async |key: &str, body: Value| {
        let to = world.url(&format!("/demo/people/{key}"));
        world.http.put(to).json(&body).send().await.unwrap().status()
    };
    assert_eq!(put("haneul", json!({ "nickname": "바다" })).await, StatusCode::OK);
    assert_eq!(put("haneul", json!({ "colour": [200, 60, 40] })).await, StatusCode::OK);
    let after = read().await;
    assert_eq!((&before["global_name"], &after["global_name"]), (&json!("하늘"), &json!("바다")));
    assert_eq!(before["id"], after["id"]);
    let id = after["id"].as_str().unwrap();
    let picture = async |of: &Value| {
        let path = format!("/discord/cdn/avatars/{id}/{}.png", of["avatar"].as_str().unwrap());
        world.get(&path, &[]).await.status()
    };
    assert_eq!(picture(&after).await, StatusCode::OK);
    assert_eq!(picture(&before).await, StatusCode::NOT_FOUND);

    assert_eq!(put("haneul", json!({ "color": [0, 0, 0] })).await, StatusCode::BAD_REQUEST);
    assert_eq!(put("nobody", json!({})).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_name_that_was_rebound_to_loopback_is_turned_away() {
    let world = world().await;
    let sent = world
        .http
        .get(world.url("/demo/ledger"))
        .header("host", "evil.example")
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), StatusCode::MISDIRECTED_REQUEST);
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
    let world = world().await;
    let form = [("request", "unknown"), ("person", "haneul"), ("decision", "allow")];
    let heard = world.post("/sign-in", &form).await;
    assert_eq!(heard.status, StatusCode::GONE);
    assert!(heard.text.contains("This sign-in is over"));
}

#[tokio::test]
async fn pages_speak_both_languages_and_run_no_script() {
    let world = world().await;
    let url = world.url("/kakao/oauth/authorize?client_id=demo-kakao&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A53682%2Fcallback%2Fkakao");
    for (language, words) in [
        ("ko-KR,ko;q=0.9,en;q=0.5", "누구로 로그인할까요?"),
        ("en-US", "Who would you like to be?"),
    ] {
        let page = world.http.get(&url).header("accept-language", language).send().await.unwrap();
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"));
        let page = page.text().await.unwrap();
        assert!(
            page.contains(words)
                && page.contains("value=\"long-name\"")
                && !page.contains("<script")
        );
    }
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
    let base = said["listening"].as_str().unwrap();
    let written = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(base.starts_with("http://127.0.0.1:"));
    assert!(said["bounce"].as_str().unwrap().starts_with("https://localhost:"));
    assert_eq!(said["bounce_spki"].as_str().unwrap().len(), 44);
    assert!(written.contains(&format!("issuer = \"{base}/oidc\"")));
    assert!(written.contains("redirect_ports = [53682, 53683, 53684]"));
}

#[tokio::test]
async fn every_endpoint_that_the_file_names_is_there() {
    let world = world().await;
    let file = world.demo.providers_toml();
    let named = file.lines().filter_map(|line| line.split_once(" = "));
    let endpoints = named.filter(|(key, _)| key.ends_with("_endpoint") || key.ends_with("_uri"));
    let mut count = 0;
    for (key, url) in endpoints {
        let Some(path) = url.trim_matches('"').strip_prefix(world.demo.base()) else { continue };
        let response = world.get(path, &[]).await;
        let (status, body) = (response.status(), response.text().await.unwrap());
        assert!(status != StatusCode::NOT_FOUND || !body.is_empty(), "{key}: {path}");
        count += 1;
    }
    assert!(count > 20, "{file}");
}

#[tokio::test]
async fn the_page_for_a_code_and_the_choice_of_a_server_speak_korean() {
    let world = world().await;
    let get = async |path: &str, query: &[(&str, &str)]| {
        let request = world.http.get(world.url(path)).header("accept-language", "ko-KR");
        request.query(query).send().await.unwrap().text().await.unwrap()
    };
    for path in ["/github/login/device", "/microsoft/devicelogin", "/google/device", "/oidc/device"]
    {
        let page = get(path, &[]).await;
        assert!(page.contains("코드 입력") && page.contains("lang=\"ko\""), "{path}: {page}");
    }
    let page = get("/oidc/device", &[("user_code", "\"><script>")]).await;
    assert!(!page.contains("<script>"), "what stands in the address is text: {page}");
    let alone = [("client_id", demo_provider::clients::DISCORD), ("scope", "bot")];
    let login = get("/discord/oauth2/authorize", &alone).await;
    let request =
        login.split("name=\"request\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = [("request", request), ("person", "haneul")];
    let consent =
        world.http.post(world.url("/sign-in")).header("accept-language", "ko").form(&form);
    assert!(consent.send().await.unwrap().text().await.unwrap().contains("추가할 서버"));
}
