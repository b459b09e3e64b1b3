//! The loopback receiver (RFC 8252, section 7.3): a port of this machine that takes one response,
//! and leads the browser to the provider by a link that works once.
//!
//! The browser is answered before the code is exchanged: 303 to `/done`, so that no code stays
//! in the address bar, and `/done` waits for the outcome and shows it.

mod connections;
mod peer;
mod respond;
mod sign_in;
mod start;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};

use super::page::{Page, Pages};
use crate::error::{Error, ErrorKind, Result};
use crate::provider::LoopbackHost;
pub use peer::Peer;
use respond::{Progress, Responder};
use start::Start;

/// How long the port stays open for a browser that has not asked for `/done` yet.
const LINGER: Duration = Duration::from_secs(2);

/// A bound port. Binding comes before the browser opens, and what was bound is what serves (S13).
pub struct Loopback {
    listeners: Vec<TcpListener>,
    host: LoopbackHost,
    port: u16,
    /// The redirect URI; `None` for another redirect method.
    path: Option<String>,
    start: Option<Start>,
}

/// What happens at the port.
pub enum Visit {
    /// A response arrived; the receiver decides whether it is accepted.
    Response {
        /// The address that the browser asked for, in full.
        address: String,
        /// Who sent it.
        peer: Peer,
        /// What became of it.
        reply: oneshot::Sender<Reception>,
    },
    /// The start link was opened for the first time.
    Started,
    /// The start link was opened again: one of the two was not the user's browser.
    StartedAgain,
    /// The browser uses TLS at a plain http port (N8).
    Https,
}

/// How the response was handled.
pub enum Reception {
    /// It was taken; how it ends comes later.
    Taken(watch::Receiver<Option<Page>>),
    /// It was not accepted; the page shows the reason.
    Refused(Page),
}

impl Loopback {
    /// Binds the first free port: any, or the first free of the list. Every address that the
    /// host name may stand for is bound, since a browser may try either first (S11).
    ///
    /// # Errors
    /// [`ErrorKind::PortTaken`].
    pub async fn bind(host: LoopbackHost, ports: Option<&[u16]>, path: String) -> Result<Self> {
        Self::bind_path(host, ports, Some(path)).await
    }

    /// Binds any free port for a start link alone. It is named `localhost`, which browsers that
    /// insist on https leave alone more often than `127.0.0.1`.
    ///
    /// # Errors
    /// [`ErrorKind::PortTaken`].
    pub async fn bind_for_start() -> Result<Self> {
        Self::bind_path(LoopbackHost::Name, None, None).await
    }

    async fn bind_path(
        host: LoopbackHost,
        ports: Option<&[u16]>,
        path: Option<String>,
    ) -> Result<Self> {
        let any = [0; 10];
        for port in ports.unwrap_or(&any) {
            if let Ok(listeners) = bind_port(host, *port).await {
                let port = listeners[0].local_addr().map_err(taken)?.port();
                return Ok(Self { listeners, host, port, path, start: None });
            }
        }
        let tried = ports.unwrap_or_default().iter().map(u16::to_string).collect::<Vec<_>>();
        Err(Error::new(ErrorKind::PortTaken).with_detail(tried.join(", ")))
    }

    /// The redirect URI.
    pub fn redirect_uri(&self) -> String {
        format!("http://{}{}", self.authority(), self.path.as_deref().unwrap_or_default())
    }

    /// Makes the link that leads to an authorization request, once. A launcher's arguments can be
    /// read by every user of the machine: they see this link, and neither state nor challenge.
    pub fn start_link(&mut self, authorize_url: &str) -> String {
        let start = self.start.insert(Start::new(authorize_url.to_owned(), rand::random()));
        format!("http://{}:{}{}", self.host.as_str(), self.port, start.path())
    }

    fn authority(&self) -> String {
        format!("{}:{}", self.host.as_str(), self.port)
    }

    /// Serves until a response was taken and the browser has seen the outcome, or until `close`
    /// says that the attempt is over.
    pub async fn serve(
        self,
        visits: mpsc::Sender<Visit>,
        pages: Pages,
        close: watch::Receiver<bool>,
    ) {
        let (responder, mut progress) =
            Responder::new(self.authority(), self.path, self.start, visits, pages);
        let responder = Arc::new(responder);
        let (over, is_over) = watch::channel(false);
        let ended = async {
            wait_until_over(&mut progress, close, &responder).await;
            over.send_replace(true);
        };
        tokio::join!(connections::serve(self.listeners, Arc::clone(&responder), is_over), ended);
    }
}

fn taken(error: std::io::Error) -> Error {
    Error::caused(ErrorKind::PortTaken, error)
}

async fn bind_port(host: LoopbackHost, port: u16) -> std::io::Result<Vec<TcpListener>> {
    let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let port = v4.local_addr()?.port();
    let mut listeners = vec![v4];
    if host == LoopbackHost::Name {
        match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            Ok(v6) => listeners.push(v6),
            // A squatter on ::1 would get the browser's first try.
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => return Err(error),
            // A machine without IPv6.
            Err(_) => {}
        }
    }
    Ok(listeners)
}

async fn wait_until_over(
    progress: &mut watch::Receiver<Progress>,
    mut close: watch::Receiver<bool>,
    responder: &Responder,
) {
    tokio::select! {
        () = until(progress, |state| !matches!(state, Progress::Waiting)) => {}
        () = until(&mut close, |closed| *closed) => {}
    }
    // A response that is accepted while the port closes still receives its outcome.
    responder.decided().await;
    let Some(mut outcome) = progress.borrow().outcome() else { return };
    let told = async {
        until(&mut outcome, Option::is_some).await;
        tokio::time::sleep(LINGER).await;
    };
    let shown = async {
        until(progress, |state| matches!(state, Progress::Shown(_))).await;
        // Another user may have asked for `/done`, and the browser has not yet.
        if responder.had_foreign_requests() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = told => {}
        () = shown => {}
    }
}

/// Waits for a state, or for the end of its sender.
async fn until<T>(watched: &mut watch::Receiver<T>, reached: impl FnMut(&T) -> bool) {
    let _ = watched.wait_for(reached).await;
}

#[cfg(test)]
mod tests;
