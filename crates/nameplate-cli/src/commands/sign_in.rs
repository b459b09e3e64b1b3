//! `sign-in`: signs in with a provider.

use nameplate::{Ask, Done, Intent, Login, Result, TokenStorage, User};
use serde_json::json;

use super::browser_sign_in::{channel, until_done};
use crate::arguments::SignIn;
use crate::output::Output;

pub async fn run(login: &Login, output: &Output, request: SignIn) -> Result<()> {
    let SignIn { provider, browser, .. } = request;
    let channel = channel(login, &provider, &browser);
    let ask = Ask {
        provider: provider.clone(),
        intent: Intent::SignIn,
        channel,
        storage: TokenStorage::Keychain,
    };
    let done = until_done(login, output, ask, &browser).await?;
    report_done(login, output, &done, &provider);
    finish_pictures(login).await;
    Ok(())
}

/// Waits for the picture, which is downloaded after the report.
pub async fn finish_pictures(login: &Login) {
    tokio::select! {
        () = login.pictures_fetched() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Reports the result.
pub fn report_done(login: &Login, output: &Output, done: &Done, provider: &str) {
    match done {
        Done::SignedIn(user) => report(output, user, provider),
        Done::BotAdded(bot) => {
            output.event("bot_added", json!({ "provider": bot.provider, "guild": bot.guild }));
            let config = login.config();
            let label = config.entry(&bot.provider).map_or(provider, |entry| &entry.label);
            let filled = [("guild", bot.guild.name.as_str()), ("provider", label)];
            output.strong(&output.messages().command("bot_added", &filled));
        }
    }
}

/// Reports the signed-in user.
pub fn report(output: &Output, user: &User, provider: &str) {
    output.event("signed_in", json!({ "user": user }));
    let label = user.accounts.iter().find(|account| account.provider == provider);
    let label = label.map_or(provider, |account| &account.label);
    output.strong(
        &output
            .messages()
            .command("signed_in", &[("nickname", &user.nickname), ("provider", label)]),
    );
}
