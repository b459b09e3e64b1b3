//! What is answered at the port: the start link, the callback, and `/done`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::{Method, Request, StatusCode};
use tokio::sync::{RwLock, mpsc, oneshot, watch};

use super::peer::Peer;
use super::start::{Fetch, Start};
use super::{Reception, Visit};
use crate::redirect::page::{Page, Pages};

/// How long `/done` waits for the outcome before it shows "received".
const DONE_WAIT: Duration = Duration::from_secs(10);

type Response = hyper::Response<Full<Bytes>>;
type Outcome = watch::Receiver<Option<Page>>;

/// How far the port has come.
#[derive(Debug, Clone)]
pub(super) enum Progress {
    Waiting,
    Taken(Outcome),
    Shown(Outcome),
}

impl Progress {
    /// How the response ends, once there is one.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Waiting => None,
            Self::Taken(outcome) | Self::Shown(outcome) => Some(outcome.clone()),
        }
    }
}

/// Answers the requests of every connection.
pub(super) struct Responder {
    authority: String,
    path: Option<String>,
    start: Option<Start>,
    visits: mpsc::Sender<Visit>,
    pages: Pages,
    progress: watch::Sender<Progress>,
    /// Read-locked while a request waits for the decision about a response.
    deciding: RwLock<()>,
    /// Whether something was asked that no browser of this sign-in asks.
    foreign: AtomicBool,
}

impl Responder {
    pub(super) fn new(
        authority: String,
        path: Option<String>,
        start: Option<Start>,
        visits: mpsc::Sender<Visit>,
        pages: Pages,
    ) -> (Self, watch::Receiver<Progress>) {
        let (progress, watched) = watch::channel(Progress::Waiting);
        let (deciding, foreign) = (RwLock::new(()), AtomicBool::new(false));
        let responder = Self { authority, path, start, visits, pages, progress, deciding, foreign };
        (responder, watched)
    }

    /// Waits until no response is being decided on.
    pub(super) async fn decided(&self) {
        drop(self.deciding.write().await);
    }

    pub(super) fn had_foreign_requests(&self) -> bool {
        self.foreign.load(Ordering::SeqCst)
    }

    /// Tells the attempt what happened; whether it still listens.
    pub(super) async fn tell(&self, visit: Visit) -> bool {
        self.visits.send(visit).await.is_ok()
    }

    /// Tells the attempt what may be left out while it is at work.
    pub(super) fn hint(&self, visit: Visit) {
        let _ = self.visits.try_send(visit);
    }

    pub(super) async fn respond(&self, request: Request<Incoming>, peer: Peer) -> Response {
        // DNS rebinding: another page may request this port by its own host name (S14).
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        if host != Some(&self.authority) || request.uri().authority().is_some() {
            return self.refuse(StatusCode::MISDIRECTED_REQUEST, Page::Unknown);
        }
        if request.method() != Method::GET {
            return self.refuse(StatusCode::METHOD_NOT_ALLOWED, Page::Unknown);
        }
        let path = request.uri().path();
        let start = self.start.as_ref().filter(|start| start.path() == path);
        match (start, path) {
            (Some(start), _) => self.begin(start, peer).await,
            (None, "/done") => self.done(peer).await,
            (None, path) if Some(path) == self.path.as_deref() => self.take(&request, peer).await,
            (None, _) => self.refuse(StatusCode::NOT_FOUND, Page::Unknown),
        }
    }

    fn refuse(&self, status: StatusCode, page: Page) -> Response {
        self.foreign.store(true, Ordering::SeqCst);
        self.pages.respond(status, page)
    }

    /// Leads the browser to the provider. Who comes second is not led on, and the attempt is over:
    /// one of the two may know its state without being the browser that was meant.
    async fn begin(&self, start: &Start, peer: Peer) -> Response {
        if !peer.is_this_user().await {
            tracing::warn!("another user of this machine opened the start link");
            return self.refuse(StatusCode::FORBIDDEN, Page::OtherUser);
        }
        match start.fetch() {
            Fetch::Again => {
                self.tell(Visit::StartedAgain).await;
                self.refuse(StatusCode::GONE, Page::Stopped)
            }
            Fetch::First(_) if self.progress.borrow().outcome().is_some() => {
                self.refuse(StatusCode::CONFLICT, Page::AlreadyUsed)
            }
            Fetch::First(authorize_url) => {
                self.tell(Visit::Started).await;
                self.pages.redirect(authorize_url)
            }
        }
    }

    async fn take(&self, request: &Request<Incoming>, peer: Peer) -> Response {
        let (reply, received) = oneshot::channel();
        let address = format!("http://{}{}", self.authority, request.uri());
        let _deciding = self.deciding.read().await;
        if !self.tell(Visit::Response { address, peer, reply }).await {
            return self.refuse(StatusCode::GONE, Page::Unknown);
        }
        match received.await {
            Ok(Reception::Taken(outcome)) => {
                self.progress.send_replace(Progress::Taken(outcome));
                self.pages.redirect("/done")
            }
            Ok(Reception::Refused(page)) => self.refuse(page.refusal_status(), page),
            Err(_) => self.refuse(StatusCode::BAD_REQUEST, Page::Unknown),
        }
    }

    /// How the sign-in ended. Another user of this machine does not learn the name.
    async fn done(&self, peer: Peer) -> Response {
        let Some(mut outcome) = self.progress.borrow().outcome() else {
            return self.refuse(StatusCode::NOT_FOUND, Page::Unknown);
        };
        let known = tokio::time::timeout(DONE_WAIT, outcome.wait_for(Option::is_some)).await;
        let page = match known.map(|seen| seen.map(|seen| seen.clone())) {
            Ok(Ok(Some(Page::SignedIn(Some(_))))) if !peer.is_this_user().await => {
                Page::SignedIn(None)
            }
            Ok(Ok(Some(page))) => page,
            Ok(Ok(None) | Err(_)) | Err(_) => Page::Received,
        };
        self.progress.send_replace(Progress::Shown(outcome));
        self.pages.respond(page.outcome_status(), page)
    }
}
