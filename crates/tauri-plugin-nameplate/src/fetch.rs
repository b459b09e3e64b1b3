//! Requests of a page with the access token of an account, which Rust adds.
//!
//! The page gets the response and never the token. Requests go only where the app's Rust code allows
//! it for the account's provider ([`Builder::api`](crate::Builder::api)).

pub mod allowed;
mod frame;
mod headers;
mod refusal;
mod requests;

use std::sync::OnceLock;
use std::time::Duration;

use nameplate::provider::ServerInput;
use nameplate::{AccessToken, Account, Code, Nameplate, RefreshPolicy, TokenType};
use reqwest::{Method, Response, StatusCode};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tauri::ipc::{self, Channel, InvokeBody, InvokeResponseBody, JavaScriptChannelId};
use tauri::{Runtime, State, Url, Webview};

use crate::app_state::AppState;
use crate::commands::problem;
use allowed::{Api, Holder, Server};
pub use refusal::{Refusal, RefusalCode};
use requests::{Requests, Running};

/// Limits of each request of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchLimits {
    /// Largest body of a request, in bytes.
    pub request: usize,
    /// Largest body of a response, in bytes, also of one that is streamed.
    pub response: usize,
    /// Longest time without a byte of the response.
    pub idle: Duration,
}

impl Default for FetchLimits {
    /// 4 MiB, 16 MiB, 60 seconds.
    fn default() -> Self {
        Self { request: 4 << 20, response: 16 << 20, idle: Duration::from_secs(60) }
    }
}

/// What the commands share.
pub struct Fetch {
    apis: Vec<Api>,
    limits: FetchLimits,
    client: OnceLock<reqwest::Client>,
    /// For this computer itself.
    direct: OnceLock<reqwest::Client>,
    pub(crate) requests: Requests,
}

/// A request as the page sends it, before its body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestHead {
    /// Chosen by the window, to cancel it by.
    id: u32,
    /// Id of the account.
    account: String,
    url: String,
    method: String,
    headers: Vec<(String, String)>,
    /// Where the body of the response goes, for `fetch_stream`.
    #[serde(default)]
    channel: Option<JavaScriptChannelId>,
}

/// A response as the page gets it, before its body.
#[derive(Serialize)]
struct ResponseHead {
    status: u16,
    status_text: String,
    headers: Vec<(String, String)>,
    url: String,
}

/// The last message of a stream.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum StreamEnd {
    Done(()),
    Refused(Refusal),
}

/// Sends a request and returns the whole response.
#[tauri::command]
pub async fn fetch<R: Runtime>(
    webview: Webview<R>,
    state: State<'_, AppState>,
    fetch: State<'_, Fetch>,
    request: ipc::Request<'_>,
) -> Result<ipc::Response, Refusal> {
    let message = bytes(request.body())?;
    let (head, body) = frame::read::<RequestHead>(&message).ok_or_else(bad_request)?;
    let mut running = fetch.requests.start(webview.label(), head.id)?;
    let work = async {
        let response = fetch.send(&state, &head, body).await?;
        let head = response_head(&response);
        let body = fetch.read(response).await?;
        frame::write(&head, &body).ok_or_else(too_large)
    };
    running.run(work).await.map(ipc::Response::new)
}

/// Sends a request and returns the head of the response; the body follows by the channel.
#[tauri::command]
pub async fn fetch_stream<R: Runtime>(
    webview: Webview<R>,
    state: State<'_, AppState>,
    fetch: State<'_, Fetch>,
    request: ipc::Request<'_>,
) -> Result<ipc::Response, Refusal> {
    let message = bytes(request.body())?;
    let (head, body) = frame::read::<RequestHead>(&message).ok_or_else(bad_request)?;
    let channel = head.channel.as_ref().ok_or_else(bad_request)?;
    let mut running = fetch.requests.start(webview.label(), head.id)?;
    let response = running.run(fetch.send(&state, &head, body)).await?;
    let answer = frame::write(&response_head(&response), &[]).ok_or_else(too_large)?;
    let channel: Channel<InvokeResponseBody> = channel.channel_on(webview);
    tauri::async_runtime::spawn(stream(running, response, channel, fetch.limits.response));
    Ok(ipc::Response::new(answer))
}

/// Cancels a request of this window.
#[tauri::command]
pub fn fetch_cancel<R: Runtime>(
    webview: Webview<R>,
    fetch: State<'_, Fetch>,
    id: u32,
) -> Result<(), Refusal> {
    fetch.requests.cancel(webview.label(), id)
}

/// Sends the body by the channel, then how it ended. Nothing is sent where the page is gone.
async fn stream(
    mut running: Running,
    mut response: Response,
    channel: Channel<InvokeResponseBody>,
    limit: usize,
) {
    let mut left = limit;
    let pump = async {
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            left = left.checked_sub(chunk.len()).ok_or_else(too_large)?;
            let sent = channel.send(InvokeResponseBody::Raw(chunk.to_vec()));
            sent.map_err(|_| Refusal::new(RefusalCode::Cancelled, "the page is gone"))?;
        }
        Ok(())
    };
    let end = match running.run(pump).await {
        Ok(()) => StreamEnd::Done(()),
        Err(refusal) => StreamEnd::Refused(refusal),
    };
    if let Ok(end) = serde_json::to_string(&end) {
        let _ = channel.send(InvokeResponseBody::Json(end));
    }
}

impl Fetch {
    pub fn new(apis: Vec<Api>, limits: FetchLimits) -> Self {
        Self {
            apis,
            limits,
            client: OnceLock::new(),
            direct: OnceLock::new(),
            requests: Requests::default(),
        }
    }

    /// Sends a request with the account's token, once more with a new token after a 401.
    async fn send(
        &self,
        state: &AppState,
        head: &RequestHead,
        body: &[u8],
    ) -> Result<Response, Refusal> {
        let nameplate = state.nameplate().map_err(Refusal::no_token)?;
        let account = head.account.as_str();
        let told = |error: nameplate::Error| Refusal::no_token(problem(nameplate, &error));
        let holder = account_of(nameplate, account).map_err(told)?;
        let config = nameplate.provider_setup().config();
        let server = match config.entry(&holder.provider).map_err(told)?.server_input() {
            ServerInput::None => Server::OfApp,
            ServerInput::Issuer | ServerInput::Server | ServerInput::Handle => Server::Named,
        };
        let holder = Holder { provider: &holder.provider, issuer: &holder.issuer, server };
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
            let request = self.client(state, &url)?.request(method.clone(), url.clone());
            let request = request.headers(headers.clone()).bearer_auth(token.token.expose_secret());
            // Without a body, a POST has the length 0 all the same.
            Ok(if body.is_empty() { request } else { request.body(body.to_vec()) })
        };
        let token = token(nameplate, account, RefreshPolicy::WhenNeeded).await.map_err(told)?;
        if token.token_type != TokenType::Bearer {
            return Err(Refusal::new(RefusalCode::TokenBound, "the token is bound to a key"));
        }
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
    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Refusal> {
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

    /// Made at the first request. No proxy sees what is sent to this computer.
    fn client(&self, state: &AppState, url: &Url) -> Result<&reqwest::Client, Refusal> {
        let is_direct = nameplate::is_loopback(url);
        let client = if is_direct { &self.direct } else { &self.client };
        if let Some(client) = client.get() {
            return Ok(client);
        }
        let tls = nameplate::tls::config();
        let unusable = || Refusal::new(RefusalCode::NetworkFailed, "TLS cannot be used");
        let mut builder = reqwest::Client::builder();
        if is_direct {
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

/// The account with this id.
fn account_of(nameplate: &Nameplate, account: &str) -> nameplate::Result<Account> {
    let users = nameplate.accounts().list()?;
    let mut accounts = users.into_iter().flat_map(|user| user.accounts);
    let found = accounts.find(|known| known.id.as_str() == account);
    found.ok_or_else(|| nameplate::Error::new(Code::UnknownAccount).detail(account))
}

async fn token(
    nameplate: &Nameplate,
    account: &str,
    policy: RefreshPolicy,
) -> nameplate::Result<AccessToken> {
    nameplate.sessions().access_token(account, policy).await
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

fn response_head(response: &Response) -> ResponseHead {
    let status = response.status();
    ResponseHead {
        status: status.as_u16(),
        status_text: status.canonical_reason().unwrap_or_default().to_owned(),
        headers: headers::response(response.headers()),
        url: response.url().to_string(),
    }
}

/// The message of a page. Where the custom protocol cannot be used, Tauri sends bytes as a list of
/// numbers.
fn bytes(body: &InvokeBody) -> Result<Vec<u8>, Refusal> {
    match body {
        InvokeBody::Raw(bytes) => Ok(bytes.clone()),
        InvokeBody::Json(list) => Vec::deserialize(list).map_err(|_| bad_request()),
    }
}

fn bad_request() -> Refusal {
    Refusal::new(RefusalCode::BadRequest, "the arguments cannot be read")
}

fn too_large() -> Refusal {
    Refusal::new(RefusalCode::ResponseTooLarge, "the response is too large")
}

/// Without the URL, which the page knows.
fn failed(error: &reqwest::Error) -> Refusal {
    let what = match () {
        () if error.is_connect() => "the API cannot be reached",
        () if error.is_timeout() => "the API took too long",
        () => "the request or response ended early",
    };
    Refusal::new(RefusalCode::NetworkFailed, what)
}
