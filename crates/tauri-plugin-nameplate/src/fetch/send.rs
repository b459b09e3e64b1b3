//! Sends the request of a page with the token of an account, and reads the response within its limits.

use std::sync::Arc;
use std::time::Duration;

use nameplate::provider::ServerInput;
use nameplate::{AccessToken, Account, Code, Nameplate, RefreshPolicy, TokenType};
use reqwest::{Method, Response, StatusCode};
use secrecy::ExposeSecret;
use tauri::Url;

use super::{Fetch, RequestHead, allowed, bad_request, headers};
use crate::app_state::AppState;
use crate::commands::problem;
use crate::fetch::allowed::{Holder, Server};
use crate::fetch::refusal::{Refusal, RefusalCode};

/// The account with this id.
fn account_of(nameplate: &Nameplate, account: &str) -> nameplate::Result<Account> {
    let users = nameplate.accounts().list()?;
    let mut accounts = users.into_iter().flat_map(|user| user.accounts);
    let found = accounts.find(|known| known.id.as_str() == account);
    found.ok_or_else(|| nameplate::Error::new(Code::UnknownAccount).with_detail(account))
}

async fn token(
    nameplate: &Nameplate,
    account: &str,
    policy: RefreshPolicy,
) -> nameplate::Result<AccessToken> {
    nameplate.sessions().access_token_for_api(account, policy).await
}

/// A token other than the refused one: one that another request has got meanwhile, else one from a
/// refresh.
async fn newer_token(
    nameplate: &Nameplate,
    account: &str,
    refused: &AccessToken,
) -> nameplate::Result<AccessToken> {
    let known = token(nameplate, account, RefreshPolicy::WhenNeeded).await?;
    match known.token.expose_secret() == refused.token.expose_secret() {
        true => token(nameplate, account, RefreshPolicy::Always).await,
        false => Ok(known),
    }
}

pub(super) fn too_large() -> Refusal {
    Refusal::new(RefusalCode::ResponseTooLarge, "the response is too large")
}

/// Without the URL, which the page knows.
pub(super) fn failed(error: &reqwest::Error) -> Refusal {
    let what = match () {
        () if error.is_connect() => "the API cannot be reached",
        () if error.is_timeout() => "the API took too long",
        () => "the request or response ended early",
    };
    Refusal::new(RefusalCode::NetworkFailed, what)
}

impl Fetch {
    /// Sends a request with the account's token, once more with a new token after a 401.
    pub(super) async fn send(
        &self,
        state: &AppState,
        head: &RequestHead,
        body: &[u8],
    ) -> Result<Response, Refusal> {
        let nameplate = state.nameplate().map_err(Refusal::no_token)?;
        let account = head.account.as_str();
        let told = |error: nameplate::Error| match error.code() {
            Code::SessionForeign => Refusal::of_other_server(problem(nameplate, &error)),
            _ => Refusal::no_token(problem(nameplate, &error)),
        };
        let holder = account_of(nameplate, account).map_err(told)?;
        let config = nameplate.provider_setup().config();
        let entry = config.entry(&holder.provider).map_err(told)?;
        let server = match entry.server_input() {
            ServerInput::None => Server::OfApp,
            ServerInput::Issuer | ServerInput::Server | ServerInput::Handle => Server::Named,
        };
        // A configured token endpoint may be another server's, whose token is not for the issuer. The
        // origins that the app names are allowed, if the account signed in there: `token` checks that.
        let is_moved = entry.overrides.contains(&"token_endpoint");
        let issuer = if is_moved { "" } else { &holder.issuer };
        let holder = Holder { provider: &holder.provider, issuer, server };
        let url = allowed::check(&self.apis, holder, &head.url)?;
        let method = headers::method(&head.method)?;
        let headers = headers::request(&head.headers)?;
        if body.len() > self.limits.request {
            return Err(Refusal::new(RefusalCode::RequestTooLarge, "the body is too large"));
        }
        if !body.is_empty() && matches!(method, Method::GET | Method::HEAD) {
            return Err(bad_request());
        }
        let request = |token: &AccessToken| {
            if token.token_type == TokenType::Dpop {
                return Err(Refusal::new(RefusalCode::TokenBound, "the token is bound to a key"));
            }
            let request = self.client(state, server, &url)?.request(method.clone(), url.clone());
            let request = request.headers(headers.clone()).bearer_auth(token.token.expose_secret());
            // Without a body, a POST has the length 0 all the same.
            Ok(if body.is_empty() { request } else { request.body(body.to_vec()) })
        };
        let token = token(nameplate, account, RefreshPolicy::WhenNeeded).await.map_err(told)?;
        let mut response = request(&token)?.send().await.map_err(|error| failed(&error))?;
        if response.status() == StatusCode::UNAUTHORIZED {
            match newer_token(nameplate, account, &token).await {
                Ok(newer) => {
                    response = request(&newer)?.send().await.map_err(|error| failed(&error))?;
                }
                // The API's own words are all there is.
                Err(error) if error.code() == Code::NoRefreshToken => {}
                Err(error) => return Err(told(error)),
            }
        }
        match response.status() {
            StatusCode::NOT_MODIFIED => Ok(response),
            status if status.is_redirection() => {
                Err(Refusal::new(RefusalCode::Redirected, "the API answered with a redirect"))
            }
            _ => Ok(response),
        }
    }

    /// The body of a response within the limit.
    pub(super) async fn read(&self, mut response: Response) -> Result<Vec<u8>, Refusal> {
        let limit = self.limits.response;
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Made at the first request. No proxy sees what is sent to this computer. A server that a user
    /// named is reached at public addresses alone, except in a separate home.
    fn client(
        &self,
        state: &AppState,
        server: Server,
        url: &Url,
    ) -> Result<&reqwest::Client, Refusal> {
        let is_untrusted = server == Server::Named && state.home().own_dir().is_none();
        if is_untrusted && !nameplate::may_be_public(url) {
            return Err(Refusal::new(RefusalCode::OriginRefused, "the address is not public"));
        }
        let is_direct = nameplate::is_loopback(url);
        let client = match (is_untrusted, is_direct) {
            (true, _) => &self.public,
            (false, true) => &self.direct,
            (false, false) => &self.client,
        };
        if let Some(client) = client.get() {
            return Ok(client);
        }
        let tls = nameplate::tls::config();
        let unusable = || Refusal::new(RefusalCode::NetworkFailed, "TLS cannot be used");
        let mut builder = reqwest::Client::builder();
        if is_untrusted {
            builder = builder.dns_resolver(Arc::new(nameplate::PublicResolver));
        }
        if is_untrusted || is_direct {
            builder = builder.no_proxy();
        }
        let made = builder
            .tls_backend_preconfigured(tls.map_err(|_| unusable())?)
            .user_agent(&state.home().identity().user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(self.limits.idle)
            .build()
            .map_err(|_| unusable())?;
        Ok(client.get_or_init(|| made))
    }
}
