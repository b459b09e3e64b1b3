//! A server that a user names: an issuer by its address alone, whose client registers itself.

use demo_provider::Fault;
use nameplate::{
    AccountState, Code, Grant, Intent, Reaction, RedirectMethod, RefreshPolicy, SignInRequest,
    SignOutScope, TokenStorage,
};
use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fixture::{Fixture, ask, complete, outcome};

/// A home without any configuration.
async fn bare() -> Fixture {
    Fixture::with(|_| String::new()).await
}

fn at(server: &str) -> SignInRequest {
    SignInRequest { server: Some(server.to_owned()), ..ask("oidc", RedirectMethod::Manual) }
}

async fn signed_in(fixture: &Fixture, server: &str) -> nameplate::Result<nameplate::User> {
    let begun = fixture.nameplate.sign_ins().begin(at(server)).await?;
    let response = fixture.browser.decide(&begun.url, "haneul", "allow").await;
    complete(&fixture.nameplate, &response).await
}

fn issuer(fixture: &Fixture) -> String {
    format!("{}/oidc", fixture.demo.base())
}

/// How often a path of the demo provider was requested.
fn asked(fixture: &Fixture, path: &str) -> u64 {
    fixture.demo.request_log().paths.get(path).copied().unwrap_or_default()
}

/// N13: with nothing set up, the address of an issuer is all (RFC 7591).
#[tokio::test]
async fn an_issuer_is_signed_in_at_by_its_address_alone() {
    let fixture = bare().await;
    let issuer = issuer(&fixture);
    let user = signed_in(&fixture, &format!("{issuer}/")).await.unwrap();
    assert_eq!(user.nickname, "하늘");
    let [account] = &user.accounts[..] else { panic!("one account") };
    assert_eq!((account.provider.as_str(), account.issuer.as_str()), ("oidc", issuer.as_str()));
    assert_eq!(account.label, issuer, "the server, not the protocol");

    // Everything that is sent later goes to the same issuer, also from another process.
    let another = fixture.another();
    let id = account.id.as_str();
    another.sessions().access_token(id, RefreshPolicy::Always).await.unwrap();
    another.profiles().refresh(id).await.unwrap();
    let card = another.state().unwrap();
    let card = card.providers.iter().find(|card| card.id == "oidc").unwrap();
    assert_eq!(card.named_before, std::slice::from_ref(&issuer));

    let again = another.sign_ins().request_for_account(id, Intent::Reauthenticate).unwrap();
    let again = SignInRequest { method: Some(RedirectMethod::Manual.into()), ..again };
    let begun = another.sign_ins().begin(again).await.unwrap();
    let response = fixture.browser.decide(&begun.url, "haneul", "allow").await;
    assert_eq!(complete(&another, &response).await.unwrap().id, user.id);
    assert_eq!(asked(&fixture, "/oidc/register"), 1, "one client for each issuer");

    another.accounts().sign_out(id, SignOutScope::Everywhere).await.unwrap();
    let revoked = fixture.demo.request_log().grants["oidc"].revocations;
    assert!(revoked > 0, "the grant is revoked by the client that was registered");
    // No account is left there, so neither is the client (RFC 7592, section 2.3).
    let paths = fixture.demo.request_log().paths;
    assert!(paths.keys().any(|path| path.starts_with("/oidc/register/")), "{paths:?}");
    fixture.assert_nothing_kept_once_cleared().await;
    assert_eq!(fixture.rows("SELECT count(*) FROM registered_clients"), 0);
}

/// N13: a sign-in is completed by another process than the one that began it.
#[tokio::test]
async fn another_process_completes_the_sign_in() {
    let fixture = bare().await;
    let begun = fixture.nameplate.sign_ins().begin(at(&issuer(&fixture))).await.unwrap();
    let response = fixture.grant(&begun).await;
    let user = complete(&fixture.another(), &response).await.unwrap();
    assert_eq!(user.accounts[0].state, AccountState::Active);
}

/// RFC 9700, section 4.4.2.2: each issuer has its own redirect URIs.
#[tokio::test]
async fn each_issuer_has_its_own_redirect_uri() {
    let fixture = bare().await;
    let uri = |begun: nameplate::PendingSignIn| begun.redirect_uri;
    let sign_ins = fixture.nameplate.sign_ins();
    let first = uri(sign_ins.begin(at(&issuer(&fixture))).await.unwrap());
    let same = uri(sign_ins.begin(at(&issuer(&fixture))).await.unwrap());
    assert_eq!(first, same);
    let server = server(json!({ "client_id": "c" })).await;
    let other = uri(sign_ins.begin(at(&server.uri())).await.unwrap());
    assert_ne!(first, other);
}

/// RFC 7592, section 2.3: a reset deletes the client at its server, and everything of it here.
#[tokio::test]
async fn a_reset_unregisters_the_client() {
    let fixture = bare().await;
    signed_in(&fixture, &issuer(&fixture)).await.unwrap();
    assert!(fixture.vault.names().iter().any(|name| name.starts_with("registration.")));
    for (file, text) in fixture.files() {
        for secret in fixture.demo.request_log().access_tokens {
            assert!(!text.contains(&secret), "{}", file.display());
        }
    }
    fixture.nameplate.accounts().reset().await.unwrap();
    fixture.assert_nothing_kept();
    assert_eq!(fixture.rows("SELECT count(*) FROM registered_clients"), 0);
    assert_eq!(fixture.rows("SELECT count(*) FROM named_servers"), 0);
    let log = fixture.demo.request_log();
    let deleted = log.paths.keys().find(|path| path.starts_with("/oidc/register/")).cloned();
    assert!(deleted.is_some(), "{:?}", log.paths);
}

/// A client that its server has forgotten is registered anew, once, before the browser opens.
#[tokio::test]
async fn a_forgotten_client_is_registered_anew() {
    let fixture = bare().await;
    let user = signed_in(&fixture, &issuer(&fixture)).await.unwrap();
    fixture.demo.forget_clients("oidc");
    let again = signed_in(&fixture, &issuer(&fixture)).await.unwrap();
    assert_eq!(again.id, user.id);
    assert_eq!(asked(&fixture, "/oidc/register"), 2);
    signed_in(&fixture, &issuer(&fixture)).await.unwrap();
    assert_eq!(asked(&fixture, "/oidc/register"), 2);
    let names = fixture.vault.names();
    let kept = names.iter().filter(|name| name.starts_with("registration.")).count();
    assert_eq!(kept, 1, "{names:?}");
}

/// The session of a client that is not the present one any more asks for a new sign-in.
#[tokio::test]
async fn the_session_of_a_forgotten_client_has_ended() {
    let fixture = bare().await;
    let user = signed_in(&fixture, &issuer(&fixture)).await.unwrap();
    fixture.demo.forget_clients("oidc");
    fixture.nameplate.sign_ins().begin(at(&issuer(&fixture))).await.unwrap();
    let account = user.accounts[0].id.as_str();
    let sessions = fixture.nameplate.sessions();
    let refused = sessions.access_token(account, RefreshPolicy::Always).await.unwrap_err();
    assert_eq!(refused.code(), Code::NeedsSignIn);
}

/// S67: the client stays while another process exchanges a code that was issued to it.
#[tokio::test]
async fn a_sign_out_keeps_the_client_of_a_sign_in_that_completes() {
    let fixture = bare().await;
    let user = signed_in(&fixture, &issuer(&fixture)).await.unwrap();
    fixture.nameplate.sign_ins().begin(at(&issuer(&fixture))).await.unwrap();
    let database = rusqlite::Connection::open(fixture.home.database()).unwrap();
    let claimed = database.execute("UPDATE attempts SET claimed_at = 1 WHERE outcome IS NULL", []);
    assert_eq!(claimed.unwrap(), 1);
    let account = user.accounts[0].id.as_str();
    fixture.nameplate.accounts().sign_out(account, SignOutScope::Everywhere).await.unwrap();
    assert_eq!(fixture.rows("SELECT count(*) FROM registered_clients"), 1);
    let paths = fixture.demo.request_log().paths;
    assert!(!paths.keys().any(|path| path.starts_with("/oidc/register/")), "{paths:?}");
}

/// A refresh by a client that its server has forgotten: no console has it, so that the next step is to
/// sign in again, which registers another one.
#[tokio::test]
async fn a_forgotten_client_is_no_matter_of_set_up() {
    let fixture = bare().await;
    let user = signed_in(&fixture, &issuer(&fixture)).await.unwrap();
    fixture.demo.forget_clients("oidc");
    let account = user.accounts[0].id.as_str();
    let sessions = fixture.nameplate.sessions();
    let refused = sessions.access_token(account, RefreshPolicy::Always).await.unwrap_err();
    assert_eq!((refused.code(), refused.reaction()), (Code::ClientForgotten, Reaction::SignIn));
    let problem = fixture.nameplate.explain(nameplate::Language::En, &refused);
    assert!(problem.next.starts_with("Sign in again."), "{problem:?}");
    assert!(!problem.remedies.contains(&nameplate::Remedy::SetUp), "{problem:?}");
}

/// The same while a device authorization is polled.
#[tokio::test]
async fn a_client_that_is_forgotten_while_polling_is_no_matter_of_set_up() {
    let fixture = bare().await;
    let server = server(json!({ "client_id": "c" })).await;
    let issued = json!({
        "device_code": "d", "user_code": "ABCD", "expires_in": 600, "interval": 5,
        "verification_uri": format!("{}/enter", server.uri()),
    });
    let unknown = ResponseTemplate::new(401).set_body_json(json!({ "error": "invalid_client" }));
    for (at, response) in
        [("/device", ResponseTemplate::new(200).set_body_json(issued)), ("/token", unknown)]
    {
        Mock::given(path(at)).respond_with(response).mount(&server).await;
    }
    let request = SignInRequest { method: Some(Grant::DeviceCode), ..at(&server.uri()) };
    let begun = fixture.nameplate.sign_ins().begin(request).await.unwrap();
    let ended = outcome(&fixture.nameplate, &begun);
    tokio::pin!(ended);
    fixture.pass(5).await;
    assert_eq!(ended.await.unwrap_err().code(), Code::ClientForgotten);
}

/// S26: a former attempt ends also where the next one fails before it is stored.
#[tokio::test]
async fn a_failed_attempt_ends_the_former_one() {
    let fixture = bare().await;
    let (server, pushed) = pushing_server().await;
    Mock::given(path("/par"))
        .respond_with(ResponseTemplate::new(201).set_body_json(pushed))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let busy = ResponseTemplate::new(503);
    Mock::given(path("/par")).respond_with(busy).mount(&server).await;
    let sign_ins = fixture.nameplate.sign_ins();
    let first = sign_ins.begin(at(&server.uri())).await.unwrap();
    let refused = sign_ins.begin(at(&server.uri())).await.unwrap_err();
    assert_eq!(refused.code(), Code::ProviderBusy);
    let ended = sign_ins.outcome(&first.id).await.unwrap_err();
    assert_eq!(ended.code(), Code::Superseded);
}

/// N3: who waits for the outcome of a sign-in goes on waiting while another attempt is prepared.
#[tokio::test]
async fn another_attempt_is_no_outcome() {
    let fixture = bare().await;
    let (server, pushed) = pushing_server().await;
    let (pushes, mut pushing) = tokio::sync::mpsc::unbounded_channel();
    Mock::given(path("/par"))
        .respond_with(move |_: &wiremock::Request| {
            pushes.send(()).unwrap();
            let response = ResponseTemplate::new(201).set_body_json(&pushed);
            response.set_delay(std::time::Duration::from_millis(100))
        })
        .mount(&server)
        .await;
    let sign_ins = fixture.nameplate.sign_ins();
    let first = sign_ins.begin(at(&server.uri())).await.unwrap();
    pushing.recv().await.unwrap();
    let second = async {
        let begun = sign_ins.begin(at(&server.uri())).await.unwrap();
        assert_eq!(begun.id, first.id);
        sign_ins.cancel().await.unwrap();
    };
    let asks_meanwhile = async {
        pushing.recv().await.unwrap();
        sign_ins.outcome(&first.id).await.unwrap_err().code()
    };
    assert_eq!(tokio::join!(second, asks_meanwhile).1, Code::Cancelled);
}

/// S50: where the keychain that has the client's secret is gone, a sign-in that is not saved registers
/// another client. An account with tokens of the former one keeps that, for when the keychain is back.
#[tokio::test]
async fn a_client_whose_secret_is_gone_is_registered_anew() {
    let fixture = bare().await;
    let sign_ins = fixture.nameplate.sign_ins();
    sign_ins.begin(at(&issuer(&fixture))).await.unwrap();
    let unsaved = || SignInRequest { storage: TokenStorage::Memory, ..at(&issuer(&fixture)) };
    fixture.vault.set(crate::vault::Mood::Absent);
    sign_ins.begin(unsaved()).await.unwrap();
    assert_eq!(asked(&fixture, "/oidc/register"), 2);

    let fixture = bare().await;
    let user = signed_in(&fixture, &issuer(&fixture)).await.unwrap();
    fixture.vault.set(crate::vault::Mood::Absent);
    let unsaved = SignInRequest { storage: TokenStorage::Memory, ..at(&issuer(&fixture)) };
    let refused = fixture.nameplate.sign_ins().begin(unsaved).await.unwrap_err();
    assert_eq!(refused.code(), Code::KeychainAbsent);
    fixture.vault.set(crate::vault::Mood::Willing);
    let account = user.accounts[0].id.as_str();
    let sessions = fixture.nameplate.sessions();
    sessions.access_token(account, RefreshPolicy::Always).await.unwrap();
}

/// RFC 7591, section 3.2.1: the secret of a client that registered itself for a session in memory is
/// stored with the first session that is. Until then another process cannot use the client, and does
/// not replace it.
#[tokio::test]
async fn a_client_is_stored_with_its_first_stored_session() {
    let fixture = bare().await;
    let server = mastodon(&fixture, "mastodon");
    let unsaved = SignInRequest { storage: TokenStorage::Memory, ..at_mastodon(&server) };
    let begun = fixture.nameplate.sign_ins().begin(unsaved).await.unwrap();
    let response = fixture.grant(&begun).await;
    complete(&fixture.nameplate, &response).await.unwrap();
    let refused = fixture.another().sign_ins().begin(at_mastodon(&server)).await.unwrap_err();
    assert_eq!(refused.code(), Code::SessionElsewhere);

    let begun = fixture.nameplate.sign_ins().begin(at_mastodon(&server)).await.unwrap();
    let response = fixture.grant(&begun).await;
    let user = complete(&fixture.nameplate, &response).await.unwrap();
    let another = fixture.another();
    another.sign_ins().begin(at_mastodon(&server)).await.unwrap();
    assert_eq!(asked(&fixture, "/mastodon/api/v1/apps"), 1);
    let account = user.accounts[0].id.as_str();
    another.accounts().sign_out(account, SignOutScope::Everywhere).await.unwrap();
    assert_eq!(fixture.demo.request_log().grants["mastodon"].revocations, 1);
}

/// Where registration is closed, the sentence leads to the setup page; nothing is kept.
#[tokio::test]
async fn a_closed_registration_leads_to_the_setup_page() {
    let fixture = bare().await;
    fixture.demo.set_faults("oidc", [Fault::RegistrationClosed]);
    let refused = fixture.nameplate.sign_ins().begin(at(&issuer(&fixture))).await.unwrap_err();
    assert_eq!(refused.code(), Code::RegistrationClosed);
    let problem = fixture.nameplate.explain(nameplate::Language::En, &refused);
    assert_eq!(problem.remedies[0], nameplate::Remedy::SetUp);
    assert!(problem.message.starts_with(&issuer(&fixture)), "{}", problem.message);
    assert_eq!(fixture.rows("SELECT count(*) FROM registered_clients"), 0);
    fixture.assert_nothing_kept();
}

/// A server that takes no private-use scheme is asked for the loopback URI alone, and then no deep
/// link is offered.
#[tokio::test]
async fn a_refused_scheme_leaves_the_loopback_port() {
    let fixture = bare().await;
    fixture.demo.set_faults("oidc", [Fault::RegistrationRefusesScheme]);
    let sign_ins = fixture.nameplate.sign_ins();
    sign_ins.begin(at(&issuer(&fixture))).await.unwrap();
    let waiting = fixture.state().signing_in.unwrap();
    assert!(!waiting.methods.contains(&RedirectMethod::DeepLink.into()), "{:?}", waiting.methods);
    let deep =
        SignInRequest { method: Some(RedirectMethod::DeepLink.into()), ..at(&issuer(&fixture)) };
    assert_eq!(sign_ins.begin(deep).await.unwrap_err().code(), Code::MethodRefused);
}

/// S66: the metadata of an issuer can lead the browser to another host, which the user confirms, also at an account that
/// signs in again. No client is registered before. A code for a device opens no page of itself.
#[tokio::test]
async fn a_host_that_metadata_name_is_confirmed() {
    let fixture = bare().await;
    let elsewhere = json!({ "authorization_endpoint": "https://login.example/authorize" });
    let server = server_with(json!({ "client_id": "c" }), elsewhere).await;
    let sign_ins = fixture.nameplate.sign_ins();
    let refused = sign_ins.begin(at(&server.uri())).await.unwrap_err();
    assert_eq!((refused.code(), refused.detail()), (Code::HostNotConfirmed, Some("login.example")));
    fixture.assert_nothing_kept();
    assert_eq!(fixture.rows("SELECT count(*) FROM registered_clients"), 0);
    let begun = sign_ins.begin(sign_ins.request_at_host("login.example").unwrap()).await.unwrap();
    assert!(begun.url.starts_with("https://login.example/authorize?"), "{}", begun.url);
    sign_ins.cancel().await.unwrap();
    let device = SignInRequest { method: Some(nameplate::Grant::DeviceCode), ..at(&server.uri()) };
    let refused = sign_ins.begin(device).await.map(drop).map_err(|error| error.code());
    assert_ne!(refused, Err(Code::HostNotConfirmed));

    let account = "INSERT INTO users (id, created_at) VALUES ('u', 0);
        INSERT INTO accounts (id, user, provider, label, issuer, subject, nickname, scopes, state, notes, created_at)
        VALUES ('a', 'u', 'oidc', 'x', '{}', 's', 'x', '', 'needs_sign_in', '', 0)";
    let database = rusqlite::Connection::open(fixture.home.database()).unwrap();
    database.execute_batch(&account.replace("{}", &server.uri())).unwrap();
    let again = sign_ins.request_for_account("a", nameplate::Intent::Reauthenticate).unwrap();
    assert_eq!(sign_ins.begin(again).await.unwrap_err().code(), Code::HostNotConfirmed);
}

/// S66: what is typed is checked before anything is sent.
#[tokio::test]
async fn what_is_no_address_is_refused() {
    let fixture = bare().await;
    let sign_ins = fixture.nameplate.sign_ins();
    for (typed, code) in [
        (None, Code::ServerMissing),
        (Some("  "), Code::ServerMissing),
        (Some("http://id.example.com"), Code::ServerMalformed),
        (Some("ftp://id.example.com"), Code::ServerMalformed),
        (Some("https://u:p@id.example.com"), Code::ServerMalformed),
        (Some("not an address"), Code::ServerMalformed),
        (Some(&*"x".repeat(600)), Code::ServerMalformed),
    ] {
        let server = typed.map(str::to_owned);
        let request = SignInRequest { server, ..ask("oidc", RedirectMethod::Manual) };
        let refused = sign_ins.begin(request).await.unwrap_err();
        assert_eq!(refused.code(), code, "{typed:?}");
    }
}

/// A server whose metadata names these endpoints, and which registers a client with this response.
async fn server(registered: serde_json::Value) -> MockServer {
    server_with(registered, json!({})).await
}

async fn server_with(registered: serde_json::Value, more: serde_json::Value) -> MockServer {
    let server = MockServer::start().await;
    mount(&server, registered, more).await;
    server
}

/// The same with an endpoint for pushed requests, and what that answers.
async fn pushing_server() -> (MockServer, serde_json::Value) {
    let server = MockServer::start().await;
    let endpoint =
        json!({ "pushed_authorization_request_endpoint": format!("{}/par", server.uri()) });
    mount(&server, json!({ "client_id": "c" }), endpoint).await;
    (server, json!({ "request_uri": "urn:example:1", "expires_in": 60 }))
}

async fn mount(server: &MockServer, registered: serde_json::Value, more: serde_json::Value) {
    let at = server.uri();
    let mut metadata = json!({
        "issuer": at, "authorization_endpoint": format!("{at}/authorize"),
        "token_endpoint": format!("{at}/token"), "jwks_uri": format!("{at}/keys"),
        "registration_endpoint": format!("{at}/register"),
        "device_authorization_endpoint": format!("{at}/device"),
    });
    for (name, value) in more.as_object().unwrap() {
        metadata[name] = value.clone();
    }
    Mock::given(path("/.well-known/openid-configuration"))
        .respond_with(ResponseTemplate::new(200).set_body_json(metadata))
        .mount(server)
        .await;
    Mock::given(method("POST"))
        .and(path("/register"))
        .respond_with(ResponseTemplate::new(201).set_body_json(registered))
        .mount(server)
        .await;
}

/// S67: a server that hands out another server's client is refused, so that it cannot speak to people
/// in that client's name.
#[tokio::test]
async fn another_servers_client_is_refused() {
    let fixture = Fixture::with(|demo| {
        format!("{}[google]\nclient_id = \"of-google\"\n", crate::fixture::company(demo, "oidc"))
    })
    .await;
    let honest = server(json!({ "client_id": "of-another" })).await;
    let sign_ins = fixture.nameplate.sign_ins();
    sign_ins.begin(at(&honest.uri())).await.unwrap();
    for id in ["of-another", "of-google", demo_provider::providers::oidc::CLIENT_ID] {
        let hostile = server(json!({ "client_id": id })).await;
        let refused = sign_ins.begin(at(&hostile.uri())).await.unwrap_err();
        assert_eq!(refused.code(), Code::ClientOfAnother, "{id}");
        let told = fixture.nameplate.explain(nameplate::Language::En, &refused).message;
        assert!(told.ends_with("a client ID that belongs to another server, so it was not used."));
    }
    // At its own server it is the client.
    sign_ins.begin(at(&honest.uri())).await.unwrap();
}

/// S67: a registration that has no client is refused, and nothing of it is kept.
#[tokio::test]
async fn a_registration_without_a_client_is_refused() {
    let fixture = bare().await;
    for registered in [
        json!({ "client_secret": "s3cret-of-no-client" }),
        json!({ "client_id": "" }),
        json!({ "client_id": "c", "filler": "x".repeat(2 << 20) }),
        json!([]),
    ] {
        let hostile = server(registered).await;
        let refused = fixture.nameplate.sign_ins().begin(at(&hostile.uri())).await.unwrap_err();
        assert_eq!(refused.code(), Code::ResponseMalformed);
        assert!(!refused.to_string().contains("s3cret"), "{refused}");
    }
    fixture.assert_nothing_kept();
    assert_eq!(fixture.rows("SELECT count(*) FROM registered_clients"), 0);
}

/// S66: no redirect is followed, neither to read metadata nor to register.
#[tokio::test]
async fn no_redirect_is_followed() {
    let fixture = bare().await;
    let honest = server(json!({ "client_id": "c" })).await;
    let moved = |to: &str| {
        ResponseTemplate::new(307).insert_header("location", format!("{}{to}", honest.uri()))
    };
    let hostile = MockServer::start().await;
    Mock::given(path("/.well-known/openid-configuration"))
        .respond_with(moved("/.well-known/openid-configuration"))
        .mount(&hostile)
        .await;
    let refused = fixture.nameplate.sign_ins().begin(at(&hostile.uri())).await.unwrap_err();
    assert_eq!(refused.code(), Code::Redirected);
    let uri = format!("{}/elsewhere", honest.uri());
    let hostile = server_with(json!({}), json!({ "registration_endpoint": uri })).await;
    Mock::given(path("/elsewhere")).respond_with(moved("/register")).mount(&honest).await;
    let refused = fixture.nameplate.sign_ins().begin(at(&hostile.uri())).await.unwrap_err();
    assert_eq!(refused.code(), Code::Redirected);
}

fn mastodon(fixture: &Fixture, version: &str) -> String {
    format!("{}/{version}", fixture.demo.base())
}

fn at_mastodon(server: &str) -> SignInRequest {
    SignInRequest { server: Some(server.to_owned()), ..ask("mastodon", RedirectMethod::Manual) }
}

/// N13: a server is all that is named; the client registers itself once, for the scopes
/// that the server's version knows, and its secret is in the keychain alone.
#[tokio::test]
async fn a_mastodon_server_is_signed_in_at_by_its_address_alone() {
    for (version, scope) in [("mastodon", "profile"), ("mastodon-older", "read:accounts")] {
        let fixture = bare().await;
        let server = mastodon(&fixture, version);
        let begun = fixture.nameplate.sign_ins().begin(at_mastodon(&server)).await.unwrap();
        assert!(begun.url.contains("code_challenge_method=S256"), "{}", begun.url);
        let response = fixture.grant(&begun).await;
        let user = complete(&fixture.nameplate, &response).await.unwrap();
        let user = fixture.with_picture(user).await;
        assert_eq!(user.nickname, "하늘");
        assert!(user.avatar.is_some());
        let account = &user.accounts[0];
        assert_eq!(account.issuer, format!("{server}/"));
        assert_eq!(account.subject, "1150283746501836801");
        assert_eq!(account.scopes, [scope]);
        assert!(account.label.starts_with("Mastodon ("), "{}", account.label);
        assert_eq!((&account.email, account.expires_at), (&None, None));

        let log = fixture.demo.request_log();
        assert_eq!(log.paths[&format!("/{version}/api/v1/apps")], 1);
        for (file, text) in fixture.files() {
            let secret = log.client_secrets.iter().find(|secret| text.contains(*secret));
            assert_eq!(secret, None, "{}", file.display());
        }

        // Again, and by another process: the same client, which shows its secret.
        let another = fixture.another();
        let id = account.id.as_str();
        another.profiles().refresh(id).await.unwrap();
        let again = another.sign_ins().request_for_account(id, Intent::Reauthenticate).unwrap();
        let again = SignInRequest { method: Some(RedirectMethod::Manual.into()), ..again };
        let begun = another.sign_ins().begin(again).await.unwrap();
        let response = fixture.browser.decide(&begun.url, "haneul", "allow").await;
        complete(&another, &response).await.unwrap();
        assert_eq!(asked(&fixture, &format!("/{version}/api/v1/apps")), 1);

        another.accounts().sign_out(id, SignOutScope::Here).await.unwrap();
        let log = fixture.demo.request_log();
        assert!(log.grants[version].revocations > 0, "revoked with the client's secret");
        // The server cannot delete it, so the client stays for the next sign-in.
        assert_eq!(fixture.rows("SELECT count(*) FROM registered_clients"), 1);
        another.accounts().reset().await.unwrap();
        fixture.assert_nothing_kept();
        assert_eq!(fixture.rows("SELECT count(*) FROM registered_clients"), 0);
    }
}

/// Before 4.3 a server deleted unused applications: then the client registers itself anew.
#[tokio::test]
async fn an_application_that_mastodon_deleted_is_registered_anew() {
    let fixture = bare().await;
    let server = mastodon(&fixture, "mastodon-older");
    let sign_ins = fixture.nameplate.sign_ins();
    sign_ins.begin(at_mastodon(&server)).await.unwrap();
    fixture.demo.forget_clients("mastodon-older");
    let begun = sign_ins.begin(at_mastodon(&server)).await.unwrap();
    let response = fixture.grant(&begun).await;
    complete(&fixture.nameplate, &response).await.unwrap();
    assert_eq!(asked(&fixture, "/mastodon-older/api/v1/apps"), 2);
}

/// Where a token was taken back at the server, the account asks for a new sign-in.
#[tokio::test]
async fn a_token_that_was_revoked_at_mastodon_ends_the_session() {
    let fixture = bare().await;
    let server = mastodon(&fixture, "mastodon");
    let begun = fixture.nameplate.sign_ins().begin(at_mastodon(&server)).await.unwrap();
    let response = fixture.grant(&begun).await;
    let user = complete(&fixture.nameplate, &response).await.unwrap();
    fixture.demo.set_faults("mastodon", [Fault::Profile401]);
    let account = user.accounts[0].id.as_str();
    let refused = fixture.nameplate.profiles().refresh(account).await.unwrap_err();
    assert_eq!(refused.code(), Code::NeedsSignIn);
}

/// An address that is no Mastodon server is refused with a sentence that names it.
#[tokio::test]
async fn a_server_that_is_no_mastodon_is_refused() {
    let fixture = bare().await;
    let server = format!("{}/nothing", fixture.demo.base());
    let refused = fixture.nameplate.sign_ins().begin(at_mastodon(&server)).await.unwrap_err();
    assert_eq!(refused.code(), Code::WrongServer);
    let problem = fixture.nameplate.explain(nameplate::Language::En, &refused);
    assert_eq!(problem.message, format!("There is no Mastodon server at {server}."));
}
