//! `sign-in`: signs in with a provider.

use nameplate::{Code, Error, Nameplate, ServerInput, SignInRequest};

use super::browser_sign_in::{method, until_done};
use super::sign_in_report::{finish, report_outcome};
use super::{choose, profile};
use crate::arguments::{self, SignIn};
use crate::failure::Failure;
use crate::identity::DEMO;
use crate::output::Output;

const NO_HANDLE: &str = "--handle is for providers that know people by a handle, such as bluesky";

pub async fn run(nameplate: &Nameplate, output: &Output, request: SignIn) -> Result<(), Failure> {
    let provider = match &request.provider {
        Some(provider) => provider.clone(),
        None => choose::provider(nameplate, output)?.ok_or(Error::new(Code::Cancelled))?,
    };
    let provider = choose::by_label(nameplate, output, provider)?;
    if provider == profile::EMAIL {
        return Ok(profile::run(nameplate, output, request).await?);
    }
    if provider == DEMO {
        nameplate.provider_setup().config().entry(DEMO).map_err(|error| match error.code() {
            Code::UnknownProvider => Failure::from(error).of_arguments(),
            _ => Failure::from(error),
        })?;
    }
    let browser = request.browser;
    // The address of an issuer stands for the issuer.
    let (provider, server) = match provider.contains("://") {
        true => ("oidc".to_owned(), Some(provider)),
        false => (provider, request.server),
    };
    let input = choose::server_input(nameplate, &provider);
    if request.handle.is_some() && input != ServerInput::Handle {
        arguments::refuse("sign-in", NO_HANDLE);
    }
    let named = request.handle.or_else(|| server.map(|server| address(input, server)));
    let mut request = SignInRequest::new(&provider);
    request.server = named.or_else(|| choose::server(nameplate, output, &provider));
    request.method = method(nameplate, &provider, &browser);
    let outcome = until_done(nameplate, output, request, &browser).await;
    let reported =
        outcome.and_then(|outcome| report_outcome(nameplate, output, &outcome, &provider));
    finish(nameplate).await;
    Ok(reported?)
}

/// A server that is given as such: without a scheme its host would be taken for a handle.
fn address(input: ServerInput, server: String) -> String {
    match input {
        ServerInput::Handle if !server.contains("://") => format!("https://{server}"),
        ServerInput::Handle | ServerInput::None | ServerInput::Issuer | ServerInput::Server => {
            server
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host is a server where it is given as one, also where a handle may be given instead.
    #[test]
    fn a_server_is_no_handle() {
        let of = |input, server: &str| address(input, server.to_owned());
        assert_eq!(of(ServerInput::Handle, "bsky.social"), "https://bsky.social");
        assert_eq!(of(ServerInput::Handle, "http://localhost:1"), "http://localhost:1");
        assert_eq!(of(ServerInput::Server, "mastodon.social"), "mastodon.social");
    }
}
