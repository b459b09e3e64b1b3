//! Provider setup: the client is checked, its id and secret are stored.

use demo_provider::DemoProvider;
use demo_provider::providers::{google, kakao, oidc};
use nameplate::vault::VaultError;
use nameplate::{
    Check, Checked, Code, RedirectMethod, SecretNeed, SetUpPage, SetUpReport, SetUpRequest,
};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wiremock::ResponseTemplate;

use crate::fixture::{Fixture, ask, complete, notice};
use crate::providers::CASES;
use crate::vault::Mood;

fn wish(provider: &str, client_id: &str, secret: Option<&str>) -> SetUpRequest {
    SetUpRequest {
        provider: provider.to_owned(),
        client_id: client_id.to_owned(),
        client_secret: secret.map(|secret| secret.to_owned().into()),
        issuer: None,
        label: None,
        redirect_uri: None,
        check: Check::First,
    }
}

/// Every endpoint of the demo provider, without a client.
fn endpoints_alone(demo: &DemoProvider) -> String {
    let toml = demo.providers_toml();
    let lines = toml.lines().filter(|line| !line.starts_with("client_"));
    lines.map(|line| format!("{line}\n")).collect()
}

impl Fixture {
    async fn set_up(&self, wish: SetUpRequest) -> SetUpReport {
        self.nameplate.provider_setup().set_up(wish).await.unwrap()
    }

    fn file(&self) -> String {
        std::fs::read_to_string(self.home.providers_file()).unwrap()
    }

    fn page(&self, provider: &str) -> SetUpPage {
        let cards = self.nameplate.state().unwrap().providers;
        cards.into_iter().find(|card| card.id == provider).unwrap().set_up
    }
}

/// Whether a request has the client `c`.
fn is_of_c(request: &wiremock::Request) -> bool {
    url::form_urlencoded::parse(&request.body).any(|(name, id)| name == "client_id" && id == "c")
}

/// A token endpoint that knows the client `c` and no code.
fn knows_one_client(request: &wiremock::Request) -> ResponseTemplate {
    let error = if is_of_c(request) { "invalid_grant" } else { "invalid_client" };
    ResponseTemplate::new(400).set_body_json(serde_json::json!({ "error": error }))
}

fn code(report: &SetUpReport) -> Option<Code> {
    report.problem.as_ref().map(|problem| problem.code)
}

/// U13: a wrong id, a wrong secret and a missing one are recognized at each provider, without a
/// sign-in; a refused client is not written.
#[tokio::test]
async fn a_client_is_checked_without_a_sign_in() {
    let fixture = Fixture::with(endpoints_alone).await;
    for (provider, &(id, secret, checked, told)) in
        CASES.iter().flat_map(|case| case.checks.iter().map(|check| (case.id, check)))
    {
        let before = fixture.file();
        let report = fixture.set_up(wish(provider, id, secret)).await;
        let place = format!("{provider} {id} {secret:?}: {report:?}");
        assert_eq!((report.checked, code(&report)), (checked, told), "{place}");
        assert_eq!(report.saved, checked == Checked::Accepted, "{place}");
        match report.saved {
            true => assert!(fixture.file().contains(id), "{place}"),
            false => assert_eq!(fixture.file(), before, "{place}"),
        }
        if let Some(told) = report.problem {
            assert!(told.message.ends_with('.') && !told.message.contains('{'), "{told:?}");
            assert!(!format!("{told:?}").contains("s3cret"), "{told:?}");
        }
    }
    assert!(fixture.demo.request_log().access_tokens.is_empty(), "no sign-in");
}

/// The secret is stored in the keychain only, and used for sign-in, refresh and revocation. A note
/// in the database avoids opening the item.
#[tokio::test]
async fn a_secret_is_kept_in_the_keychain_alone() {
    let fixture = Fixture::with(endpoints_alone).await;
    for (provider, id, secret) in [
        ("kakao", kakao::CLIENT_ID, kakao::CLIENT_SECRET),
        ("google", google::CLIENT_ID, google::CLIENT_SECRET),
        ("company", oidc::CONFIDENTIAL_CLIENT_ID, oidc::CLIENT_SECRET),
    ] {
        let report =
            fixture.set_up(wish(provider, &format!(" {id} "), Some(&format!("{secret}\n")))).await;
        assert!(report.saved, "{report:?}");
        let entries = fixture.vault.entries();
        let (entry, kept) = entries.iter().find(|(name, _)| name.ends_with(id)).unwrap();
        assert!(entry.starts_with(&format!("client.{provider}.")) && kept == secret, "{entry}");
        for (path, text) in fixture.files() {
            assert!(!text.contains(secret), "{provider} in {}", path.display());
        }
        assert!(!fixture.file().contains(secret) && fixture.file().contains(id));
        let opened = fixture.vault.done().len();
        let page = fixture.page(provider);
        assert_eq!((page.client_id.as_deref(), page.secret_kept), (Some(id), true));
        assert_eq!(fixture.vault.done().len(), opened, "the overview opens no entry");
        let account = fixture.sign_in(provider).await.unwrap().accounts[0].id.to_string();
        fixture.access_token(&account, nameplate::RefreshPolicy::Always).await.unwrap();
        fixture
            .nameplate
            .accounts()
            .sign_out(&account, nameplate::SignOutScope::Everywhere)
            .await
            .unwrap();
        assert!(fixture.vault.names().contains(entry), "it is the client's, not the account's");
    }
    assert!(
        fixture.demo.request_log().grants.values().all(|counts| counts.refusals <= 2),
        "two each: the check, of the client and of one that does not exist"
    );
    fixture.nameplate.accounts().reset().await.unwrap();
    assert_eq!(fixture.vault.names(), Vec::<String>::new());
    assert!(!fixture.page("kakao").secret_kept);
}

/// Another client id has another secret or none; the old one is deleted.
#[tokio::test]
async fn a_secret_goes_with_its_client() {
    let fixture = Fixture::with(endpoints_alone).await;
    let skip = |id: &str, secret| SetUpRequest { check: Check::Skip, ..wish("kakao", id, secret) };
    fixture.set_up(skip("first", Some("s3cret-1"))).await;
    // Without a value nothing changes.
    fixture.set_up(skip("first", None)).await;
    assert_eq!(fixture.vault.names(), ["client.kakao.first"]);
    fixture.set_up(skip("second", Some("s3cret-2"))).await;
    assert_eq!(fixture.vault.names(), ["client.kakao.second"]);
    assert!(fixture.page("kakao").secret_kept);
    fixture.set_up(skip("second", Some(" "))).await;
    assert_eq!(fixture.vault.names(), Vec::<String>::new());
    assert!(!fixture.page("kakao").secret_kept);
    // A secret in the file is deleted.
    let file = fixture
        .file()
        .replace("client_id = \"second\"", "client_id = \"second\"\nclient_secret = \"s3cret-3\"");
    fixture.write_providers(&file);
    assert!(fixture.page("kakao").secret_kept);
    fixture.set_up(skip("second", None)).await;
    assert!(fixture.file().contains("s3cret-3"));
    fixture.set_up(skip("second", Some("s3cret-4"))).await;
    assert!(!fixture.file().contains("s3cret"));
    fixture.set_up(skip("third", None)).await;
    assert_eq!(fixture.vault.names(), Vec::<String>::new());
}

/// A refused client can be saved on request, and one that cannot be checked is saved.
#[tokio::test]
async fn a_person_may_know_better() {
    let mut fixture = Fixture::with(endpoints_alone).await;
    let refused = fixture.set_up(wish("kakao", "nobody", None)).await;
    assert!(!refused.saved && !fixture.file().contains("nobody"));
    let anyway = SetUpRequest { check: Check::Skip, ..wish("kakao", "nobody", None) };
    let report = fixture.set_up(anyway).await;
    assert_eq!((report.saved, report.checked, report.problem), (true, Checked::Unknown, None));
    assert!(
        fixture.nameplate.provider_setup().config().ready("kakao").is_ok(),
        "read again at once"
    );
    fixture.unplug().await;
    let report = fixture.set_up(wish("discord", "x", None)).await;
    assert_eq!(
        (report.saved, report.checked, code(&report)),
        (true, Checked::Unknown, Some(Code::Unreachable))
    );
    // Without metadata there is nothing to save.
    let report = fixture.set_up(wish("company", "x", None)).await;
    assert_eq!((report.saved, code(&report)), (false, Some(Code::Unreachable)));
}

/// The issuer's own spelling is written.
#[tokio::test]
async fn an_issuer_is_found_however_it_is_pasted() {
    let fixture = Fixture::with(|_| String::new()).await;
    let base = fixture.demo.base().to_owned();
    for (id, pasted) in [
        ("plain", format!("{base}/oidc")),
        ("slash", format!(" {base}/oidc/ ")),
        ("whole", format!("{base}/oidc/.well-known/openid-configuration")),
        ("query", format!("{base}/oidc/.well-known/openid-configuration?x=1#y")),
    ] {
        let issuer = SetUpRequest {
            issuer: Some(pasted),
            label: Some("Ours".into()),
            ..wish(id, oidc::CLIENT_ID, None)
        };
        let report = fixture.set_up(issuer).await;
        assert_eq!((report.saved, report.checked), (true, Checked::Accepted), "{id} {report:?}");
        let page = fixture.page(id);
        assert_eq!(page.issuer, Some(format!("{base}/oidc")), "{id}");
        assert!(page.asks_issuer && !page.redirect_uris.is_empty());
        fixture.nameplate.sign_ins().begin(ask(id, RedirectMethod::Manual)).await.unwrap();
    }
    let elsewhere =
        SetUpRequest { issuer: Some(format!("{base}/nowhere")), ..wish("lost", "x", None) };
    let report = fixture.set_up(elsewhere).await;
    assert_eq!((report.saved, code(&report)), (false, Some(Code::DiscoveryFailed)));
    assert!(!fixture.file().contains("lost"));
}

/// Auth0's issuers end in a slash; it may be left out. An issuer that names another one is refused
/// (S37).
#[tokio::test]
async fn an_issuer_keeps_the_slash_of_its_name() {
    let fixture = Fixture::with(|_| String::new()).await;
    let server = wiremock::MockServer::start().await;
    let tenant = format!("{}/tenant", server.uri());
    let publish = async |issuer: String| {
        server.reset().await;
        let told = serde_json::json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{tenant}/authorize"),
            "token_endpoint": format!("{tenant}/token"),
            "jwks_uri": format!("{tenant}/keys"),
        });
        let metadata = ResponseTemplate::new(200).set_body_json(told);
        let at = wiremock::matchers::path("/tenant/.well-known/openid-configuration");
        wiremock::Mock::given(at).respond_with(metadata).mount(&server).await;
        let token = wiremock::Mock::given(wiremock::matchers::path("/tenant/token"));
        token.respond_with(knows_one_client).mount(&server).await;
    };
    let ours =
        |issuer: &str| SetUpRequest { issuer: Some(issuer.to_owned()), ..wish("ours", "c", None) };
    publish(format!("{tenant}/")).await;
    for pasted in
        [&tenant, &format!("{tenant}/"), &format!("{tenant}/.well-known/openid-configuration")]
    {
        let report = fixture.set_up(ours(pasted)).await;
        assert_eq!(
            (report.saved, report.checked),
            (true, Checked::Accepted),
            "{pasted} {report:?}"
        );
        assert_eq!(fixture.page("ours").issuer, Some(format!("{tenant}/")));
        fixture.nameplate.sign_ins().begin(ask("ours", RedirectMethod::Manual)).await.unwrap();
    }
    let before = fixture.file();
    publish("https://id.example.com".to_owned()).await;
    let report = fixture.set_up(ours(&tenant)).await;
    assert_eq!((report.saved, code(&report)), (false, Some(Code::DiscoveryMismatch)));
    assert_eq!(fixture.file(), before);
}

/// The secret of one issuer is never sent to another with the same client id, also not later; a
/// slash at the end makes no difference.
#[tokio::test]
async fn a_secret_is_never_sent_to_another_issuer() {
    let fixture = Fixture::with(|_| String::new()).await;
    let at = |issuer: &str, secret, check| SetUpRequest {
        issuer: Some(issuer.to_owned()),
        check,
        ..wish("ours", "c", secret)
    };
    fixture.set_up(at("https://a.example.com", Some("s3cret-a"), Check::Skip)).await;
    let file = fixture.file();
    fixture.write_providers(&format!("{file}email_trusted = true\n"));
    fixture.set_up(at("https://a.example.com/", None, Check::Skip)).await;
    let kept: Vec<_> = fixture.vault.entries().into_values().collect();
    assert_eq!(kept, ["s3cret-a"]);
    assert!(fixture.file().contains("email_trusted"));

    let other = wiremock::MockServer::start().await;
    let told = serde_json::json!({
        "issuer": other.uri(),
        "authorization_endpoint": format!("{}/authorize", other.uri()),
        "token_endpoint": format!("{}/token", other.uri()),
        "jwks_uri": format!("{}/keys", other.uri()),
    });
    let metadata = wiremock::Mock::given(wiremock::matchers::method("GET"));
    metadata.respond_with(ResponseTemplate::new(200).set_body_json(told)).mount(&other).await;
    let token = wiremock::Mock::given(wiremock::matchers::path("/token"));
    token.respond_with(knows_one_client).mount(&other).await;
    let report = fixture.set_up(at(&other.uri(), None, Check::First)).await;
    assert_eq!((report.saved, report.checked), (true, Checked::Accepted), "{report:?}");
    let requests = other.received_requests().await.unwrap();
    let asked = requests.iter().filter(|request| request.url.path() == "/token");
    let bodies: Vec<_> = asked.map(|request| String::from_utf8_lossy(&request.body)).collect();
    assert_eq!(bodies.len(), 2);
    assert!(bodies.iter().all(|body| !body.contains("s3cret")), "{bodies:?}");
    assert!(requests.iter().all(|request| !request.headers.contains_key("authorization")));
    assert_eq!(fixture.vault.names(), Vec::<String>::new());
    assert!(!fixture.page("ours").secret_kept && !fixture.file().contains("email_trusted"));
}

/// An issuer that takes pushed requests of a client with a secret.
async fn pushing_issuer() -> wiremock::MockServer {
    let server = issuer(serde_json::json!({}), knows_one_client).await;
    let pushed = wiremock::Mock::given(wiremock::matchers::path("/par"));
    let reference = serde_json::json!({ "request_uri": "urn:x", "expires_in": 60 });
    let reference = ResponseTemplate::new(201).set_body_json(reference);
    pushed.respond_with(reference).mount(&server).await;
    server
}

/// The table of a client at such an issuer.
fn pushing(issuer: &str) -> String {
    format!(
        "[ours]\nkind = \"oidc\"\nissuer = \"{issuer}\"\nclient_id = \"c\"\nclient_auth = \"post\"\npushed_authorization_request_endpoint = \"{issuer}/par\"\npar = \"required\"\n"
    )
}

/// The client secrets that a server was sent.
async fn secrets_sent(server: &wiremock::MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    assert!(requests.iter().all(|request| !request.headers.contains_key("authorization")));
    let fields = requests.iter().flat_map(|request| url::form_urlencoded::parse(&request.body));
    fields.filter(|(name, _)| name == "client_secret").map(|(_, secret)| secret.into()).collect()
}

/// RFC 6749, section 2.3.1: where the file cannot be written, the issuer of before is sent its own
/// secret still.
#[tokio::test]
async fn the_secret_of_an_unwritten_issuer_is_not_sent_to_the_former() {
    let (former, new) = (pushing_issuer().await, pushing_issuer().await);
    let fixture = Fixture::with(|_| pushing(&former.uri())).await;
    let with = |secret, issuer: Option<String>| SetUpRequest {
        issuer,
        check: Check::Skip,
        ..wish("ours", "c", Some(secret))
    };
    fixture.set_up(with("s3cret-a", None)).await;
    // A folder with the longest path: no file can be made in it beside one with a short name.
    let mut folder = fixture.home.providers_file().with_file_name("folder");
    while folder.as_os_str().len() < 3900 {
        folder.push("x".repeat(100));
    }
    folder.push("x".repeat(4080 - folder.as_os_str().len()));
    std::fs::create_dir_all(&folder).unwrap();
    let (file, moved) = (fixture.home.providers_file(), folder.join("p"));
    std::fs::rename(&file, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &file).unwrap();
    let refused = fixture.nameplate.provider_setup().set_up(with("s3cret-b", Some(new.uri())));
    assert_eq!(refused.await.unwrap_err().code(), Code::ConfigUnwritable);
    fixture.nameplate.provider_setup().reload();
    fixture.nameplate.sign_ins().begin(ask("ours", RedirectMethod::Manual)).await.unwrap();
    assert_eq!(secrets_sent(&former).await, ["s3cret-a"]);
}

/// RFC 6749, section 2.3.1: a secret is not sent to an issuer that a user writes into the file, by
/// a sign-in or by a set-up that has not read it yet.
#[tokio::test]
async fn a_secret_does_not_follow_an_edited_issuer() {
    let (former, new) = (pushing_issuer().await, pushing_issuer().await);
    let fixture = Fixture::with(|_| pushing(&former.uri())).await;
    let begin = || fixture.nameplate.sign_ins().begin(ask("ours", RedirectMethod::Manual));
    fixture.set_up(wish("ours", "c", Some("s3cret-a"))).await;
    fixture.write_providers(&pushing(&new.uri()));
    begin().await.unwrap();
    assert!(!fixture.page("ours").secret_kept);
    fixture.write_providers(&pushing(&former.uri()));
    begin().await.unwrap();
    std::fs::write(fixture.home.providers_file(), pushing(&new.uri())).unwrap();
    assert!(fixture.set_up(wish("ours", "c", None)).await.saved);
    assert_eq!(secrets_sent(&new).await, Vec::<String>::new());
    let sent = secrets_sent(&former).await;
    let sent = sent.iter().filter(|sent| *sent == "s3cret-a").count();
    assert_eq!(sent, 2, "in the check, and in a sign-in");
    assert!(!fixture.vault.entries().into_values().any(|item| item == "s3cret-a"), "deleted");
}

/// With the device method, the check uses a method with a redirect URI.
#[tokio::test]
async fn a_client_of_the_device_flow_is_checked() {
    let by_device = |demo: &DemoProvider| {
        let kind = "kind = \"oidc\"\n";
        endpoints_alone(demo).replace(kind, &format!("{kind}method = \"device-code\"\n"))
    };
    let fixture = Fixture::with(by_device).await;
    assert!(fixture.file().contains("method = \"device-code\""));
    let report = fixture.set_up(wish("company", "nobody", None)).await;
    assert_eq!((report.saved, code(&report)), (false, Some(Code::ClientRefused)));
    let report = fixture.set_up(wish("company", oidc::CLIENT_ID, None)).await;
    assert_eq!((report.saved, report.checked), (true, Checked::Accepted), "{report:?}");
}

/// U6: each provider defines its loopback host. A browser that insists on https is reported, and
/// the response can be pasted.
#[tokio::test]
async fn each_provider_has_its_own_loopback_host_and_tls_is_told() {
    let fixture = Fixture::with(DemoProvider::providers_toml).await;
    for (provider, host) in [
        ("discord", "127.0.0.1"),
        ("google", "127.0.0.1"),
        ("github", "127.0.0.1"),
        ("company", "127.0.0.1"),
        ("microsoft", "localhost"),
        ("kakao", "localhost"),
    ] {
        let begun = fixture.begin(provider, RedirectMethod::Loopback).await;
        let address: url::Url = begun.redirect_uri.parse().unwrap();
        assert_eq!(address.host_str(), Some(host), "{provider}");
        let port = address.port().unwrap();
        // For `localhost` a browser may try either address family; for the other hosts only one is
        // bound.
        let (v4, v6) = (("127.0.0.1", port), ("::1", port));
        assert!(TcpStream::connect(v4).await.is_ok(), "{provider}");
        if host == "127.0.0.1" {
            assert!(TcpStream::connect(v6).await.is_err(), "{provider}");
        } else if TcpListener::bind(("::1", 0)).await.is_ok() {
            assert!(TcpStream::connect(v6).await.is_ok(), "{provider}");
        }
        let mut browser = TcpStream::connect(v4).await.unwrap();
        browser.write_all(&[0x16, 3, 1, 0, 200]).await.unwrap();
        assert!(!matches!(browser.read(&mut [0]).await, Ok(1..)));
        let mut news = fixture.nameplate.events();
        fixture.pass(3).await;
        while notice(&fixture.nameplate).is_none() {
            news.recv().await.unwrap();
        }
        let waiting = fixture.state().signing_in.unwrap();
        assert_eq!(waiting.notice.unwrap().code, Code::HttpsForced, "{provider}");
        assert!(waiting.paste, "{provider}");
        fixture.nameplate.sign_ins().cancel().await.unwrap();
    }
}

/// U8: the redirect URIs to register are those that are sent, with the steps in both languages.
#[tokio::test]
async fn a_page_says_what_to_register_exactly() {
    let fixture = Fixture::with(DemoProvider::providers_toml).await;
    // Where a user names the server, there is nothing to register.
    let without = ["bluesky", "mastodon", "oidc", "email"];
    let cards = fixture.state().providers;
    for card in cards.iter().filter(|card| !without.contains(&&*card.id)) {
        let page = &card.set_up;
        assert!(
            page.steps.len() > 1 && page.steps.iter().all(|step| step.ends_with('.')),
            "{}",
            card.id
        );
        assert_eq!(page.register_url.is_some(), card.kind != "oidc");
        assert_eq!(page.redirect_uris, card.redirect_uris);
        for method in [RedirectMethod::HttpsPage, RedirectMethod::DeepLink, RedirectMethod::Manual]
        {
            let Ok(begun) = fixture.nameplate.sign_ins().begin(ask(&card.id, method)).await else {
                continue;
            };
            let without_port = begun.redirect_uri.replace(":53682", "");
            let shown = |uri: &String| page.redirect_uris.contains(uri);
            let by_type = matches!(card.kind.as_str(), "google" | "facebook")
                && method == RedirectMethod::Manual;
            assert!(
                by_type || shown(&begun.redirect_uri) || shown(&without_port),
                "{} {method:?}",
                card.id
            );
        }
    }
    let secrets = ["kakao", "google", "microsoft"].map(|id| fixture.page(id).secret);
    assert_eq!(secrets, [SecretNeed::Optional, SecretNeed::Needed, SecretNeed::Never]);
}

/// U8: a refused redirect URI is reported with the one to register, in both languages, and leads to
/// the setup page.
#[tokio::test]
async fn a_refused_redirect_uri_is_explained() {
    let fixture = Fixture::with(DemoProvider::providers_toml).await;
    for provider in ["kakao", "github", "microsoft", "facebook"] {
        let refused = nameplate::Error::new(Code::RedirectRefused).at(provider);
        for language in [nameplate::Language::Ko, nameplate::Language::En] {
            let told = fixture.nameplate.explain(language, &refused);
            assert!(told.next.contains("URI") && !told.next.contains('{'), "{}", told.next);
            assert!(told.remedies.contains(&nameplate::Remedy::SetUp));
        }
    }
    // GitHub sends the error back; others show it on their page.
    let begun = fixture.begin("github", RedirectMethod::Manual).await;
    let response = format!(
        "{}?error=redirect_uri_mismatch&error_description=The+redirect_uri+MUST+match&state={}",
        begun.redirect_uri,
        crate::fixture::state_of(&begun)
    );
    let refused = complete(&fixture.nameplate, &response).await.unwrap_err();
    assert_eq!(refused.code(), Code::RedirectRefused);
    assert!(refused.detail().unwrap().contains("MUST match"));
}

/// An unreadable file is not changed, nor one whose keychain fails.
#[tokio::test]
async fn what_cannot_be_read_or_kept_is_not_written() {
    let fixture = Fixture::with(|_| String::new()).await;
    let broken = "# mine\n[discord\nclient_id = \"x\"\n";
    fixture.write_providers(broken);
    let refused =
        fixture.nameplate.provider_setup().set_up(wish("discord", "y", None)).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.detail()),
        (
            Code::ConfigUnreadable,
            fixture.nameplate.provider_setup().config().problem.as_ref().unwrap().detail()
        )
    );
    assert_eq!(fixture.file(), broken);
    fixture.write_providers("# mine\n");
    let skip = |secret| SetUpRequest { check: Check::Skip, ..wish("kakao", "k", Some(secret)) };
    for mood in [Mood::Absent, Mood::Refusing(VaultError::Locked)] {
        fixture.vault.set(mood);
        assert!(fixture.nameplate.provider_setup().set_up(skip("s3cret")).await.is_err());
        assert_eq!(fixture.file(), "# mine\n");
    }
    fixture.vault.set(Mood::Willing);
    assert!(!fixture.page("kakao").secret_kept);
    for (provider, id, code) in [
        ("myspace", "x", Code::UnknownProvider),
        ("email", "x", Code::UnknownProvider),
        ("kakao", "  ", Code::NotSetUp),
    ] {
        let refused =
            fixture.nameplate.provider_setup().set_up(wish(provider, id, None)).await.unwrap_err();
        assert_eq!(refused.code(), code, "{provider}");
    }
    let bad = SetUpRequest {
        issuer: Some("https://x".into()),
        check: Check::Skip,
        ..wish("Big Name", "x", None)
    };
    assert_eq!(
        fixture.nameplate.provider_setup().set_up(bad).await.unwrap_err().code(),
        Code::ConfigUnreadable
    );
    assert_eq!(fixture.file(), "# mine\n");
}

/// If `.env` sets the client, this is shown, and nothing is written.
#[tokio::test]
async fn the_environment_decides_first() {
    let fixture = Fixture::with(|_| String::new()).await;
    std::fs::write(fixture.home.env_file(), "KAKAO_CLIENT_ID=theirs\n").unwrap();
    fixture.nameplate.provider_setup().reload();
    let page = fixture.page("kakao");
    assert_eq!(
        (page.client_id.as_deref(), page.fixed_by.as_deref()),
        (Some("theirs"), Some("KAKAO_CLIENT_ID"))
    );
    let refused =
        fixture.nameplate.provider_setup().set_up(wish("kakao", "mine", None)).await.unwrap_err();
    assert_eq!((refused.code(), refused.detail()), (Code::FixedElsewhere, Some("KAKAO_CLIENT_ID")));
    assert_eq!(fixture.file(), "");
}

/// U13: an error on Kakao's own page ends as a timeout, whose message names it.
#[tokio::test]
async fn an_error_that_stays_on_the_providers_page_is_named() {
    let fixture = Fixture::with(DemoProvider::providers_toml).await;
    let late = nameplate::Error::new(Code::TimedOut).at("kakao");
    for language in [nameplate::Language::Ko, nameplate::Language::En] {
        let told = fixture.nameplate.explain(language, &late);
        assert!(told.next.contains("KOE006") && !told.next.contains('{'), "{}", told.next);
        assert_eq!((told.code, told.detail), (Code::TimedOut, None));
        assert!(told.remedies.contains(&nameplate::Remedy::SetUp));
        let other = nameplate::Error::new(Code::TimedOut).at("company");
        assert!(!fixture.nameplate.explain(language, &other).next.contains("KOE"));
    }
}

/// S34: an issuer without a supported algorithm is refused at setup.
#[tokio::test]
async fn an_issuer_that_signs_with_nothing_supported_is_not_set_up() {
    let fixture = Fixture::with(|_| String::new()).await;
    let issuer = format!("{}/oidc/rp/discovery-unsupported-alg", fixture.demo.base());
    let wish = SetUpRequest { issuer: Some(issuer), ..wish("company", oidc::CLIENT_ID, None) };
    let report = fixture.set_up(wish).await;
    assert_eq!((report.saved, report.checked), (false, Checked::Refused));
    let problem = report.problem.unwrap();
    assert_eq!(problem.code, Code::IdTokenAlgorithm);
    assert_eq!(problem.detail.as_deref(), Some("unsupported algorithm HS256, ES256K"));
    assert_eq!(fixture.file(), "");
}

/// An issuer with this response of the token endpoint, and `more` in its metadata.
async fn issuer(
    more: serde_json::Value,
    token: impl Fn(&wiremock::Request) -> ResponseTemplate + Send + Sync + 'static,
) -> wiremock::MockServer {
    let server = wiremock::MockServer::start().await;
    let uri = server.uri();
    let mut told = serde_json::json!({
        "issuer": uri,
        "authorization_endpoint": format!("{uri}/authorize"),
        "token_endpoint": format!("{uri}/token"),
        "jwks_uri": format!("{uri}/keys"),
    });
    told.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    let metadata = wiremock::Mock::given(wiremock::matchers::method("GET"));
    metadata.respond_with(ResponseTemplate::new(200).set_body_json(told)).mount(&server).await;
    let posted = wiremock::Mock::given(wiremock::matchers::path("/token"));
    posted.respond_with(token).mount(&server).await;
    server
}

/// U13: an error proves something about the client only if an unknown client has another error.
/// Each case was seen at a real server, which is named.
#[tokio::test]
async fn acceptance_is_inferred_from_a_difference_alone() {
    type Said = (u16, &'static str);
    let refusal = "{\"error\": \"invalid_grant\", \"error_description\": \"invalid code\"}";
    let unknown = "{\"error\": \"invalid_client\"}";
    let rows: [(&str, Said, Said, Checked, bool); 9] = [
        (
            "oidc-provider",
            (
                400,
                "{\"error\": \"invalid_grant\", \"error_description\": \"grant request is invalid\"}",
            ),
            (401, unknown),
            Checked::Accepted,
            true,
        ),
        // It checks the code before the client.
        ("better-auth", (400, refusal), (400, refusal), Checked::Unknown, true),
        (
            "glewlwyd",
            (403, "{\"error\": \"invalid_code\"}"),
            (403, "{\"error\": \"unauthorized_client\"}"),
            Checked::Accepted,
            true,
        ),
        (
            "idpyoidc",
            (400, "{\"error\": \"invalid_request\", \"error_description\": \"Unknown Client ID\"}"),
            (400, unknown),
            Checked::Refused,
            false,
        ),
        ("empty 401", (401, ""), (401, ""), Checked::Refused, false),
        // A message about code and redirect URI is about the unknown code.
        (
            "one sentence",
            (
                400,
                "{\"error\": \"invalid_grant\", \"error_description\": \"Invalid code or redirect_uri\"}",
            ),
            (401, unknown),
            Checked::Accepted,
            true,
        ),
        ("a server that is busy then", (400, refusal), (503, ""), Checked::Unknown, true),
        (
            "anything goes",
            (200, "{\"access_token\": \"t\", \"token_type\": \"Bearer\"}"),
            (200, "{}"),
            Checked::Unknown,
            true,
        ),
        (
            "a wall",
            (403, "<html>blocked</html>"),
            (403, "<html>blocked</html>"),
            Checked::Unknown,
            true,
        ),
    ];
    for (server, ours, others, checked, saved) in rows {
        let at = issuer(serde_json::json!({}), move |request| {
            let (status, body) = if is_of_c(request) { ours } else { others };
            ResponseTemplate::new(status).set_body_string(body)
        })
        .await;
        let fixture = Fixture::with(|_| String::new()).await;
        let wish = SetUpRequest { issuer: Some(at.uri()), ..wish("ours", "c", None) };
        let report = fixture.set_up(wish).await;
        assert_eq!((report.checked, report.saved), (checked, saved), "{server}: {report:?}");
        assert_eq!(fixture.file().contains("[ours]"), saved, "{server}");
        let asked = at.received_requests().await.unwrap();
        let posted = asked.iter().filter(|request| request.method == "POST").count();
        assert!(posted <= 2, "{server}: {posted}");
    }
}

/// U13: a server that checks id, code and secret in this order says nothing about the secret; one
/// that checks it first does.
#[tokio::test]
async fn a_secret_is_accepted_only_where_it_was_looked_at() {
    for (looks, checked) in [(true, Checked::Accepted), (false, Checked::Unknown)] {
        let at = issuer(serde_json::json!({}), move |request| {
            let shown = url::form_urlencoded::parse(&request.body)
                .any(|(name, secret)| name == "client_secret" && secret == "s")
                || request.headers.get("authorization").is_some_and(|basic| basic == "Basic Yzpz");
            let known = shown || (!looks && !is_of_another(request));
            let error = if known { "invalid_grant" } else { "invalid_client" };
            ResponseTemplate::new(400).set_body_json(serde_json::json!({ "error": error }))
        })
        .await;
        let fixture = Fixture::with(|_| String::new()).await;
        let wish = SetUpRequest { issuer: Some(at.uri()), ..wish("ours", "c", Some("s")) };
        let report = fixture.set_up(wish).await;
        assert_eq!(report.checked, checked, "{report:?}");
    }
}

/// Whether Basic authentication has another client than `c`.
fn is_of_another(request: &wiremock::Request) -> bool {
    let basic = request.headers.get("authorization").and_then(|basic| basic.to_str().ok());
    // Each is `c:`, depending on the next letter.
    basic.is_some_and(|basic| !basic.starts_with("Basic Yzo") && !basic.starts_with("Basic Yzp"))
}

/// U13: a refused client is not saved, whatever the message is. Microsoft's `invalid_grant` without
/// a number means accepted.
#[tokio::test]
async fn what_a_provider_refuses_is_not_saved() {
    let microsoft = |number: &str| {
        format!("{{\"error\": \"invalid_request\", \"error_description\": \"AADSTS{number}: x\"}}")
    };
    let unknown = |request: &wiremock::Request| {
        let _ = request;
        ResponseTemplate::new(400).set_body_string(
            "{\"error\": \"unauthorized_client\", \"error_description\": \"AADSTS700016: x\"}",
        )
    };
    for (provider, secret, status, body, code) in [
        ("discord", None, 400, "{\"client_id\": [\"Value \\\"c\\\" is not snowflake.\"]}".to_owned(), Some(Code::ClientUnknown)),
        ("discord", Some("s3cret"), 401, "{\"error\": \"invalid_client\"}".to_owned(), Some(Code::SecretRefused)),
        ("google", Some("s3cret"), 401, "{\"error\": \"deleted_client\", \"error_description\": \"The OAuth client was deleted.\"}".to_owned(), Some(Code::ClientUnknown)),
        ("microsoft", None, 400, microsoft("9002327"), Some(Code::SinglePageApp)),
        ("microsoft", None, 400, microsoft("50194"), Some(Code::SingleTenant)),
        ("microsoft", None, 400, microsoft("900144"), Some(Code::ParameterMissing)),
        ("microsoft", None, 400, "{\"error\": \"invalid_grant\", \"error_description\": \"The provided value for the input parameter 'code' is not valid.\"}".to_owned(), None),
    ] {
        let server = wiremock::MockServer::start().await;
        let said = body.clone();
        let token = move |request: &wiremock::Request| match is_of_c(request) {
            true => ResponseTemplate::new(status).set_body_string(said.clone()),
            false => unknown(request),
        };
        wiremock::Mock::given(wiremock::matchers::any()).respond_with(token).mount(&server).await;
        let table = format!("[{provider}]\ntoken_endpoint = \"{}/token\"\n", server.uri());
        let fixture = Fixture::with(|_| table.clone()).await;
        let report = fixture.set_up(wish(provider, "c", secret)).await;
        let expected = if code.is_some() { Checked::Refused } else { Checked::Accepted };
        assert_eq!((report.checked, self::code(&report)), (expected, code), "{provider} {body}");
        assert_eq!(report.saved, code.is_none());
        assert_eq!(fixture.file().contains("client_id"), code.is_none(), "{provider} {body}");
        if let Some(secret) = secret {
            assert!(!fixture.vault.entries().values().any(|entry| entry.contains(secret)));
        }
        // It can be saved on request.
        let anyway = SetUpRequest { check: Check::Skip, ..wish(provider, "c", secret) };
        assert!(fixture.set_up(anyway).await.saved, "{provider}");
    }
}

/// An unsupported requirement of a server is named before anything is saved and before the browser
/// opens; so is invalid metadata.
#[tokio::test]
async fn what_a_server_requires_is_named_beforehand() {
    for (more, named) in [
        (serde_json::json!({"require_pushed_authorization_requests": true}), "PAR (RFC 9126)"),
        (serde_json::json!({"require_signed_request_object": true}), "JAR (RFC 9101)"),
        (
            serde_json::json!({
                "dpop_bound_access_tokens": true, "dpop_signing_alg_values_supported": ["EdDSA"]
            }),
            "DPoP (RFC 9449)",
        ),
        (
            serde_json::json!({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}),
            "private_key_jwt",
        ),
    ] {
        let at = issuer(more, knows_one_client).await;
        let fixture = Fixture::with(|_| String::new()).await;
        let wish =
            |check| SetUpRequest { issuer: Some(at.uri()), check, ..wish("ours", "c", None) };
        let report = fixture.set_up(wish(Check::First)).await;
        assert_eq!((report.saved, code(&report)), (false, Some(Code::ServerRequires)), "{named}");
        assert!(report.problem.unwrap().message.contains(named));
        fixture.set_up(wish(Check::Skip)).await;
        let refused = fixture
            .nameplate
            .sign_ins()
            .begin(ask("ours", RedirectMethod::Manual))
            .await
            .unwrap_err();
        assert_eq!((refused.code(), refused.detail()), (Code::ServerRequires, Some(named)));
        let asked = at.received_requests().await.unwrap();
        assert!(asked.iter().all(|request| request.method == "GET"), "nothing else was sent");
    }
    // Metadata may not announce DPoP: then the token endpoint says so.
    let at = issuer(serde_json::json!({}), |_| {
        let error = serde_json::json!({ "error": "use_dpop_nonce" });
        ResponseTemplate::new(400).set_body_json(error)
    })
    .await;
    let fixture = Fixture::with(|_| String::new()).await;
    let report =
        fixture.set_up(SetUpRequest { issuer: Some(at.uri()), ..wish("ours", "c", None) }).await;
    assert_eq!((report.saved, code(&report)), (false, Some(Code::NotAnnounced)));
    assert!(report.problem.unwrap().next.contains("dpop = \"required\""));
}
