//! Device authorization (RFC 8628) at every provider that offers it.

use std::collections::BTreeMap;

use demo_provider::{DemoProvider, Fault};
use nameplate::{
    AccountState, Code, Grant, Intent, Nameplate, PendingSignIn, RedirectMethod, RefreshPolicy,
    SignInRequest, User, UserCodePrompt,
};

use crate::fixture::{Fixture, ask, complete, outcome, realm, waiting_url};

/// Polling interval of these providers, in seconds.
const INTERVAL: u32 = 5;
const PROVIDERS: [&str; 4] = ["github", "microsoft", "google", "company"];

async fn fixture() -> Fixture {
    Fixture::with(DemoProvider::providers_toml).await
}

async fn begin(fixture: &Fixture, provider: &str) -> (PendingSignIn, UserCodePrompt) {
    let begun = fixture.begin(provider, Grant::DeviceCode).await;
    let device = begun.device.clone().unwrap();
    (begun, device)
}

/// Number of requests per token endpoint.
fn polls(fixture: &Fixture) -> BTreeMap<String, u64> {
    let token = |path: &String| path.contains("token") && !path.contains("revoke");
    fixture.demo.request_log().paths.into_iter().filter(|(path, _)| token(path)).collect()
}

/// Advances to the next poll, and waits for it.
async fn until_polled(fixture: &Fixture, seconds: u32) {
    let before = polls(fixture);
    fixture.pass(seconds).await;
    while polls(fixture) == before {
        tokio::task::yield_now().await;
    }
}

/// Advances time without a poll: pending requests are answered before and after.
async fn unasked(fixture: &Fixture, seconds: u32, why: &str) {
    let before = polls(fixture);
    fixture.pass(seconds).await;
    for _ in 0..5 {
        fixture.browser.get(&format!("{}/demo/request-log", fixture.demo.base())).await;
    }
    assert_eq!(polls(fixture), before, "{why}");
}

/// The end of the sign-in, while time passes.
async fn ended(
    fixture: &Fixture,
    nameplate: &Nameplate,
    begun: &PendingSignIn,
) -> nameplate::Result<User> {
    let outcome = outcome(nameplate, begun);
    tokio::pin!(outcome);
    fixture.pass(INTERVAL).await;
    outcome.await
}

/// Waits until the secrets of the ended sign-in are deleted.
async fn no_attempt_kept(fixture: &Fixture) {
    fixture.vault.until(|entries| !entries.keys().any(|name| name.starts_with("attempt."))).await;
}

fn waiting(nameplate: &Nameplate) -> Option<nameplate::SigningIn> {
    nameplate.state().unwrap().signing_in
}

/// S47: code and address are shown, and consent elsewhere signs in here.
#[tokio::test]
async fn the_user_who_enters_the_code_elsewhere_is_signed_in_here() {
    let fixture = fixture().await;
    for provider in PROVIDERS {
        let (begun, device) = begin(&fixture, provider).await;
        let shown = waiting(&fixture.nameplate).unwrap();
        assert_eq!((shown.method, shown.device.as_ref()), (Grant::DeviceCode, Some(&device)));
        assert_eq!((shown.paste, &*shown.redirect_uri), (false, ""), "nothing comes back");
        until_polled(&fixture, INTERVAL).await;
        fixture.browser.enter(&device, "haneul", "allow").await;
        let user = ended(&fixture, &fixture.nameplate, &begun).await.unwrap();
        assert_eq!(user.accounts[0].provider, provider);
        assert!(fixture.vault.names().contains(&user.accounts[0].id.to_string()), "{provider}");
        assert_eq!(waiting(&fixture.nameplate), None);
        no_attempt_kept(&fixture).await;
        let counts = &fixture.demo.request_log().grants[realm(provider)];
        assert_eq!((counts.device_code, counts.authorization_code), (1, 0), "{provider}");
    }
}

/// S47: a denial elsewhere ends the sign-in.
#[tokio::test]
async fn a_no_elsewhere_is_told_here() {
    let fixture = fixture().await;
    for provider in PROVIDERS {
        let (begun, device) = begin(&fixture, provider).await;
        fixture.browser.enter(&device, "haneul", "deny").await;
        let error = ended(&fixture, &fixture.nameplate, &begun).await.unwrap_err();
        assert_eq!(error.code(), Code::AccessDenied, "{provider}");
        assert_eq!(fixture.state().problem.unwrap().code, Code::AccessDenied);
        no_attempt_kept(&fixture).await;
        fixture.assert_nothing_kept();
    }
}

/// S47: `slow_down` adds five seconds to the interval.
#[tokio::test]
async fn slowing_down_is_obeyed() {
    let fixture = fixture().await;
    for provider in PROVIDERS {
        fixture.demo.set_faults(realm(provider), [Fault::SlowDown]);
        let (begun, device) = begin(&fixture, provider).await;
        until_polled(&fixture, INTERVAL).await;
        fixture.browser.enter(&device, "haneul", "allow").await;
        unasked(&fixture, INTERVAL, "five seconds are not enough any more").await;
        ended(&fixture, &fixture.nameplate, &begun).await.unwrap();
    }
}

/// S47: polling ends when the code has expired, by the provider's response or by the clock.
#[tokio::test]
async fn a_code_out_of_date_ends_it() {
    let fixture = fixture().await;
    fixture.demo.set_faults("github", [Fault::DeviceExpired]);
    let (begun, _) = begin(&fixture, "github").await;
    assert_eq!(
        ended(&fixture, &fixture.nameplate, &begun).await.unwrap_err().code(),
        Code::TimedOut
    );
    fixture.demo.set_faults("github", []);
    let (begun, _) = begin(&fixture, "github").await;
    assert_eq!(begun.expires_at, fixture.now() + 900, "as long as the response says");
    fixture.advance(900);
    fixture.nameplate.wake().await;
    assert_eq!(
        fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap_err().code(),
        Code::TimedOut
    );
    unasked(&fixture, 60, "no sign-in waits any more").await;
    // After suspend: the timers did not run, the clock did.
    let (begun, _) = begin(&fixture, "github").await;
    until_polled(&fixture, INTERVAL).await;
    unasked(&fixture, 1, "too soon").await;
    fixture.advance(900);
    unasked(&fixture, INTERVAL, "the code is dead").await;
    assert_eq!(
        fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap_err().code(),
        Code::TimedOut
    );
    no_attempt_kept(&fixture).await;
    fixture.assert_nothing_kept();
}

/// S47: a code is polled for an hour at most.
#[tokio::test]
async fn a_code_is_polled_for_an_hour_at_most() {
    let fixture = fixture().await;
    fixture.demo.set_faults("oidc", [Fault::DeviceLivesADay]);
    let (begun, device) = begin(&fixture, "company").await;
    assert_eq!(begun.expires_at, fixture.now() + 3600);
    until_polled(&fixture, INTERVAL).await;
    fixture.advance(3600);
    fixture.nameplate.wake().await;
    assert_eq!(
        fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap_err().code(),
        Code::TimedOut
    );
    fixture.browser.enter(&device, "haneul", "allow").await;
    unasked(&fixture, 60, "no sign-in waits any more").await;
    no_attempt_kept(&fixture).await;
    fixture.assert_nothing_kept();
}

/// Cancelling ends the polls at once; later consent has no effect.
#[tokio::test]
async fn cancelling_stops_the_polls() {
    let fixture = fixture().await;
    let (begun, device) = begin(&fixture, "github").await;
    until_polled(&fixture, INTERVAL).await;
    fixture.nameplate.sign_ins().cancel().await.unwrap();
    fixture.browser.enter(&device, "haneul", "allow").await;
    unasked(&fixture, 60, "no sign-in waits any more").await;
    assert_eq!(
        fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap_err().code(),
        Code::Cancelled
    );
    fixture.assert_nothing_kept();
}

/// N3: the methods of a sign-in are pending at once; the first response ends the others.
#[tokio::test]
async fn a_code_waits_beside_the_other_ways() {
    let fixture = fixture().await;
    let link = fixture.begin("company", RedirectMethod::DeepLink).await;
    let (begun, device) = begin(&fixture, "company").await;
    assert_eq!(begun.id, link.id);
    assert!(waiting(&fixture.nameplate).unwrap().methods.contains(&Grant::DeviceCode));
    fixture.browser.enter(&device, "haneul", "allow").await;
    ended(&fixture, &fixture.nameplate, &begun).await.unwrap();
    let late = fixture.grant(&link).await;
    assert_eq!(complete(&fixture.nameplate, &late).await.unwrap_err().code(), Code::Superseded);

    let (begun, _) = begin(&fixture, "company").await;
    let link = fixture.begin("company", RedirectMethod::DeepLink).await;
    complete(&fixture.nameplate, &fixture.grant(&link).await).await.unwrap();
    unasked(&fixture, 60, "no sign-in waits for the code any more").await;
    assert_eq!(begun.id, link.id);
}

/// S26: a denial by any method ends the sign-in, once.
#[tokio::test]
async fn a_no_elsewhere_ends_the_other_ways() {
    let fixture = fixture().await;
    let link = fixture.begin("company", RedirectMethod::DeepLink).await;
    let (begun, device) = begin(&fixture, "company").await;
    fixture.browser.enter(&device, "haneul", "deny").await;
    let error = ended(&fixture, &fixture.nameplate, &begun).await.unwrap_err();
    assert_eq!(error.code(), Code::AccessDenied);
    let late = fixture.grant(&link).await;
    assert_eq!(complete(&fixture.nameplate, &late).await.unwrap_err().code(), Code::Superseded);
}

/// N3: an expired code leaves the other method open, with a notice.
#[tokio::test]
async fn another_way_outlives_a_dead_code() {
    let fixture = fixture().await;
    let link = fixture.begin("github", RedirectMethod::DeepLink).await;
    fixture.demo.set_faults("github", [Fault::DeviceExpired]);
    begin(&fixture, "github").await;
    until_polled(&fixture, INTERVAL).await;
    while waiting(&fixture.nameplate).unwrap().method == Grant::DeviceCode {
        tokio::task::yield_now().await;
    }
    let shown = waiting(&fixture.nameplate).unwrap();
    assert_eq!((shown.method, shown.device), (RedirectMethod::DeepLink.into(), None));
    assert_eq!(shown.notice.unwrap().code, Code::TimedOut);
    complete(&fixture.nameplate, &fixture.grant(&link).await).await.unwrap();
}

/// S47: a network error ends nothing: a notice is shown, and polling continues.
#[tokio::test]
async fn being_offline_is_no_end() {
    let fixture = fixture().await;
    let (begun, device) = begin(&fixture, "github").await;
    fixture.demo.set_faults("github", [Fault::Token5xx]);
    until_polled(&fixture, INTERVAL).await;
    let told = || waiting(&fixture.nameplate).unwrap().notice.map(|notice| notice.code);
    while told() != Some(Code::StillAsking) {
        tokio::task::yield_now().await;
    }
    fixture.demo.set_faults("github", []);
    unasked(&fixture, INTERVAL, "half as often").await;
    until_polled(&fixture, INTERVAL).await;
    while told().is_some() {
        tokio::task::yield_now().await;
    }
    fixture.browser.enter(&device, "haneul", "allow").await;
    ended(&fixture, &fixture.nameplate, &begun).await.unwrap();
}

/// N1: after a restart the code is the same, and polling continues.
#[tokio::test]
async fn a_restarted_program_goes_on_polling() {
    let fixture = fixture().await;
    let open = fixture.opener();
    let (begun, device) = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let begun = runtime.block_on(async {
            open().sign_ins().begin(ask("google", Grant::DeviceCode)).await.unwrap()
        });
        (begun.clone(), begun.device.unwrap())
    })
    .await
    .unwrap();
    let nameplate = fixture.another();
    nameplate.sign_ins().resume().await.unwrap();
    let shown = waiting(&nameplate).unwrap();
    assert_eq!((shown.device.as_ref(), shown.expires_at), (Some(&device), begun.expires_at));
    assert_eq!(waiting_url(&nameplate), Some(begun.url.clone()), "the page can be opened again");
    unasked(&fixture, INTERVAL, "the provider may have said slow_down before").await;
    fixture.browser.enter(&device, "haneul", "allow").await;
    let user = ended(&fixture, &nameplate, &begun).await.unwrap();
    no_attempt_kept(&fixture).await;
    assert_eq!(fixture.vault.names(), [user.accounts[0].id.as_str()]);
}

/// RFC 8628, section 3.4: the device code goes to the issuer that gave it, also where the configuration
/// names another one after a restart.
#[tokio::test]
async fn another_issuer_does_not_get_the_device_code() {
    let fixture = fixture().await;
    let open = fixture.opener();
    let begun = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            open().sign_ins().begin(ask("company", Grant::DeviceCode)).await.unwrap()
        })
    })
    .await
    .unwrap();
    let other = wiremock::MockServer::start().await;
    let company = crate::fixture::company(&fixture.demo, "oidc");
    fixture
        .write_providers(&company.replace(&format!("{}/oidc", fixture.demo.base()), &other.uri()));
    let nameplate = fixture.another();
    nameplate.sign_ins().resume().await.unwrap();
    fixture.pass(INTERVAL).await;
    let refused = ended(&fixture, &nameplate, &begun).await.unwrap_err();
    assert_eq!(refused.code(), Code::IssuerMismatch);
    assert!(other.received_requests().await.unwrap().is_empty());
}

/// S45: a session keeps its client; Google's client for devices differs from that for desktop, and
/// both sign in the same account.
#[tokio::test]
async fn a_session_goes_on_with_its_own_client() {
    let fixture = fixture().await;
    let (begun, device) = begin(&fixture, "google").await;
    fixture.browser.enter(&device, "haneul", "allow").await;
    let user = ended(&fixture, &fixture.nameplate, &begun).await.unwrap();
    let id = user.accounts[0].id.as_str();
    fixture.access_token(id, RefreshPolicy::Always).await.unwrap();
    let again = fixture.sign_in("google").await.unwrap();
    assert_eq!(again.accounts.len(), 1);
    assert_eq!(again.accounts[0].id.as_str(), id);
    fixture.access_token(id, RefreshPolicy::Always).await.unwrap();
}

/// Without a client for devices, Google has no device method.
#[tokio::test]
async fn google_gives_codes_to_clients_of_their_own_kind() {
    let fixture = Fixture::with(|demo| {
        let kept = |line: &&str| !line.starts_with("device_client_");
        demo.providers_toml().lines().filter(kept).collect::<Vec<_>>().join("\n")
    })
    .await;
    let refused =
        fixture.nameplate.sign_ins().begin(ask("google", Grant::DeviceCode)).await.unwrap_err();
    assert_eq!(refused.code(), Code::MethodRefused);
    let refused =
        fixture.nameplate.sign_ins().begin(ask("discord", Grant::DeviceCode)).await.unwrap_err();
    assert_eq!(refused.code(), Code::MethodRefused);
    fixture.assert_nothing_kept();
}

/// Signing in again requires the same account.
#[tokio::test]
async fn another_account_is_not_signed_in_again() {
    let fixture = fixture().await;
    let user = fixture.sign_in("company").await.unwrap();
    let again = SignInRequest {
        intent: Intent::Reauthenticate(user.accounts[0].id.clone()),
        ..ask("company", Grant::DeviceCode)
    };
    let begun = fixture.nameplate.sign_ins().begin(again).await.unwrap();
    let device = begun.device.clone().unwrap();
    fixture.browser.enter(&device, "no-avatar", "allow").await;
    let error = ended(&fixture, &fixture.nameplate, &begun).await.unwrap_err();
    assert_eq!(error.code(), Code::OtherAccount);
    assert_eq!(fixture.users()[0].accounts[0].state, AccountState::Active);
}

/// S48, S49: the device code is in the vault only, and deleted afterwards.
#[tokio::test]
async fn the_device_code_is_in_the_vault_alone() {
    let fixture = fixture().await;
    let (begun, device) = begin(&fixture, "github").await;
    let codes = fixture.demo.request_log().device_codes;
    let code = codes.iter().next().unwrap();
    assert!(fixture.vault.entries().values().any(|entry| entry.contains(code)));
    let elsewhere = || {
        let told = format!("{:?}{begun:?}", fixture.state());
        assert!(!told.contains(code), "{told}");
        for (path, text) in fixture.files() {
            assert!(!text.contains(code), "{}", path.display());
        }
    };
    elsewhere();
    fixture.browser.enter(&device, "haneul", "allow").await;
    ended(&fixture, &fixture.nameplate, &begun).await.unwrap();
    no_attempt_kept(&fixture).await;
    elsewhere();
    assert!(!fixture.vault.entries().values().any(|entry| entry.contains(code)));
}

/// docs/providers.md, section 5: GitHub's device flow sends no secret, even if one is configured;
/// Google's sends that of the device client.
#[tokio::test]
async fn only_secrets_of_the_device_flow_are_shown() {
    let fixture = fixture().await;
    let shown = |fixture: &Fixture| fixture.demo.request_log().client_secrets;
    let (begun, device) = begin(&fixture, "github").await;
    fixture.browser.enter(&device, "haneul", "allow").await;
    ended(&fixture, &fixture.nameplate, &begun).await.unwrap();
    assert!(shown(&fixture).is_empty());
    let (begun, device) = begin(&fixture, "google").await;
    fixture.browser.enter(&device, "haneul", "allow").await;
    ended(&fixture, &fixture.nameplate, &begun).await.unwrap();
    assert_eq!(
        shown(&fixture),
        [demo_provider::providers::google::DEVICE_CLIENT_SECRET.to_owned()].into()
    );
}

/// S21: no response address belongs to a device code.
#[tokio::test]
async fn no_address_answers_a_code() {
    let fixture = fixture().await;
    begin(&fixture, "company").await;
    let hash = fixture.vault.names()[0].trim_start_matches("attempt.").to_owned();
    for state in [hash.as_str(), "x"] {
        let address = format!("{}:/callback/company?state={state}&code=c", fixture.home.scheme());
        let refused = complete(&fixture.nameplate, &address).await.unwrap_err();
        assert_eq!(refused.code(), Code::UnknownState);
    }
}

/// Without an id_token, although `openid` was granted, userinfo has the identity, and the account
/// is the same. Without `openid` or userinfo the sign-in fails.
#[tokio::test]
async fn userinfo_says_who_it_is_where_no_id_token_comes() {
    let fixture = fixture().await;
    let known = fixture.sign_in("company").await.unwrap();
    fixture.demo.set_faults("oidc", [Fault::IdTokenMissing]);
    let (begun, device) = begin(&fixture, "company").await;
    fixture.browser.enter(&device, "haneul", "allow").await;
    let user = ended(&fixture, &fixture.nameplate, &begun).await.unwrap();
    assert_eq!((&user.id, &*user.nickname), (&known.id, "하늘"));
    assert_eq!(user.accounts[0].subject, known.accounts[0].subject);
    fixture.nameplate.profiles().refresh(user.accounts[0].id.as_str()).await.unwrap();
    for fault in [Fault::ProfileProxy403, Fault::ProfileWithoutId, Fault::ProfileWrongType] {
        fixture.demo.set_faults("oidc", [Fault::IdTokenMissing, fault]);
        let (begun, device) = begin(&fixture, "company").await;
        fixture.browser.enter(&device, "no-avatar", "allow").await;
        ended(&fixture, &fixture.nameplate, &begun).await.unwrap_err();
        assert_eq!(fixture.users().len(), 1, "{fault:?}");
    }
    let providers = fixture.demo.providers_toml();
    let scopes = "[company]\nscopes = [\"profile\"]\n";
    fixture.write_providers(&providers.replacen("[company]\n", scopes, 1));
    let (begun, device) = begin(&fixture, "company").await;
    fixture.browser.enter(&device, "no-avatar", "allow").await;
    let error = ended(&fixture, &fixture.nameplate, &begun).await.unwrap_err();
    assert_eq!(error.code(), Code::IdTokenMissing);
}
