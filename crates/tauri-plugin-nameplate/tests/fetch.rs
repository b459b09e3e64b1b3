//! Requests of a page with an account's token, and attacks by the page, through Tauri's IPC.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on panics")]

mod api;
mod app;
#[allow(dead_code)]
#[path = "../../nameplate/tests/engine/browser.rs"]
mod browser;

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use demo_provider::DemoProvider;
use nameplate::{RedirectMethod, RefreshPolicy, SignInOutcome, SignInRequest, TokenStorage};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tauri::ipc::{InvokeBody, InvokeResponseBody};
use tauri::test::{MockRuntime, mock_builder};
use tauri::{AppHandle, Manager};
use tauri_plugin_nameplate::providers::{discord, oidc};
use tauri_plugin_nameplate::{Builder, FetchLimits, NameplateExt};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use api::Api;
use app::{build, call, home, identity};
use browser::Browser;

const LIMIT: usize = 64 << 10;

/// An app with accounts at two providers, one of which has an API.
struct Scene {
    app: AppHandle<MockRuntime>,
    api: Api,
    elsewhere: Api,
    /// Messages of channels, and whether the request 1 was still under way at the last one.
    messages: Mutex<Receiver<(InvokeResponseBody, bool)>>,
    company: String,
    discord: String,
    demo: DemoProvider,
    dir: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let demo = DemoProvider::start("127.0.0.1:0").await.unwrap();
        let (api, elsewhere) = (Api::start().await, Api::start().await);
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("providers.toml"), demo.providers_toml()).unwrap();
        let issuer = format!("{}/oidc", demo.base());
        let plugin = Builder::new(identity())
            .provider(discord())
            .api_of_issuer(["/api/"])
            .provider(oidc("company", &issuer).client_id(demo_provider::providers::oidc::CLIENT_ID))
            .api(&api.origin, ["/v1/"])
            .fetch_limits(FetchLimits {
                request: LIMIT,
                response: LIMIT,
                idle: Duration::from_secs(60),
            });
        let (sender, messages) = channel();
        let tauri = mock_builder().channel_interceptor(move |webview, _, _, body| {
            let is_last = matches!(body, InvokeResponseBody::Json(_));
            let id = InvokeBody::Json(json!({ "id": 1 }));
            let runs = is_last && call(webview.app_handle(), "main", "fetch_cancel", id).is_ok();
            sender.send((body.clone(), runs)).unwrap();
            true
        });
        // An app cannot be shared between threads; its handle can, as long as it exists.
        let app = Box::leak(Box::new(build(tauri, home(dir.path()), plugin, &["fetch"])));
        let app = app.handle().clone();
        let company = sign_in(&app, "company", RedirectMethod::Manual).await;
        let discord = sign_in(&app, "discord", RedirectMethod::DeepLink).await;
        Self { app, api, elsewhere, messages: Mutex::new(messages), company, discord, demo, dir }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.api.origin)
    }

    fn get(&self, path: &str) -> Value {
        json!({
            "id": 1, "account": self.company, "url": self.url(path), "method": "GET", "headers": [],
        })
    }

    /// The head and the body of the response, or the code of the refusal.
    async fn send(&self, head: Value, body: &[u8]) -> Result<(Value, Vec<u8>), String> {
        self.send_from("main", "fetch", head, body).await
    }

    async fn send_from(
        &self,
        window: &'static str,
        command: &'static str,
        head: Value,
        body: &[u8],
    ) -> Result<(Value, Vec<u8>), String> {
        let (app, message) = (self.app.clone(), framed(&head, body));
        let response = tokio::task::spawn_blocking(move || {
            call(&app, window, command, InvokeBody::Raw(message))
        });
        match response.await.unwrap() {
            Ok(InvokeResponseBody::Raw(message)) => Ok(unframed(&message)),
            Ok(InvokeResponseBody::Json(text)) => panic!("not a frame: {text}"),
            Err(refusal) => Err(refusal["code"].as_str().expect("a code").to_owned()),
        }
    }

    async fn refused(&self, head: Value) -> String {
        self.send(head, &[]).await.expect_err("it was sent")
    }

    /// Nothing was sent anywhere with a token.
    fn assert_nothing_sent(&self) {
        assert_eq!((self.api.heard(), self.elsewhere.heard()), (Vec::new(), Vec::new()));
    }

    async fn token(&self) -> String {
        let sessions = self.app.nameplate().unwrap().sessions().clone();
        let token = sessions.access_token(&self.company, RefreshPolicy::WhenNeeded).await.unwrap();
        token.token.expose_secret().to_owned()
    }
}

fn framed(head: &Value, body: &[u8]) -> Vec<u8> {
    let head = head.to_string();
    let length = u32::try_from(head.len()).unwrap().to_be_bytes();
    [&length[..], head.as_bytes(), body].concat()
}

fn unframed(message: &[u8]) -> (Value, Vec<u8>) {
    let (length, rest) = message.split_first_chunk::<4>().unwrap();
    let (head, body) = rest.split_at(u32::from_be_bytes(*length) as usize);
    (serde_json::from_slice(head).unwrap(), body.to_vec())
}

async fn sign_in(app: &AppHandle<MockRuntime>, provider: &str, method: RedirectMethod) -> String {
    let nameplate = app.nameplate().unwrap();
    let begun = nameplate.sign_ins().begin(SignInRequest {
        method: Some(method.into()),
        storage: TokenStorage::Memory,
        ..SignInRequest::new(provider)
    });
    let begun = begun.await.unwrap();
    let response = Browser::new().decide(&begun.url, "haneul", "allow").await;
    let SignInOutcome::SignedIn(user) = nameplate.sign_ins().complete(&response).await.unwrap()
    else {
        panic!("no user is signed in")
    };
    let user = nameplate.accounts().user(user.as_str()).unwrap();
    let account = user.accounts.iter().find(|account| account.provider == provider).unwrap();
    account.id.as_str().to_owned()
}

/// The page gets the response; the token goes to the API only.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_calls_an_api_without_the_token() {
    let scene = Scene::new().await;
    let mut head = scene.get("/v1/notes?x=1");
    head["method"] = "post".into();
    head["headers"] = json!([["Content-Type", "text/plain"], ["X-Request-Id", "7"]]);
    let (response, body) = scene.send(head, b"a note").await.unwrap();
    assert_eq!((&response["status"], body), (&json!(200), b"hello".to_vec()));
    assert_eq!(response["url"], scene.url("/v1/notes?x=1"));
    let token = scene.token().await;
    assert!(!response.to_string().contains(&token));
    let heard = scene.api.heard();
    assert_eq!(heard[0].line, "POST /v1/notes?x=1 HTTP/1.1");
    assert_eq!(heard[0].header("authorization"), [format!("Bearer {token}")]);
    assert_eq!(
        (heard[0].header("x-request-id"), &*heard[0].body),
        (vec!["7".to_owned()], "a note")
    );
    assert_eq!(heard[0].header("user-agent"), ["Notes/1.2.0"]);
    assert_eq!(scene.elsewhere.heard(), []);
}

/// S68: cookies stay outside, both ways, and the page's own authentication is not sent.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_does_not_authenticate() {
    let scene = Scene::new().await;
    let mut head = scene.get("/v1/notes");
    head["headers"] = json!([
        ["Authorization", "Bearer mine"],
        ["Cookie", "a=b"],
        ["Origin", "https://evil.example"],
        ["Host", "evil.example"],
        ["Proxy-Authorization", "x"],
        ["X-Forwarded-Host", "evil.example"],
    ]);
    let (response, _) = scene.send(head, &[]).await.unwrap();
    assert!(!response["headers"].to_string().to_lowercase().contains("cookie"), "{response}");
    let heard = scene.api.heard();
    assert_eq!(heard[0].header("authorization"), [format!("Bearer {}", scene.token().await)]);
    assert_eq!(heard[0].header("host"), [scene.api.origin.trim_start_matches("http://")]);
    for name in ["cookie", "origin", "proxy-authorization", "x-forwarded-host"] {
        assert_eq!(heard[0].header(name), Vec::<String>::new(), "{name}");
    }
}

/// S68: other origins, and every disguise of one.
#[tokio::test(flavor = "multi_thread")]
async fn another_origin_is_refused() {
    let scene = Scene::new().await;
    let host = scene.api.origin.trim_start_matches("http://").to_owned();
    for (url, code) in [
        (format!("{}/v1/notes", scene.elsewhere.origin), "origin_refused"),
        (format!("https://{host}/v1/notes"), "origin_refused"),
        (format!("http://evil.example/{host}/v1/notes"), "origin_refused"),
        (format!("{}/{}/v1/notes", scene.elsewhere.origin, scene.api.origin), "origin_refused"),
        (format!("http://{host}@{}/v1/", scene.elsewhere.host()), "bad_url"),
        (format!("http://user:password@{host}/v1/notes"), "bad_url"),
        (format!("http://{}\\@{host}/v1/notes", scene.elsewhere.host()), "bad_url"),
        ("/v1/notes".to_owned(), "bad_url"),
        ("file:///etc/passwd".to_owned(), "origin_refused"),
    ] {
        let mut head = scene.get("");
        head["url"] = url.clone().into();
        assert_eq!(scene.refused(head).await, code, "{url}");
    }
    scene.assert_nothing_sent();
}

/// S68: a path that leads out of its prefix, in any reading of it.
#[tokio::test(flavor = "multi_thread")]
async fn path_traversal_is_refused() {
    let scene = Scene::new().await;
    for (path, code) in [
        ("/admin", "path_refused"),
        ("/v10/", "path_refused"),
        ("/v1/../admin", "bad_url"),
        ("/v1/%2e%2e/admin", "bad_url"),
        ("/v1/%252e%252e%252fadmin", "bad_url"),
        ("/v1/..%2fadmin", "bad_url"),
        ("/v1/..%5cadmin", "bad_url"),
        ("/v1/..;/admin", "bad_url"),
        ("/v1/..\\admin", "bad_url"),
        ("/v1/.\t./admin", "bad_url"),
    ] {
        assert_eq!(scene.refused(scene.get(path)).await, code, "{path}");
    }
    scene.assert_nothing_sent();
}

/// S68: an API is for accounts of its provider.
#[tokio::test(flavor = "multi_thread")]
async fn another_account_is_refused() {
    let scene = Scene::new().await;
    let mut head = scene.get("/v1/notes");
    head["account"] = scene.discord.clone().into();
    assert_eq!(scene.refused(head.clone()).await, "origin_refused");
    head["account"] = "no such account".into();
    assert_eq!(scene.refused(head).await, "no_token");
    scene.assert_nothing_sent();
}

/// S68: `providers.toml` leads Discord to the demo provider, whose tokens are not for Discord.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_token_endpoint_is_not_for_the_issuer() {
    let scene = Scene::new().await;
    let mut head = scene.get("");
    head["account"] = scene.discord.clone().into();
    head["url"] = "https://discord.com/api/v10/users/@me".into();
    assert_eq!(scene.refused(head).await, "origin_refused");
}

/// S61, S68: another issuer of the provider, and another API with it, get no token of an account that
/// signed in at the former issuer, while the token is fresh; nor does the issuer of an account that
/// signed in at a token endpoint that is configured no more.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_goes_where_its_account_signed_in() {
    let scene = Scene::new().await;
    let (file, text) = (scene.dir.path().join("providers.toml"), scene.demo.providers_toml());
    let setup = scene.app.nameplate().unwrap().provider_setup().clone();
    let write = |text: &str| {
        std::fs::write(&file, text).unwrap();
        setup.reload();
    };
    let issuer = format!("issuer = \"{}/oidc\"", scene.demo.base());
    assert!(text.contains(&issuer), "{text}");
    write(&text.replace(&issuer, "issuer = \"https://b.example.com\""));
    assert_eq!(scene.refused(scene.get("/v1/notes")).await, "origin_refused");
    write(&text.replace("token_endpoint", "# token_endpoint"));
    let mut head = scene.get("");
    head["account"] = scene.discord.clone().into();
    head["url"] = "https://discord.com/api/v10/users/@me".into();
    assert_eq!(scene.refused(head).await, "origin_refused");
    scene.assert_nothing_sent();
    write(&text);
    scene.send(scene.get("/v1/notes"), &[]).await.unwrap();
}

/// S68: no header, method or line of the page's own.
#[tokio::test(flavor = "multi_thread")]
async fn a_header_cannot_be_injected() {
    let scene = Scene::new().await;
    for (name, value) in [("x", "a\r\nAuthorization: b"), ("x", "a\nb"), ("a: b\r\nx", "c")] {
        let mut head = scene.get("/v1/notes");
        head["headers"] = json!([[name, value]]);
        assert_eq!(scene.refused(head).await, "bad_header", "{name:?}");
    }
    for method in ["TRACE", "CONNECT", "GET /admin HTTP/1.1\r\nX:"] {
        let mut head = scene.get("/v1/notes");
        head["method"] = method.into();
        assert_eq!(scene.refused(head).await, "bad_method", "{method:?}");
    }
    for head in [json!({}), json!({ "id": 1, "surprise": true }), json!([])] {
        assert_eq!(scene.refused(head).await, "bad_request");
    }
    scene.assert_nothing_sent();
}

/// S68: a redirect is refused, and nothing follows it.
#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_refused() {
    let scene = Scene::new().await;
    scene.api.redirect_to(format!("{}/v1/notes", scene.elsewhere.origin));
    for status in [301, 302, 303, 307, 308] {
        assert_eq!(scene.refused(scene.get(&format!("/v1/redirect/{status}"))).await, "redirected");
    }
    assert_eq!(scene.elsewhere.heard(), []);
}

/// S68: bodies have limits, whether they are announced or not.
#[tokio::test(flavor = "multi_thread")]
async fn a_huge_or_endless_body_is_refused() {
    let scene = Scene::new().await;
    assert_eq!(scene.refused(scene.get("/v1/huge")).await, "response_too_large");
    assert_eq!(scene.refused(scene.get("/v1/endless")).await, "response_too_large");
    let mut head = scene.get("/v1/notes");
    head["method"] = "POST".into();
    let largest = vec![b'x'; LIMIT];
    assert_eq!(scene.send(head.clone(), &largest).await.unwrap().0["status"], 200);
    let refused = scene.send(head, &[largest, vec![b'x']].concat()).await.unwrap_err();
    assert_eq!(refused, "request_too_large");
    assert_eq!(scene.api.heard().len(), 3);
}

/// A token that the API does not take any more is refreshed once.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_401_the_token_is_refreshed_once() {
    let scene = Scene::new().await;
    let before = scene.token().await;
    let (response, _) = scene.send(scene.get("/v1/first-token-is-refused"), &[]).await.unwrap();
    assert_eq!(response["status"], 200);
    let after = scene.token().await;
    assert_ne!(before, after);
    let sent: Vec<_> =
        scene.api.heard().iter().flat_map(|heard| heard.header("authorization")).collect();
    assert_eq!(sent, [format!("Bearer {before}"), format!("Bearer {after}")]);
    let (response, _) = scene.send(scene.get("/v1/no-token-is-taken"), &[]).await.unwrap();
    assert_eq!((&response["status"], scene.api.heard().len()), (&json!(401), 4));
}

/// RFC 9449, section 7: a token that is bound to a key is not sent without a proof of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_bound_token_is_not_sent_alone() {
    let (server, api) = (MockServer::start().await, Api::start().await);
    let tokens = json!({ "access_token": "bound", "token_type": "DPoP", "expires_in": 3600 });
    let user = json!({ "id": "80351110224678912", "username": "haneul" });
    for (at, response) in [("/token", tokens), ("/me", user)] {
        let response = ResponseTemplate::new(200).set_body_json(response);
        Mock::given(path(at)).respond_with(response).mount(&server).await;
    }
    let dir = tempfile::tempdir().unwrap();
    let table = format!(
        "[discord]\nclient_id = \"1\"\ndpop = \"required\"\nauthorization_endpoint = \"{0}/authorize\"\n\
         token_endpoint = \"{0}/token\"\nuserinfo_endpoint = \"{0}/me\"\n",
        server.uri()
    );
    std::fs::write(dir.path().join("providers.toml"), table).unwrap();
    let plugin = Builder::new(identity()).provider(discord()).api(&api.origin, ["/v1/"]);
    let app = build(mock_builder(), home(dir.path()), plugin, &["fetch"]);
    let sign_ins = app.nameplate().unwrap().sign_ins().clone();
    let begun = sign_ins.begin(SignInRequest {
        method: Some(RedirectMethod::DeepLink.into()),
        storage: TokenStorage::Memory,
        ..SignInRequest::new("discord")
    });
    let asked: tauri::Url = begun.await.unwrap().url.parse().unwrap();
    let asked: HashMap<_, _> = asked.query_pairs().into_owned().collect();
    let response = format!("{}?code=c&state={}", asked["redirect_uri"], asked["state"]);
    let SignInOutcome::SignedIn(user) = sign_ins.complete(&response).await.unwrap() else {
        panic!("no user is signed in")
    };
    let account =
        app.nameplate().unwrap().accounts().user(user.as_str()).unwrap().accounts[0].id.clone();
    let head = json!({
        "id": 1, "account": account.as_str(), "url": format!("{}/v1/notes", api.origin),
        "method": "GET", "headers": [],
    });
    let message = InvokeBody::Raw(framed(&head, &[]));
    let handle = app.handle().clone();
    let refused = tokio::task::spawn_blocking(move || call(&handle, "main", "fetch", message));
    assert_eq!(refused.await.unwrap().err().unwrap()["code"], "token_bound");
    assert_eq!(api.heard(), []);
}

/// S68: a window cancels its own requests, and no other one's.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_cancels_its_own_requests_only() {
    let scene = Arc::new(Scene::new().await);
    let sending = Arc::clone(&scene);
    let waiting = tokio::spawn(async move { sending.send(sending.get("/v1/silent"), &[]).await });
    scene.api.until_heard(1).await;
    let cancel = async |window: &'static str| {
        let app = scene.app.clone();
        let body = InvokeBody::Json(json!({ "id": 1 }));
        tokio::task::spawn_blocking(move || call(&app, window, "fetch_cancel", body)).await.unwrap()
    };
    assert_eq!(cancel("other").await.unwrap_err()["code"], "unknown_id");
    assert!(!waiting.is_finished());
    assert_eq!(scene.refused(scene.get("/v1/notes")).await, "id_in_use");
    let own = scene.send_from("other", "fetch", scene.get("/v1/notes"), &[]).await;
    assert_eq!(own.unwrap().0["status"], 200, "another window has its own ids");
    cancel("main").await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap_err(), "cancelled");
}

/// The body comes in pieces, ends with a mark, and has the same limit.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_streamed() {
    let scene = Scene::new().await;
    let stream = async |path: &str| {
        let mut head = scene.get(path);
        head["channel"] = "__CHANNEL__:5".into();
        scene.send_from("main", "fetch_stream", head, &[]).await
    };
    let ended = || {
        let (mut body, wait) = (Vec::new(), Duration::from_secs(60));
        loop {
            match scene.messages.lock().unwrap().recv_timeout(wait).unwrap() {
                (InvokeResponseBody::Raw(chunk), _) => body.extend(chunk),
                (InvokeResponseBody::Json(end), runs) => {
                    assert!(!runs, "the id is not free");
                    return (body, serde_json::from_str::<Value>(&end).unwrap());
                }
            }
        }
    };
    let (head, first) = stream("/v1/notes").await.unwrap();
    assert_eq!((&head["status"], first.len()), (&json!(200), 0));
    assert_eq!(ended(), (b"hello".to_vec(), json!({ "done": null })));
    stream("/v1/endless").await.unwrap();
    let (body, end) = ended();
    assert!(body.len() <= LIMIT, "{}", body.len());
    assert_eq!(end["refused"]["code"], "response_too_large");
    assert_eq!(stream("/admin").await.unwrap_err(), "path_refused");
}

/// S71: neither a sign-in nor a page's request at this computer goes through the system's proxy. A process of its own has
/// one in its environment.
#[test]
fn no_proxy_sees_what_is_sent_to_this_computer() {
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let at = format!("http://{}", proxy.local_addr().unwrap());
    let ended = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_page_calls_an_api_without_the_token"])
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .envs(["http_proxy", "HTTP_PROXY", "ALL_PROXY"].map(|name| (name, &at)))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && told.contains("1 passed"), "{told}");
    assert!(proxy.accept().is_err(), "the proxy was asked");
}
