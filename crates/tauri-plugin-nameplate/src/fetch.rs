//! Requests of a page with the access token of an account, which Rust adds.
//!
//! The page gets the response and never the token. Requests go only where the app's Rust code allows
//! it for the account's provider ([`Builder::api`](crate::Builder::api)).

pub mod allowed;
mod frame;
mod headers;
mod refusal;
mod requests;
mod send;

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::Response;
use serde::{Deserialize, Serialize};
use tauri::ipc::{self, Channel, InvokeBody, InvokeResponseBody, JavaScriptChannelId};
use tauri::{Runtime, State, Webview};

use crate::app_state::AppState;
use allowed::Api;
pub use refusal::{Refusal, RefusalCode};
use requests::{Requests, Running};
use send::{failed, too_large};

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
    /// For servers that a user named.
    public: OnceLock<reqwest::Client>,
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
    let message = frame::write(&response_head(&response), &[]).ok_or_else(too_large)?;
    let channel: Channel<InvokeResponseBody> = channel.channel_on(webview);
    tauri::async_runtime::spawn(stream(running, response, channel, fetch.limits.response));
    Ok(ipc::Response::new(message))
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
    // The page may use the id again as soon as it knows of the end.
    drop(running);
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
            public: OnceLock::new(),
            requests: Requests::default(),
        }
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
