//! `sign-in`: somebody signs in at a provider.

use nameplate::{Ask, Done, Intent, Login, Result, TokenStorage, User};
use serde_json::json;

use super::waiting::{channel, until_done};
use crate::arguments::SignIn;
use crate::say::Say;

pub async fn run(login: &Login, say: &Say, wish: SignIn) -> Result<()> {
    let SignIn { provider, way, .. } = wish;
    let channel = channel(login, &provider, &way);
    let ask = Ask {
        provider: provider.clone(),
        intent: Intent::SignIn,
        channel,
        storage: TokenStorage::Keychain,
    };
    let done = until_done(login, say, ask, &way).await?;
    report_done(login, say, &done, &provider);
    finish_pictures(login).await;
    Ok(())
}

/// The picture comes after the report; without this the process would end before it.
pub async fn finish_pictures(login: &Login) {
    tokio::select! {
        () = login.pictures_fetched() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Says what an answer came to.
pub fn report_done(login: &Login, say: &Say, done: &Done, provider: &str) {
    match done {
        Done::SignedIn(user) => report(say, user, provider),
        Done::BotAdded(bot) => {
            say.event("bot_added", json!({ "provider": bot.provider, "guild": bot.guild }));
            let config = login.config();
            let label = config.entry(&bot.provider).map_or(provider, |entry| &entry.label);
            let filled = [("guild", bot.guild.name.as_str()), ("provider", label)];
            say.strong(&say.messages().command("bot_added", &filled));
        }
    }
}

/// Says who is signed in.
pub fn report(say: &Say, user: &User, provider: &str) {
    say.event("signed_in", json!({ "user": user }));
    let label = user.accounts.iter().find(|account| account.provider == provider);
    let label = label.map_or(provider, |account| &account.label);
    say.strong(
        &say.messages().command("signed_in", &[("nickname", &user.nickname), ("provider", label)]),
    );
}
