//! Authorization responses: valid ones, and everything else that may arrive.

use demo_provider::Fault;
use nameplate::{Code, DeepLink, RedirectMethod};

use crate::browser::parameters;
use crate::fixture::{Fixture, ask, complete, quiet, realm, response_of, state_of, waiting_url};
use crate::providers::CASES;

/// S15, S20, S23: a foreign response ends nothing, exchanges nothing, and has its own code; the
/// right response is accepted afterwards.
#[tokio::test]
async fn a_stranger_cannot_end_an_attempt() {
    let fixture = Fixture::new().await;
    let elsewhere = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let foreign = elsewhere.begin("discord", RedirectMethod::DeepLink).await;
    let state = state_of(&begun);
    let (signed, _signature) = state.rsplit_once('.').unwrap();
    let unsigned = state.split('.').nth(1).unwrap();
    let at = begun.redirect_uri.as_str();
    for (sent, code) in [
        (String::new(), Code::NotAResponse),
        ("hello".to_owned(), Code::NotAResponse),
        (at.to_owned(), Code::NotAResponse),
        (format!("{at}?state={state}"), Code::NotAResponse),
        (format!("{at}#code=c&state={state}"), Code::NotAResponse),
        (format!("{at}?code=c"), Code::UnknownState),
        (format!("{at}?code=c&state="), Code::UnknownState),
        (format!("{at}?code=c&state=guess"), Code::UnknownState),
        (format!("{at}?code=c&state={signed}.AAAA"), Code::UnknownState),
        (format!("{at}?code=c&state={signed}."), Code::UnknownState),
        // {"alg":"none"}
        (format!("{at}?code=c&state=eyJhbGciOiJub25lIn0.{unsigned}."), Code::UnknownState),
        (response_of(&foreign, "code=c"), Code::UnknownState),
        (response_of(&foreign, "error=access_denied"), Code::UnknownState),
        (format!("{at}?error=access_denied"), Code::UnknownState),
        (format!("{at}?code=c&code=d&state={state}"), Code::DuplicateParameter),
        (format!("{at}?code=c&state={state}&state={state}"), Code::DuplicateParameter),
        (format!("{at}/?code=c&state={state}"), Code::WrongRedirect),
        (format!("http://127.0.0.1:1/callback/discord?code=c&state={state}"), Code::WrongRedirect),
        (format!("{at}?code={}&state={state}", "x".repeat(9000)), Code::ResponseTooLong),
    ] {
        let refused = complete(&fixture.nameplate, &sent).await.unwrap_err();
        assert_eq!(refused.code(), code, "{sent}");
        assert_eq!(waiting_url(&fixture.nameplate).as_deref(), Some(begun.url.as_str()), "{sent}");
        assert_eq!(fixture.rows("SELECT count(*) FROM attempts WHERE outcome IS NOT NULL"), 0);
    }
    assert_eq!(fixture.demo.request_log().grants.len(), 0, "nothing was exchanged");
    let response = fixture.grant(&begun).await;
    complete(&fixture.nameplate, &response).await.unwrap();
}

/// S16: unknown parameters are ignored; known ones occur once.
#[tokio::test]
async fn unknown_parameters_are_ignored_by_the_engine() {
    let fixture = Fixture::new().await;
    fixture.demo.set_faults("discord", [Fault::ExtraParameters, Fault::CallbackFragment]);
    fixture.sign_in("discord").await.unwrap();
    fixture.demo.set_faults("discord", [Fault::DuplicateParameters]);
    let twice = fixture.sign_in("discord").await.unwrap_err();
    assert_eq!(twice.code(), Code::DuplicateParameter);
}

/// S17, N2: `iss` of a success and of an error is compared; a wrong one ends the attempt.
#[tokio::test]
async fn a_response_of_another_issuer_ends_the_attempt() {
    let fixture = Fixture::new().await;
    for provider in ["company", "google", "discord", "kakao", "github", "microsoft"] {
        fixture.demo.set_faults(realm(provider), [Fault::IssWrong]);
        for decision in ["allow", "deny"] {
            let begun = fixture.begin(provider, quiet(provider)).await;
            let response = fixture.browser.decide(&begun.url, "haneul", decision).await;
            let refused = complete(&fixture.nameplate, &response).await.unwrap_err();
            assert_eq!(refused.code(), Code::IssuerMismatch, "{provider} {decision}");
            assert_eq!(refused.detail(), Some("https://issuer.example"));
            let again = complete(&fixture.nameplate, &response).await.unwrap_err();
            assert_eq!(again.code(), Code::AlreadyUsed, "the attempt is over");
            fixture.assert_nothing_kept();
        }
    }
    assert_eq!(fixture.demo.request_log().verifiers.len(), 0, "no code was sent anywhere");
}

/// S17, N2: a missing `iss` is refused if the metadata announces it or the configuration requires
/// it.
#[tokio::test]
async fn a_missing_issuer_is_refused_where_it_was_promised() {
    let fixture = Fixture::new().await;
    fixture.demo.set_faults("oidc", [Fault::IssMissing]);
    assert_eq!(fixture.refusal("company").await, Code::IssuerMissing);
    let providers = fixture.demo.providers_toml();
    fixture.write_providers(&providers.replace("[discord]", "[discord]\niss = \"required\""));
    assert_eq!(fixture.refusal("discord").await, Code::IssuerMissing);
    fixture.demo.set_faults("discord", [Fault::IssSent]);
    fixture.sign_in("discord").await.unwrap();
}

/// S18: a denial ends the attempt, with the provider's message as text.
#[tokio::test]
async fn a_denial_ends_the_attempt() {
    let fixture = Fixture::new().await;
    let denials = CASES.iter().map(|case| (case.id, "deny", vec![], Code::AccessDenied));
    let fault = vec![Fault::CallbackServerError];
    let error = ("discord", "allow", fault, Code::ProviderRefused);
    for (provider, decision, faults, code) in denials.chain([error]) {
        fixture.demo.set_faults(provider, faults);
        let begun = fixture.begin(provider, quiet(provider)).await;
        let response = fixture.browser.decide(&begun.url, "haneul", decision).await;
        let refused = complete(&fixture.nameplate, &response).await.unwrap_err();
        assert_eq!(refused.code(), code, "{provider}");
        assert_eq!(refused.provider(), Some(provider));
        let error = &parameters(&response)["error"];
        assert!(refused.detail().unwrap().starts_with(error.as_str()), "{refused}");
        let told = fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap_err();
        assert_eq!(told, refused, "each caller gets the same error");
        assert_eq!(waiting_url(&fixture.nameplate), None);
        fixture.assert_nothing_kept();
    }
}

/// S18, S24: markup in a provider's message is text in the window, and not on the page.
#[tokio::test]
async fn a_providers_words_are_text() {
    let fixture = Fixture::new().await;
    fixture.demo.set_faults("discord", [Fault::DenialWithMarkup]);
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    let response = fixture.browser.decide(&begun.url, "haneul", "deny").await;
    let page = fixture.browser.follow(&response).await;
    assert!(!page.text.contains("alert"), "{}", page.text);
    let told = fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap_err();
    assert_eq!(told.detail(), Some("access_denied: <script>alert(1)</script><b>\"&amp;"));
}

/// S19: a repeated response does nothing, and is reported to engine and browser.
#[tokio::test]
async fn a_response_is_used_once() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    let response = fixture.grant(&begun).await;
    let first = fixture.browser.get(&response).await;
    assert_eq!(first.status, 303);
    let second = fixture.browser.get(&response).await;
    assert_eq!(second.status, 409, "{}", second.text);
    fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap();
    let third = complete(&fixture.nameplate, &response).await.unwrap_err();
    assert_eq!(third.code(), Code::AlreadyUsed);
    assert_eq!(fixture.demo.request_log().grants["discord"].authorization_code, 1);
    assert_eq!(fixture.users().len(), 1);
}

/// S19: of two processes with the same response, one uses it.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_programs_one_uses_the_response() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    let terminal = fixture.another();
    let (here, there) =
        tokio::join!(complete(&fixture.nameplate, &response), complete(&terminal, &response));
    let refused = match (here, there) {
        (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused.code(), Code::AlreadyUsed);
    assert_eq!(fixture.demo.request_log().grants["discord"].authorization_code, 1);
}

/// S21: a deep link without a pending sign-in is ignored: no request, no keychain access.
#[tokio::test]
async fn a_link_of_no_attempt_is_ignored() {
    let fixture = Fixture::new().await;
    let elsewhere = Fixture::new().await;
    let foreign = elsewhere.begin("discord", RedirectMethod::DeepLink).await;
    for link in [
        response_of(&foreign, "code=c"),
        response_of(&foreign, "error=access_denied"),
        "app.nameplate.desktop.dev:/callback/discord?code=c&state=s".to_owned(),
    ] {
        let refused = fixture.nameplate.sign_ins().submit(&link).await.unwrap_err();
        assert_eq!(refused.code(), Code::UnknownState);
        // The window does not report a foreign response.
        assert_eq!(refused.provider(), None);
    }
    assert_eq!(fixture.vault.done(), Vec::<String>::new());
    assert!(fixture.demo.request_log().paths.is_empty());
    assert_eq!(fixture.state().problem, None);
}

/// S22: an argument of a second start counts only as one of our redirect URIs.
#[test]
fn arguments_of_a_second_start_are_not_trusted() {
    let scheme = "app.nameplate.desktop.dev";
    let link = format!("{scheme}:/callback/discord?code=c&state=s");
    assert_eq!(nameplate::read_deep_link(scheme, &link), Some(DeepLink::Response(link.clone())));
    for argument in [
        "--version".to_owned(),
        "--home=/tmp/x".to_owned(),
        "/etc/passwd".to_owned(),
        "file:///etc/passwd".to_owned(),
        "https://example.com/callback/discord?code=c&state=s".to_owned(),
        format!("x{link}"),
        format!("--url={link}"),
        link.replace(":/callback", "://callback"),
        link.replace(".dev:", ":"),
        link.replace("discord", "discord%2f..%2fx"),
    ] {
        assert_eq!(nameplate::read_deep_link(scheme, &argument), None, "{argument}");
    }
}

/// S23: a pasted address has the same parser and state check.
#[tokio::test]
async fn a_pasted_response_is_checked_like_any_other() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("google", RedirectMethod::Manual).await;
    let response = fixture.grant(&begun).await;
    let code = parameters(&response)["code"].clone();
    for (pasted, refusal) in [
        (code.clone(), Code::NotAResponse),
        (format!("code={code}"), Code::NotAResponse),
        (response.replace("state=", "estate="), Code::UnknownState),
        (response.replace("state=ey", "state=ez"), Code::UnknownState),
        (response.replace("127.0.0.1", "evil.example"), Code::WrongRedirect),
    ] {
        let refused = complete(&fixture.nameplate, &pasted).await.unwrap_err();
        assert_eq!(refused.code(), refusal, "{pasted}");
    }
    // What a browser shows that requires https, with text that was copied along.
    let copied = format!("  {}\n", response.replacen("http://", "https://", 1));
    complete(&fixture.nameplate, &copied).await.unwrap();
}

/// S7, S15: a response of one provider's attempt is none for another's, also if both are pending.
#[tokio::test]
async fn a_response_for_another_provider_is_refused() {
    let fixture = Fixture::new().await;
    let other = fixture.another();
    let discord = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let company = other.sign_ins().begin(ask("company", RedirectMethod::DeepLink)).await.unwrap();
    let mixed = format!("{}?code=c&state={}", company.redirect_uri, state_of(&discord));
    assert_eq!(complete(&fixture.nameplate, &mixed).await.unwrap_err().code(), Code::WrongRedirect);
    let response = fixture.grant(&company).await;
    complete(&other, &response).await.unwrap();
    assert_eq!(waiting_url(&fixture.nameplate), Some(discord.url));
}
