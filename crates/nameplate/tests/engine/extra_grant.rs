//! An extra grant: Discord's bot, which is added to a server.

use nameplate::{
    Code, Intent, Nameplate, PendingSignIn, RedirectMethod, SignInOutcome, SignInRequest,
};

use crate::browser::parameters;
use crate::fixture::{Fixture, ask};

async fn begin(fixture: &Fixture, permissions: &[u64]) -> PendingSignIn {
    let wish = fixture.nameplate.sign_ins().request_extra_grant("discord", permissions).unwrap();
    fixture.nameplate.sign_ins().begin(wish).await.unwrap()
}

fn guild(done: SignInOutcome) -> (String, String) {
    let SignInOutcome::ExtraGranted(granted) = done else { panic!("a user is signed in") };
    (granted.target.id, granted.target.name)
}

/// The added bot in the state.
fn shown(nameplate: &Nameplate) -> Option<(String, Vec<String>)> {
    nameplate.state().unwrap().bot.map(|bot| (bot.guild, bot.permissions))
}

/// A code grant with state and PKCE, for the bot only.
#[tokio::test]
async fn a_bot_is_asked_for_by_name_and_permission() {
    let fixture = Fixture::new().await;
    let begun = begin(&fixture, &[1024, 2048]).await;
    let sent = parameters(&begun.url);
    assert_eq!((&*sent["scope"], &*sent["permissions"]), ("identify bot", "3072"));
    assert_eq!((&*sent["response_type"], &*sent["code_challenge_method"]), ("code", "S256"));
    assert!(sent.contains_key("state"));
}

/// The server is shown, no user is signed in, and no token is stored.
#[tokio::test]
async fn a_bot_is_added_without_a_sign_in() {
    let fixture = Fixture::new().await;
    let begun = begin(&fixture, &[1024, 2048]).await;
    let response = fixture.grant(&begun).await;
    let done = fixture.nameplate.sign_ins().complete(&response).await.unwrap();
    assert_eq!(guild(done).1, "Demo server");
    fixture.assert_nothing_kept();
    let (server, permissions) = shown(&fixture.nameplate).unwrap();
    assert_eq!(server, "Demo server");
    assert_eq!(permissions.len(), 2);
    assert!(permissions.iter().all(|name| !name.is_empty()), "{permissions:?}");
    assert_eq!(
        fixture.demo.request_log().grants["discord"].revocations,
        0,
        "that would end every session"
    );
    fixture.nameplate.notices().dismiss_bot();
    assert_eq!(shown(&fixture.nameplate), None);
}

/// docs/providers.md, section 1: `guild_id` of the callback is not trusted.
#[tokio::test]
async fn a_wrong_guild_id_changes_nothing() {
    let fixture = Fixture::new().await;
    let begun = begin(&fixture, &[]).await;
    let response = fixture.grant(&begun).await;
    let honest = parameters(&response)["guild_id"].clone();
    let forged = response.replace(&honest, "666").replace("permissions=0", "permissions=8");
    assert_ne!(forged, response);
    let (id, name) = guild(fixture.nameplate.sign_ins().complete(&forged).await.unwrap());
    assert_eq!((id, &*name), (honest, "Demo server"));
    assert_eq!(shown(&fixture.nameplate).unwrap().1, Vec::<String>::new(), "nothing was asked for");
}

/// A server that the token response does not name was not added.
#[tokio::test]
async fn a_response_without_a_guild_is_an_error() {
    let fixture = Fixture::new().await;
    let begun = begin(&fixture, &[]).await;
    let response = fixture.browser.decide(&begun.url.replace("+bot", ""), "haneul", "allow").await;
    let error = fixture.nameplate.sign_ins().complete(&response).await.unwrap_err();
    assert_eq!(error.code(), Code::GrantTargetMissing);
    assert_eq!(shown(&fixture.nameplate), None);
    fixture.assert_nothing_kept();
}

#[tokio::test]
async fn declining_adds_nothing() {
    let fixture = Fixture::new().await;
    let begun = begin(&fixture, &[8]).await;
    let response = fixture.browser.decide(&begun.url, "haneul", "deny").await;
    assert_eq!(
        fixture.nameplate.sign_ins().complete(&response).await.unwrap_err().code(),
        Code::AccessDenied
    );
    assert_eq!(shown(&fixture.nameplate), None);
}

/// Adding a bot does not change the present session.
#[tokio::test]
async fn a_session_outlives_the_adding_of_a_bot() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    let entries = fixture.vault.entries();
    let begun = begin(&fixture, &[1024]).await;
    let response = fixture.grant(&begun).await;
    guild(fixture.nameplate.sign_ins().complete(&response).await.unwrap());
    assert_eq!(fixture.vault.entries(), entries);
    assert_eq!(fixture.users(), std::slice::from_ref(&user));
    fixture
        .access_token(user.accounts[0].id.as_str(), nameplate::RefreshPolicy::Always)
        .await
        .unwrap();
}

/// S12: the last page says what happened.
#[tokio::test]
async fn the_page_says_that_the_bot_was_added() {
    let fixture = Fixture::new().await;
    let sign_ins = fixture.nameplate.sign_ins();
    let request = sign_ins.request_extra_grant_with("discord", Some(1024)).unwrap();
    let request = SignInRequest { method: Some(RedirectMethod::Loopback.into()), ..request };
    let begun = sign_ins.begin(request).await.unwrap();
    let page = fixture.browser.follow(&fixture.grant(&begun).await).await;
    let told = ["The bot was added", "봇을 추가했습니다"];
    assert!(told.iter().any(|told| page.text.contains(told)), "{}", page.text);
    guild(fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap());
}

/// Another process finishes it, and the first one reports it.
#[tokio::test(flavor = "multi_thread")]
async fn another_program_may_finish_it() {
    let fixture = Fixture::new().await;
    tokio::spawn(fixture.nameplate.watch().unwrap());
    let begun = begin(&fixture, &[1024]).await;
    let response = fixture.grant(&begun).await;
    fixture.another().sign_ins().complete(&response).await.unwrap();
    guild(fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap());
    assert_eq!(shown(&fixture.nameplate).unwrap().0, "Demo server");
}

/// A sign-in requests a bot only with the configured scope, and then with the configured
/// permissions.
#[tokio::test]
async fn a_sign_in_asks_for_a_bot_only_where_the_configuration_does() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let sent = parameters(&begun.url);
    assert_eq!((&*sent["scope"], sent.get("permissions")), ("identify email", None));
    let configured = "[discord]\nclient_id = \"1\"\nbot_permissions = 2048\n";
    fixture.write_providers(configured);
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    assert_eq!(parameters(&begun.url).get("permissions"), None, "a default asks for nothing");
    fixture.write_providers(&format!("{configured}scopes = [\"identify\", \"bot\"]\n"));
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    assert_eq!(parameters(&begun.url)["permissions"], "2048");
}

/// S57: the window offers fixed permissions; a command may name any number, or the configured one.
#[tokio::test]
async fn permissions_are_chosen_from_what_is_offered() {
    let fixture = Fixture::new().await;
    let refused = |provider: &str, chosen: &[u64]| {
        fixture.nameplate.sign_ins().request_extra_grant(provider, chosen).unwrap_err().code()
    };
    assert_eq!(refused("discord", &[1024, 3]), Code::BadSetting);
    assert_eq!(refused("google", &[1024]), Code::NoExtraGrant);
    assert_eq!(refused("myspace", &[]), Code::UnknownProvider);
    let asked = |permissions| {
        fixture
            .nameplate
            .sign_ins()
            .request_extra_grant_with("discord", permissions)
            .unwrap()
            .intent
    };
    assert_eq!(asked(Some(3)), Intent::ExtraGrant(3));
    assert_eq!(asked(None), Intent::ExtraGrant(0));
    fixture.write_providers("[discord]\nclient_id = \"1\"\nbot_permissions = 2048\n");
    let asked =
        fixture.nameplate.sign_ins().request_extra_grant_with("discord", None).unwrap().intent;
    assert_eq!(asked, Intent::ExtraGrant(2048));
    let cards = fixture.state().providers;
    for card in cards {
        assert_eq!(!card.bot.is_empty(), card.id == "discord", "{}", card.id);
    }
}

/// A pending sign-in is replaced, and the other way round.
#[tokio::test]
async fn a_bot_is_no_other_channel_of_a_sign_in() {
    let fixture = Fixture::new().await;
    let adding = begin(&fixture, &[1024]).await;
    let signing_in =
        fixture.nameplate.sign_ins().begin(ask("discord", RedirectMethod::DeepLink)).await.unwrap();
    assert_ne!(adding.id, signing_in.id);
    let late = fixture.grant(&adding).await;
    assert_eq!(
        fixture.nameplate.sign_ins().complete(&late).await.unwrap_err().code(),
        Code::Superseded
    );
}
