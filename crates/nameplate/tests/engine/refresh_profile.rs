//! Reading the profile again: changes appear, and what cannot be read stays.

use demo_provider::Fault;
use nameplate::{Code, Event, Intent, RedirectMethod, SignInRequest, SignOutScope, User};
use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fixture::{Fixture, ask, complete, response_of};

const PAST_EXPIRY: i64 = 8 * 24 * 60 * 60;

async fn read_again(fixture: &Fixture, user: &User) -> Result<User, Code> {
    let read = fixture.nameplate.profiles().refresh(user.accounts[0].id.as_str()).await;
    read.map_err(|error| error.code())?;
    Ok(fixture.users().into_iter().find(|known| known.id == user.id).unwrap())
}

/// A Discord with a configurable profile and two pictures.
async fn telling() -> (Fixture, MockServer) {
    let server = MockServer::start().await;
    let token = ResponseTemplate::new(200).set_body_json(
        json!({"access_token": "t", "token_type": "Bearer", "scope": "identify email"}),
    );
    Mock::given(method("POST")).respond_with(token).mount(&server).await;
    let at = server.uri();
    let fixture = Fixture::with(|_| {
        format!(
            "[discord]\nclient_id = \"the-client\"\ntoken_endpoint = \"{at}/token\"\nuserinfo_endpoint = \"{at}/me\"\navatar_base = \"{at}\"\n"
        )
    })
    .await;
    for (hash, at_demo) in [("aa", 0), ("bb", 1)] {
        let url = format!("{}/discord/cdn/embed/avatars/{at_demo}.png", fixture.demo.base());
        let picture = reqwest::get(url).await.unwrap().bytes().await.unwrap();
        let response = ResponseTemplate::new(200).set_body_raw(picture, "image/png");
        let at = format!("/avatars/1/{hash}.png");
        Mock::given(path(at)).respond_with(response).mount(&server).await;
    }
    (fixture, server)
}

async fn tell(server: &MockServer, nickname: &str, avatar: &str) {
    let me = json!({
        "id": "1", "username": "x", "global_name": nickname, "avatar": avatar,
        "email": format!("{avatar}@example.com"), "verified": true,
    });
    let me = ResponseTemplate::new(200).set_body_json(me);
    Mock::given(path("/me")).respond_with(me).up_to_n_times(1).mount(server).await;
}

/// Changed nickname, address and picture are stored, with the time.
#[tokio::test]
async fn what_changed_appears() {
    let (fixture, server) = telling().await;
    tell(&server, "하늘", "aa").await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let before = complete(&fixture.nameplate, &response_of(&begun, "code=c")).await.unwrap();
    tell(&server, "바다", "bb").await;
    fixture.advance(60);
    let mut news = fixture.nameplate.events();
    let after = read_again(&fixture, &before).await.unwrap();
    assert_eq!((before.nickname.as_str(), after.nickname.as_str()), ("하늘", "바다"));
    assert_eq!(after.email.as_deref(), Some("bb@example.com"));
    assert_eq!((&after.accounts[0].nickname, after.read_at), (&after.nickname, fixture.now()));
    assert!(after.avatar.is_some() && after.avatar != before.avatar, "{:?}", after.avatar);
    assert_eq!(news.recv().await.unwrap(), Event::Changed);
    assert_eq!(fixture.state().users, [after]);
}

/// A removed picture is deleted; one that cannot be loaded stays.
#[tokio::test]
async fn a_picture_goes_only_where_it_was_taken_down() {
    let fixture = Fixture::new().await;
    let before = fixture.sign_in("google").await.unwrap();
    assert!(before.avatar.is_some());
    for fault in [Fault::Avatar404, Fault::Avatar5xx, Fault::AvatarSvg, Fault::AvatarTruncated] {
        fixture.demo.set_faults("google", [fault]);
        let after = read_again(&fixture, &before).await.unwrap();
        assert_eq!(after.avatar, before.avatar, "{fault:?}");
        assert_eq!(after.accounts[0].notes, ["picture_refused"]);
    }
    fixture.demo.set_faults("google", [Fault::PictureMissing]);
    assert_eq!(read_again(&fixture, &before).await.unwrap().avatar, None);
    fixture.demo.set_faults("google", []);
    let back = read_again(&fixture, &before).await.unwrap();
    assert_eq!((back.avatar, back.accounts[0].notes.len()), (before.avatar, 0));
}

/// S36: another subject is refused at every provider, and nothing changes.
#[tokio::test]
async fn a_response_about_another_account_is_refused() {
    for provider in ["discord", "google", "kakao", "company"] {
        let fixture = Fixture::new().await;
        let before = fixture.sign_in(provider).await.unwrap();
        let realm = crate::fixture::realm(provider);
        fixture.demo.set_faults(realm, [Fault::ProfileSubMismatch]);
        fixture.advance(60);
        assert_eq!(read_again(&fixture, &before).await, Err(Code::UserinfoMismatch), "{provider}");
        assert_eq!(fixture.users(), [before]);
    }
}

/// U19: without network, the last profile stays with its time, and the session too.
#[tokio::test]
async fn what_could_not_be_read_stays() {
    let mut fixture = Fixture::new().await;
    let before = fixture.sign_in("discord").await.unwrap();
    fixture.advance(60);
    for (fault, code) in [
        (Fault::Profile5xx, Code::WaitAsked),
        (Fault::Profile429, Code::WaitAsked),
        (Fault::ProfileNotJson, Code::ResponseUnreadable),
        (Fault::ProfileWithoutId, Code::ProfileMalformed),
        (Fault::ProfileRedirects, Code::Redirected),
    ] {
        fixture.demo.set_faults("discord", [fault]);
        assert_eq!(read_again(&fixture, &before).await, Err(code), "{fault:?}");
        fixture.nameplate.profiles().refresh_shown().await;
        assert_eq!(fixture.users(), std::slice::from_ref(&before), "{fault:?}");
        fixture.advance(7);
    }
    fixture.unplug().await;
    assert_eq!(read_again(&fixture, &before).await, Err(Code::Unreachable));
    fixture.nameplate.profiles().refresh_shown().await;
    assert!(fixture.state().offline);
    assert_eq!(fixture.users(), [before]);
}

/// Only the shown user is read when the window opens; an expired token is refreshed.
#[tokio::test]
async fn the_person_shown_is_read() {
    let fixture = Fixture::new().await;
    let haneul = fixture.sign_in("discord").await.unwrap();
    let mira = fixture.sign_in_as("discord", "no-avatar").await.unwrap();
    fixture.advance(PAST_EXPIRY);
    fixture.nameplate.profiles().refresh_shown().await;
    let users = fixture.users();
    assert_eq!((users[0].read_at, users[1].read_at), (haneul.read_at, fixture.now()));
    assert_eq!(users[1].accounts[0].expires_at, Some(fixture.now() + 7 * 24 * 60 * 60));
    assert_eq!(fixture.demo.request_log().grants["discord"].refresh_token, 1);
    assert_eq!(users[1].id, mira.id);
}

/// A user has the profile of the first account, and nothing of another.
#[tokio::test]
async fn accounts_are_not_mixed_up() {
    let fixture = Fixture::new().await;
    let haneul = fixture.sign_in("discord").await.unwrap();
    let wish = SignInRequest {
        intent: Intent::AddTo(haneul.id.clone()),
        ..ask("company", RedirectMethod::Manual)
    };
    let begun = fixture.nameplate.sign_ins().begin(wish).await.unwrap();
    let response = fixture.browser.decide(&begun.url, "no-avatar", "allow").await;
    let both = complete(&fixture.nameplate, &response).await.unwrap();
    assert_eq!(both.accounts[1].email.as_deref(), Some("mira@example.com"));
    fixture.nameplate.accounts().rename(both.id.as_str(), "나의 계정").unwrap();
    for fault in [Fault::EmailMissing, Fault::ProfileFieldsNull, Fault::ProfileFieldsMissing] {
        fixture.demo.set_faults("oidc", [fault]);
        fixture.nameplate.profiles().refresh(both.accounts[1].id.as_str()).await.unwrap();
        let user = &fixture.users()[0];
        let shown = (&user.nickname[..], &user.email, &user.avatar);
        assert_eq!(shown, ("나의 계정", &haneul.email, &haneul.avatar), "{fault:?}");
        let company = &user.accounts[1];
        assert_ne!(company.email, haneul.email, "{fault:?}");
        assert!(!["나의 계정", "하늘"].contains(&&company.nickname[..]), "{fault:?}: {company:?}");
    }
}

/// An account that was removed meanwhile is not stored again.
#[tokio::test]
async fn an_account_that_was_left_is_not_read() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    fixture
        .nameplate
        .accounts()
        .sign_out(user.accounts[0].id.as_str(), SignOutScope::Here)
        .await
        .unwrap();
    let asked = fixture.demo.request_log().paths;
    let refused =
        fixture.nameplate.profiles().refresh(user.accounts[0].id.as_str()).await.unwrap_err();
    assert_eq!(refused.code(), Code::UnknownAccount);
    fixture.nameplate.profiles().refresh_shown().await;
    assert_eq!(fixture.demo.request_log().paths, asked);
    fixture.assert_nothing_kept();
}

/// S43: an access token that is refused is refreshed once. A 403 refreshes nothing, and only the
/// token endpoint ends a session.
#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let fixture = Fixture::new().await;
    fixture.demo.set_faults("discord", [Fault::TokenWithoutExpiresIn]);
    let user = fixture.sign_in("discord").await.unwrap();
    let account = user.accounts[0].id.as_str();
    let state = || fixture.users()[0].accounts[0].state;
    let refreshed = || fixture.demo.request_log().grants["discord"].refresh_token;
    fixture.demo.advance_clock(u32::try_from(PAST_EXPIRY).unwrap());
    fixture.advance(PAST_EXPIRY);
    assert_eq!(read_again(&fixture, &user).await.unwrap().read_at, fixture.now());
    assert_eq!(refreshed(), 1);
    fixture.demo.set_faults("discord", [Fault::Profile401]);
    assert_eq!(read_again(&fixture, &user).await, Err(Code::ProfileRefused));
    assert_eq!(
        (refreshed(), state()),
        (2, nameplate::AccountState::Active),
        "once, not again and again"
    );
    let kept = &fixture.users()[0];
    let shown = (&kept.nickname, &kept.avatar, kept.read_at);
    assert_eq!(shown, (&user.nickname, &user.avatar, fixture.now()));
    fixture.demo.set_faults("discord", [Fault::Profile401, Fault::TokenInvalidGrant]);
    let ended = fixture.nameplate.profiles().refresh(account).await.unwrap_err();
    assert_eq!((ended.code(), state()), (Code::NeedsSignIn, nameplate::AccountState::NeedsSignIn));
}

/// Claims of the id_token alone stay when the profile is read again.
#[tokio::test]
async fn what_the_id_token_said_is_not_lost() {
    for provider in ["google", "microsoft", "line"] {
        for fault in [
            Fault::ProfileFieldsMissing,
            Fault::ProfileFieldsNull,
            Fault::ProfileFieldsEmpty,
            Fault::ProfileProxy403,
        ] {
            let fixture = Fixture::new().await;
            fixture.demo.set_faults(provider, [fault]);
            let before = fixture.sign_in(provider).await.unwrap();
            assert_eq!(before.nickname, "하늘", "{provider} {fault:?}");
            fixture.advance(60);
            if fault == Fault::ProfileProxy403 {
                read_again(&fixture, &before).await.unwrap_err();
                fixture.demo.set_faults(provider, [Fault::ProfileFieldsMissing]);
            }
            let after = read_again(&fixture, &before).await.unwrap();
            assert_eq!(after.nickname, before.nickname, "{provider} {fault:?}");
            assert_eq!(after.email, before.email, "{provider} {fault:?}");
            assert_eq!(after.email_verified, before.email_verified, "{provider} {fault:?}");
            assert_eq!(after.accounts[0].email_trust, before.accounts[0].email_trust);
            assert_eq!(after.read_at, fixture.now());
        }
    }
}

/// The note about an unread profile is deleted once it is read.
#[tokio::test]
async fn a_profile_that_was_left_out_is_read_later() {
    let fixture = Fixture::new().await;
    fixture.demo.set_faults("google", [Fault::ProfileProxy403, Fault::IdTokenWithoutPicture]);
    let before = fixture.sign_in("google").await.unwrap();
    assert_eq!(before.accounts[0].notes, ["userinfo_unavailable"]);
    assert_eq!(before.avatar, None);
    fixture.demo.set_faults("google", []);
    let after = read_again(&fixture, &before).await.unwrap();
    assert_eq!(after.accounts[0].notes, Vec::<String>::new());
    assert!(after.avatar.is_some());
}

/// Signing in again while the profile cannot be read keeps the stored profile.
#[tokio::test]
async fn a_sign_in_without_a_profile_keeps_what_was_known() {
    let fixture = Fixture::new().await;
    let before = fixture.sign_in("company").await.unwrap();
    fixture.demo.set_faults("oidc", [Fault::ProfileProxy403]);
    let after = fixture.sign_in("company").await.unwrap();
    assert_eq!(after.accounts[0].notes, ["userinfo_unavailable"]);
    assert_eq!(
        (&after.id, &after.nickname, &after.email, after.email_verified, &after.avatar),
        (&before.id, &before.nickname, &before.email, before.email_verified, &before.avatar)
    );
    assert_eq!((&after.birthday, &after.gender), (&before.birthday, &before.gender));
}
