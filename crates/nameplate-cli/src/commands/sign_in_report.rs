//! The report of a sign-in, and what is waited for after it.

use nameplate::{Nameplate, Result, SignInOutcome, User};
use serde_json::json;

use crate::output::Output;

/// Waits, after the report, until the browser has its last page and the picture is stored.
pub async fn finish(nameplate: &Nameplate) {
    tokio::join!(nameplate.close(), finish_pictures(nameplate));
}

/// Waits for the picture, which is downloaded after the report.
pub async fn finish_pictures(nameplate: &Nameplate) {
    tokio::select! {
        () = nameplate.profiles().pictures_downloaded() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Reports the result.
pub fn report_outcome(
    nameplate: &Nameplate,
    output: &Output,
    outcome: &SignInOutcome,
    provider: &str,
) -> Result<()> {
    match outcome {
        SignInOutcome::SignedIn(user) => {
            report(output, &nameplate.accounts().user(user.as_str())?, provider);
        }
        SignInOutcome::ExtraGranted(granted) => {
            output.event(
                "bot_added",
                json!({ "provider": granted.provider, "guild": granted.target }),
            );
            let config = nameplate.provider_setup().config();
            let label = config
                .entry(&granted.provider)
                .map_or(provider, |entry| output.messages().label(entry));
            let filled = [("guild", granted.target.name.as_str()), ("provider", label)];
            output.strong(&output.messages().command("bot_added", &filled));
        }
    }
    Ok(())
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
