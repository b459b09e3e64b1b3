//! Profiles and pictures, complete and damaged.

use demo_provider::Fault;
use nameplate::Code;

use crate::fixture::{Fixture, realm};

const PROVIDERS: [&str; 9] =
    ["discord", "google", "kakao", "facebook", "github", "microsoft", "naver", "line", "company"];

/// Whose sign-ins bring an id_token.
const PROVEN: [&str; 6] = ["google", "kakao", "facebook", "microsoft", "line", "company"];

/// S36: a profile that names somebody else than the id_token does is nobody's.
#[tokio::test]
async fn the_profile_and_the_id_token_name_the_same_person() {
    let fixture = Fixture::new().await;
    for provider in ["google", "company", "microsoft", "line", "facebook"] {
        fixture.demo.set_faults(realm(provider), [Fault::ProfileSubMismatch]);
        assert_eq!(fixture.refusal(provider).await, Code::UserinfoMismatch, "{provider}");
    }
}

/// What a profile can be that cannot be read.
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

/// S36: beside a verified id_token a profile that cannot be read, or names nobody, is left out and
/// noted; who it is was proven. Google's and Microsoft's id_tokens say name and address as well.
#[tokio::test]
async fn a_profile_that_cannot_be_read_beside_an_id_token() {
    for provider in PROVEN {
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

/// S36: a network that fails between the token and the profile costs a note as well.
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

/// S30: without an id_token a profile that is no JSON, too large, of another shape, nobody's, or
/// refused ends the sign-in with nothing stored.
#[tokio::test]
async fn a_profile_that_cannot_be_used() {
    for provider in PROVIDERS.into_iter().filter(|provider| !PROVEN.contains(provider)) {
        let fixture = Fixture::new().await;
        // Naver's is in an envelope, which stays one.
        let shapeless = match provider {
            "naver" => Code::ProfileMalformed,
            _ => Code::AnswerMalformed,
        };
        let nobody = Code::ProfileMalformed;
        for (fault, code) in [
            (Fault::ProfileNotJson, Code::AnswerUnreadable),
            (Fault::ProfileTooLarge, Code::AnswerMalformed),
            (Fault::ProfileWrongShape, shapeless),
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

/// Fields that are missing, null or empty cost themselves and nothing else: the person is called
/// something, and has no address.
#[tokio::test]
async fn fields_may_be_missing_or_null() {
    for provider in PROVIDERS {
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
                // Their id_tokens say it again.
                assert_eq!(user.nickname, "하늘", "{provider} {fault:?}");
                assert_eq!(user.email.is_some(), provider != "line", "{provider} {fault:?}");
                continue;
            }
            assert_eq!(user.nickname, format!("{} {}", account.label, account.subject));
            assert_eq!((&user.email, user.email_verified), (&None, false), "{provider} {fault:?}");
        }
    }
}

/// Everybody whom the demo provider knows can be somebody here.
#[tokio::test]
async fn everybody_can_sign_in() {
    for provider in PROVIDERS {
        let fixture = Fixture::new().await;
        let mut count = demo_provider::people::PEOPLE.len();
        for person in &demo_provider::people::PEOPLE {
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
        assert_eq!(fixture.login.users().unwrap().len(), count, "{provider}");
    }
}

/// An address that nobody vouches for is kept as such.
#[tokio::test]
async fn an_unverified_address_stays_unverified() {
    let fixture = Fixture::new().await;
    for provider in PROVIDERS.into_iter().filter(|provider| *provider != "github") {
        let user = fixture.sign_in_as(provider, "unverified").await.unwrap();
        // LINE is asked for it only later.
        assert_eq!(user.email.is_some(), provider != "line", "{provider}");
        assert!(!user.email_verified, "{provider}");
    }
}

/// Google's optional part: its refusal is a note with the way out, and no more.
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

/// S54: the picture is fetched, drawn anew and kept for the offline view.
#[tokio::test]
async fn a_picture_is_kept() {
    for provider in PROVIDERS {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in(provider).await.unwrap();
        let kept = fixture.login.avatar(user.id.as_str()).unwrap().unwrap();
        assert!(kept.starts_with(b"\x89PNG\r\n\x1a\n"), "{provider}");
        let key = user.avatar.unwrap();
        fixture.demo.stop().await;
        assert_eq!(fixture.login.users().unwrap()[0].avatar.as_ref(), Some(&key));
        assert!(fixture.login.avatar(user.id.as_str()).unwrap().is_some());
    }
}

/// S54: a picture that is none, too large, elsewhere or nowhere costs the picture, never the
/// sign-in; nothing of it is kept.
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
        assert_eq!(fixture.login.avatar(user.id.as_str()).unwrap(), None);
    }
}

/// S54: a redirect is followed where it leads to somewhere allowed, and the content says what it
/// is, not its label. The picture of before stays while a new one cannot be had.
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

/// S54: the redirects of a picture are counted: more than three are a loop.
#[tokio::test]
async fn a_redirect_loop_ends() {
    let fixture = Fixture::new().await;
    fixture.demo.set_faults("discord", [Fault::AvatarRedirectLoop]);
    fixture.sign_in("discord").await.unwrap();
    let paths = fixture.demo.ledger().paths;
    let asked: u64 = paths.iter().filter(|(path, _)| path.contains("/cdn/")).map(|(_, n)| n).sum();
    assert_eq!(asked, 4);
}
