//! `sign-in`: signs in with a provider.

use nameplate::{Code, Error, Nameplate, Result, SignInOutcome, SignInRequest, User};
use serde_json::json;

use super::browser_sign_in::{method, until_done};
use super::{choose, profile};
use crate::arguments::SignIn;
use crate::output::Output;

pub async fn run(nameplate: &Nameplate, output: &Output, request: SignIn) -> Result<()> {
    let provider = match &request.provider {
        Some(provider) => provider.clone(),
        None => choose::provider(nameplate, output)?.ok_or(Error::new(Code::Cancelled))?,
    };
    if provider == profile::EMAIL {
        return profile::run(nameplate, output, request).await;
    }
    let browser = request.browser;
    // The address of an issuer stands for the issuer.
    let (provider, server) = match provider.contains("://") {
        true => ("oidc".to_owned(), Some(provider)),
        false => (provider, request.server),
    };
    let mut request = SignInRequest::new(&provider);
    request.server = server.or_else(|| choose::server(nameplate, output, &provider));
    request.method = method(nameplate, &provider, &browser);
    let outcome = until_done(nameplate, output, request, &browser).await;
    let reported =
        outcome.and_then(|outcome| report_outcome(nameplate, output, &outcome, &provider));
    finish(nameplate).await;
    reported
}

/// Waits, after the report, until the browser has its last page and the picture is stored.
pub async fn finish(nameplate: &Nameplate) {
    tokio::join!(nameplate.close(), finish_pictures(nameplate));
}

/// Waits for the picture, which is downloaded after the report.
pub async fn finish_pictures(nameplate: &Nameplate) {
    tokio::select! {
        () = nameplate.accounts().pictures_downloaded() => {}
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
            let label = config.entry(&granted.provider).map_or(provider, |entry| &entry.label);
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
