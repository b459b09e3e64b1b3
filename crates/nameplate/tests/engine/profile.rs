//! Profiles and pictures, complete and damaged.

use demo_provider::Fault;
use nameplate::Code;

use crate::fixture::{Fixture, realm};
use crate::providers::CASES;

/// S36: a profile with another subject than the id_token is refused.
#[tokio::test]
async fn the_profile_and_the_id_token_name_the_same_person() {
    let fixture = Fixture::new().await;
    for provider in ["google", "company", "microsoft", "line", "facebook"] {
        fixture.demo.set_faults(realm(provider), [Fault::ProfileSubMismatch]);
        assert_eq!(fixture.refusal(provider).await, Code::UserinfoMismatch, "{provider}");
    }
}

/// Unreadable profiles.
const UNREADABLE: [Fault; 9] = [
    Fault::ProfileNotJson,
    Fault::ProfileTooLarge,
    Fault::ProfileWrongShape,
    Fault::ProfileWrongType,
    Fault::ProfileWithoutId,
    Fault::Profile401,
    Fault::Profile5xx,
    Fault::Profile429,
    Fault::ProfileProxy403,
];

/// S36: with a verified id_token, an unreadable profile is a note. Google's and Microsoft's
/// id_tokens have name and address as well.
#[tokio::test]
async fn a_profile_that_cannot_be_read_beside_an_id_token() {
    for provider in CASES.iter().filter(|case| case.id_token).map(|case| case.id) {
        let fixture = Fixture::new().await;
        for fault in UNREADABLE {
            fixture.advance(7);
            fixture.demo.set_faults(realm(provider), [fault]);
            let user = fixture.sign_in(provider).await.unwrap();
            let account = &user.accounts[0];
            let note = Code::UserinfoUnavailable.to_string();
            assert!(account.notes.contains(&note), "{provider} {fault:?} {:?}", account.notes);
            if ["google", "microsoft"].contains(&provider) {
                assert_eq!(user.nickname, "하늘", "{provider} {fault:?}");
                assert!(user.email.is_some(), "{provider} {fault:?}");
            }
        }
    }
}

/// S36: the same for a network error between token and profile.
#[tokio::test]
async fn a_profile_out_of_reach_beside_an_id_token() {
    let fixture = Fixture::new().await;
    let providers = fixture.demo.providers_toml();
    let userinfo = format!("{}/google/v1/userinfo", fixture.demo.base());
    fixture.write_providers(&providers.replace(&userinfo, "http://127.0.0.1:9/userinfo"));
    let user = fixture.sign_in("google").await.unwrap();
    assert_eq!((&*user.nickname, user.email.as_deref()), ("하늘", Some("haneul@gmail.com")));
    assert!(user.email_verified);
    assert_eq!(user.accounts[0].notes, [Code::UserinfoUnavailable.to_string()]);
}

/// S30: without an id_token, an unreadable, oversized or refused profile ends the sign-in, and
/// nothing is stored.
#[tokio::test]
async fn a_profile_that_cannot_be_used() {
    for case in CASES.iter().filter(|case| !case.id_token) {
        let provider = case.id;
        let fixture = Fixture::new().await;
        let nobody = Code::ProfileMalformed;
        for (fault, code) in [
            (Fault::ProfileNotJson, Code::ResponseUnreadable),
            (Fault::ProfileTooLarge, Code::ResponseMalformed),
            (Fault::ProfileWrongShape, case.wrong_shape),
            (Fault::ProfileWrongType, nobody),
            (Fault::ProfileWithoutId, nobody),
            (Fault::Profile401, Code::ProfileRefused),
            (Fault::Profile5xx, Code::WaitAsked),
            (Fault::Profile429, Code::WaitAsked),
        ] {
            fixture.advance(7);
            fixture.demo.set_faults(realm(provider), [fault]);
            assert_eq!(fixture.refusal(provider).await, code, "{provider} {fault:?}");
        }
    }
}

/// Missing, null and empty fields are left out: the account has a display name and no address.
#[tokio::test]
async fn fields_may_be_missing_or_null() {
    for provider in CASES.iter().map(|case| case.id) {
        for fault in
            [Fault::ProfileFieldsMissing, Fault::ProfileFieldsNull, Fault::ProfileFieldsEmpty]
        {
            let fixture = Fixture::new().await;
            fixture.demo.set_faults(realm(provider), [fault]);
            let user = fixture.sign_in(provider).await.unwrap();
            assert!(!user.nickname.trim().is_empty(), "{provider} {fault:?}");
            let account = &user.accounts[0];
            if provider == "github" {
                // Its addresses are in a list of their own.
                assert_eq!(user.nickname, "haneul@example.com");
                continue;
            }
            if ["google", "microsoft", "line"].contains(&provider) {
                // Their id_tokens have it as well.
                assert_eq!(user.nickname, "하늘", "{provider} {fault:?}");
                assert_eq!(user.email.is_some(), provider != "line", "{provider} {fault:?}");
                continue;
            }
            assert_eq!(user.nickname, format!("{} {}", account.label, account.subject));
            assert_eq!((&user.email, user.email_verified), (&None, false), "{provider} {fault:?}");
        }
    }
}

/// Every user of the demo provider can sign in.
#[tokio::test]
async fn everybody_can_sign_in() {
    for provider in CASES.iter().map(|case| case.id) {
        let fixture = Fixture::new().await;
        let mut count = demo_provider::users::USERS.len();
        for person in &demo_provider::users::USERS {
            if (provider, person.key) == ("github", "unverified") {
                let refused = fixture.sign_in_as(provider, person.key).await.unwrap_err();
                assert_eq!(refused.code(), Code::EmailUnconfirmed);
                count -= 1;
                continue;
            }
            let user = fixture.sign_in_as(provider, person.key).await.unwrap();
            if let Some(nickname) = person.nickname {
                assert_eq!(user.nickname, nickname, "{provider}");
            }
            assert!(!user.nickname.is_empty());
            assert_eq!(user.accounts[0].notes, Vec::<String>::new(), "{provider} {}", person.key);
        }
        assert_eq!(fixture.users().len(), count, "{provider}");
    }
}

/// An unverified address is stored as such.
#[tokio::test]
async fn an_unverified_address_stays_unverified() {
    let fixture = Fixture::new().await;
    for provider in CASES.iter().map(|case| case.id).filter(|id| *id != "github") {
        let user = fixture.sign_in_as(provider, "unverified").await.unwrap();
        // LINE's is requested later.
        assert_eq!(user.email.is_some(), provider != "line", "{provider}");
        assert!(!user.email_verified, "{provider}");
    }
}

/// A refusal of Google's optional request is a note with a remedy.
#[tokio::test]
async fn a_refused_extra_is_a_note() {
    let fixture = Fixture::new().await;
    let scopes = r#"scopes = ["openid", "email", "profile", "https://www.googleapis.com/auth/user.birthday.read", "https://www.googleapis.com/auth/user.gender.read"]"#;
    let providers =
        fixture.demo.providers_toml().replace("[google]", &format!("[google]\n{scopes}"));
    fixture.write_providers(&providers);
    let user = fixture.sign_in("google").await.unwrap();
    assert_eq!(user.birthday.as_deref(), Some("1997-03-14"));
    assert!(user.accounts[0].notes.is_empty());
    fixture.demo.set_faults("google", [Fault::People403]);
    let user = fixture.sign_in("google").await.unwrap();
    assert_eq!(user.accounts[0].notes, [Code::ExtraRefused.to_string()]);
    assert_eq!(user.nickname, "하늘");
}

/// S54: the picture is downloaded, re-encoded and stored.
#[tokio::test]
async fn a_picture_is_kept() {
    for provider in CASES.iter().map(|case| case.id) {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in(provider).await.unwrap();
        let kept = fixture.nameplate.profiles().picture(user.profile.as_str()).unwrap().unwrap();
        assert!(kept.starts_with(b"\x89PNG\r\n\x1a\n"), "{provider}");
        let key = user.avatar.unwrap();
        fixture.demo.stop().await;
        assert_eq!(fixture.nameplate.accounts().list().unwrap()[0].avatar.as_ref(), Some(&key));
        assert!(fixture.nameplate.profiles().picture(user.profile.as_str()).unwrap().is_some());
    }
}

/// S54: an invalid, oversized or unreachable picture is a note, and nothing of it is stored.
#[tokio::test]
async fn a_bad_picture_never_ends_a_sign_in() {
    for fault in [
        Fault::Avatar404,
        Fault::Avatar5xx,
        Fault::AvatarTooLarge,
        Fault::AvatarSvg,
        Fault::AvatarHtml,
        Fault::AvatarTruncated,
        Fault::AvatarRedirectToPrivate,
        Fault::AvatarRedirectLoop,
        Fault::AvatarBomb,
    ] {
        let fixture = Fixture::new().await;
        fixture.demo.set_faults("discord", [fault]);
        let user = fixture.sign_in("discord").await.unwrap();
        assert_eq!(user.avatar, None, "{fault:?}");
        assert_eq!(user.accounts[0].notes, [Code::PictureRefused.to_string()], "{fault:?}");
        assert_eq!(fixture.nameplate.profiles().picture(user.profile.as_str()).unwrap(), None);
    }
}

/// S54: redirects are followed to allowed addresses; the content decides, not its type. The former
/// picture stays if the new one fails.
#[tokio::test]
async fn a_picture_may_be_redirected_and_mislabelled() {
    let fixture = Fixture::new().await;
    let mut keys = Vec::new();
    for fault in [Fault::AvatarRedirectOnce, Fault::AvatarWrongContentType, Fault::Avatar404] {
        fixture.demo.set_faults("discord", [fault]);
        keys.push(fixture.sign_in("discord").await.unwrap().avatar);
    }
    assert!(keys.iter().all(Option::is_some), "{keys:?}");
    fixture.demo.set_faults("oidc", [Fault::PictureMissing]);
    assert_eq!(fixture.sign_in("company").await.unwrap().avatar, None);
}

/// S54: three redirects at most.
#[tokio::test]
async fn a_redirect_loop_ends() {
    let fixture = Fixture::new().await;
    fixture.demo.set_faults("discord", [Fault::AvatarRedirectLoop]);
    fixture.sign_in("discord").await.unwrap();
    let paths = fixture.demo.request_log().paths;
    let asked: u64 = paths.iter().filter(|(path, _)| path.contains("/cdn/")).map(|(_, n)| n).sum();
    assert_eq!(asked, 4);
}
