//! The loopback receiver (RFC 8252, section 7.3): a port of this machine that takes one answer.
//!
//! The browser is answered before the code is exchanged: 303 to `/done`, so that no code stays
//! in the address bar, and `/done` waits for the outcome and says honestly what happened.

use std::convert::Infallible;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{HOST, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{RwLock, Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::page::{Page, Pages};
use crate::error::{Code, Error, Result};
use crate::provider::LoopbackHost;

/// A browser opens a few at once; a flood gets no more (S25).
const CONNECTIONS: usize = 16;
/// Of request line and headers together (S25).
const HEADER_LIMIT: usize = 16 * 1024;
const READ_LIMIT: Duration = Duration::from_secs(5);
/// How long `/done` waits for the outcome before it says "received".
const DONE_WAIT: Duration = Duration::from_secs(10);
/// How long the port stays open for a browser that has not asked for `/done` yet.
const LINGER: Duration = Duration::from_secs(2);
const FAREWELL: Duration = Duration::from_millis(100);

/// A bound port. Binding comes before the browser opens, and what was bound is what serves (S13).
pub(crate) struct Loopback {
    listeners: Vec<TcpListener>,
    host: LoopbackHost,
    port: u16,
    path: String,
}

/// What happens at the port.
pub(crate) enum Visit {
    /// An answer came; whoever takes the visit says whether it counts.
    Answer {
        /// The address that the browser asked for, in full.
        address: String,
        /// What became of it.
        reply: oneshot::Sender<Reception>,
    },
    /// The browser speaks TLS to a port that cannot (N8).
    Https,
}

/// What became of an answer.
pub(crate) enum Reception {
    /// It was taken; how it ends comes later.
    Taken(watch::Receiver<Option<Page>>),
    /// It was not.
    Refused(Code),
}

impl Loopback {
    /// Binds the first free port: any, or the first free of the list. Every address that the
    /// host name may stand for is bound, since a browser may try either first (S11).
    ///
    /// # Errors
    /// [`Code::PortTaken`].
    pub(crate) async fn bind(
        host: LoopbackHost,
        ports: Option<&[u16]>,
        path: String,
    ) -> Result<Self> {
        let any = [0; 10];
        for port in ports.unwrap_or(&any) {
            if let Ok(listeners) = bind_port(host, *port).await {
                let port = listeners[0].local_addr().map_err(taken)?.port();
                return Ok(Self { listeners, host, port, path });
            }
        }
        let tried = ports.unwrap_or_default().iter().map(u16::to_string).collect::<Vec<_>>();
        Err(Error::new(Code::PortTaken).detail(tried.join(", ")))
    }

    /// Where the answer is to come back to.
    pub(crate) fn redirect_uri(&self) -> String {
        format!("http://{}{}", self.authority(), self.path)
    }

    fn authority(&self) -> String {
        format!("{}:{}", self.host.as_str(), self.port)
    }

    /// Serves until an answer was taken and the browser has seen the outcome, or until `close`
    /// says that the attempt is over.
    pub(crate) async fn serve(
        self,
        visits: mpsc::Sender<Visit>,
        pages: Pages,
        close: watch::Receiver<bool>,
    ) {
        let (taken, mut progress) = watch::channel(Progress::Waiting);
        let desk = Arc::new(Desk {
            authority: self.authority(),
            path: self.path.clone(),
            visits,
            pages,
            taken,
            deciding: RwLock::new(()),
        });
        let mut connections = JoinSet::new();
        for listener in self.listeners {
            connections.spawn(accept(listener, Arc::clone(&desk)));
        }
        wait_until_over(&mut progress, close, &desk.deciding).await;
        connections.shutdown().await;
    }
}

fn taken(error: std::io::Error) -> Error {
    Error::new(Code::PortTaken).detail(error)
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

/// How far the port has come.
#[derive(Debug, Clone)]
enum Progress {
    Waiting,
    Taken(watch::Receiver<Option<Page>>),
    Shown,
}

async fn wait_until_over(
    progress: &mut watch::Receiver<Progress>,
    mut close: watch::Receiver<bool>,
    deciding: &RwLock<()>,
) {
    tokio::select! {
        () = until(progress, |state| !matches!(state, Progress::Waiting)) => {}
        () = until(&mut close, |closed| *closed) => {}
    }
    // An answer that is taken in the moment of closing is still told what became of it.
    drop(deciding.write().await);
    let Progress::Taken(mut outcome) = progress.borrow().clone() else { return };
    let told = async {
        until(&mut outcome, Option::is_some).await;
        tokio::time::sleep(LINGER).await;
    };
    tokio::select! {
        () = told => {}
        () = until(progress, |state| matches!(state, Progress::Shown)) => {
            // Let the last bytes of the page leave.
            tokio::time::sleep(FAREWELL).await;
        }
    }
}

/// Waits for a state, or for the end of whoever would bring it about.
async fn until<T>(watched: &mut watch::Receiver<T>, reached: impl FnMut(&T) -> bool) {
    let _ = watched.wait_for(reached).await;
}

/// What every connection needs to know.
struct Desk {
    authority: String,
    path: String,
    visits: mpsc::Sender<Visit>,
    pages: Pages,
    taken: watch::Sender<Progress>,
    /// Read by whoever waits to hear whether an answer is taken.
    deciding: RwLock<()>,
}

/// How long a port that cannot accept waits before it tries again.
const BREATH: Duration = Duration::from_millis(100);

async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, peer)) = listener.accept().await else {
            // Out of file descriptors, for one: trying at once again would spin.
            tokio::time::sleep(BREATH).await;
            continue;
        };
        if !peer.ip().is_loopback() {
            continue;
        }
        let desk = Arc::clone(&desk);
        connections.spawn(async move {
            converse(stream, &desk).await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(stream: TcpStream, desk: &Arc<Desk>) {
    let mut first = [0];
    let peeked = tokio::time::timeout(READ_LIMIT, stream.peek(&mut first)).await;
    if !matches!(peeked, Ok(Ok(1))) {
        return;
    }
    // The first byte of a TLS handshake record; no HTTP method begins so.
    if first == [0x16] {
        let _ = desk.visits.send(Visit::Https).await;
        return;
    }
    let service = service_fn(|request| {
        let desk = Arc::clone(desk);
        async move { Ok::<_, Infallible>(desk.answer(request).await) }
    });
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(READ_LIMIT)
        .max_buf_size(HEADER_LIMIT)
        // One request for each connection (S25).
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

impl Desk {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        // DNS rebinding: a page elsewhere may call this port by a name of its own (S14).
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        if host != Some(&self.authority) || request.uri().authority().is_some() {
            return self.pages.respond(StatusCode::MISDIRECTED_REQUEST, Page::Refused);
        }
        if request.method() != Method::GET {
            return self.pages.respond(StatusCode::METHOD_NOT_ALLOWED, Page::Refused);
        }
        match request.uri().path() {
            path if path == self.path => self.take(&request).await,
            "/done" => self.done().await,
            _ => self.pages.respond(StatusCode::NOT_FOUND, Page::Refused),
        }
    }

    async fn take(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let (reply, received) = oneshot::channel();
        let address = format!("http://{}{}", self.authority, request.uri());
        let visit = Visit::Answer { address, reply };
        let _deciding = self.deciding.read().await;
        if self.visits.send(visit).await.is_err() {
            return self.pages.respond(StatusCode::GONE, Page::Refused);
        }
        match received.await {
            Ok(Reception::Taken(outcome)) => {
                self.taken.send_replace(Progress::Taken(outcome));
                let mut response = self.pages.respond(StatusCode::SEE_OTHER, Page::Received);
                response
                    .headers_mut()
                    .insert(LOCATION, hyper::header::HeaderValue::from_static("/done"));
                response
            }
            Ok(Reception::Refused(Code::AlreadyUsed)) => {
                self.pages.respond(StatusCode::CONFLICT, Page::AlreadyUsed)
            }
            Ok(Reception::Refused(_)) | Err(_) => {
                self.pages.respond(StatusCode::BAD_REQUEST, Page::Refused)
            }
        }
    }

    async fn done(&self) -> Response<Full<Bytes>> {
        let progress = self.taken.borrow().clone();
        let Progress::Taken(mut outcome) = progress else {
            return self.pages.respond(StatusCode::NOT_FOUND, Page::Refused);
        };
        let known = tokio::time::timeout(DONE_WAIT, outcome.wait_for(Option::is_some)).await;
        let page = match known.map(|seen| seen.map(|seen| *seen)) {
            Ok(Ok(Some(page))) => page,
            Ok(Ok(None) | Err(_)) | Err(_) => Page::Received,
        };
        self.taken.send_replace(Progress::Shown);
        self.pages.respond(StatusCode::OK, page)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::settings::Language;

    struct Port {
        authority: String,
        visits: mpsc::Receiver<Visit>,
        close: watch::Sender<bool>,
        task: tokio::task::JoinHandle<()>,
    }

    async fn open() -> Port {
        let loopback =
            Loopback::bind(LoopbackHost::V4, None, "/callback/demo".into()).await.unwrap();
        let (sender, visits) = mpsc::channel(4);
        let (close, closed) = watch::channel(false);
        let authority = loopback.authority();
        let task = tokio::spawn(loopback.serve(sender, Pages::new(Language::En, "scheme"), closed));
        Port { authority, visits, close, task }
    }

    /// Sends bytes as they are and reads the whole answer.
    async fn raw(authority: &str, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(authority).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(authority: &str, path: &str) -> Vec<u8> {
        format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\n\r\n").into_bytes()
    }

    /// S14, U24: only GET, only the exact path, only our Host; nothing else reaches the attempt.
    #[tokio::test]
    async fn strangers_do_not_reach_the_attempt() {
        let mut port = open().await;
        let at = port.authority.clone();
        for (request, status) in [
            (
                format!(
                    "POST /callback/demo?code=c&state=s HTTP/1.1\r\nHost: {at}\r\nContent-Length: 0\r\n\r\n"
                ),
                "405",
            ),
            (format!("OPTIONS /callback/demo HTTP/1.1\r\nHost: {at}\r\n\r\n"), "405"),
            (format!("HEAD /callback/demo?code=c&state=s HTTP/1.1\r\nHost: {at}\r\n\r\n"), "405"),
            (format!("GET /favicon.ico HTTP/1.1\r\nHost: {at}\r\n\r\n"), "404"),
            (format!("GET /callback/demo/ HTTP/1.1\r\nHost: {at}\r\n\r\n"), "404"),
            (format!("GET /done HTTP/1.1\r\nHost: {at}\r\n\r\n"), "404"),
            (
                "GET /callback/demo?code=c&state=s HTTP/1.1\r\nHost: evil.example\r\n\r\n"
                    .to_owned(),
                "421",
            ),
            (
                "GET /callback/demo?code=c&state=s HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
                "421",
            ),
            ("GET /callback/demo?code=c&state=s HTTP/1.1\r\n\r\n".to_owned(), "4"),
        ] {
            let answer = raw(&at, request.as_bytes()).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request}: {answer}");
        }
        assert!(port.visits.try_recv().is_err());
    }

    /// S25: a header that never ends is cut off, and so is a connection that says nothing.
    #[tokio::test]
    async fn an_endless_header_is_cut_off() {
        let port = open().await;
        let mut request = get(&port.authority, "/callback/demo");
        request.truncate(request.len() - 2);
        request.extend(format!("X: {}\r\n\r\n", "x".repeat(HEADER_LIMIT)).into_bytes());
        let answer = raw(&port.authority, &request).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }

    /// N8, U6: a browser that speaks TLS is recognised.
    #[tokio::test]
    async fn tls_on_the_port_is_recognised() {
        let mut port = open().await;
        assert_eq!(raw(&port.authority, &[0x16, 3, 1, 0, 200]).await, "");
        assert!(matches!(port.visits.recv().await, Some(Visit::Https)));
    }

    /// S12, S24: 303 to a page without the code, which says how it ended; then the port closes.
    #[tokio::test]
    async fn the_browser_is_told_how_it_ended() {
        let mut port = open().await;
        let at = port.authority.clone();
        let asked = tokio::spawn(async move {
            raw(&at, &get(&at, "/callback/demo?code=the-code&state=the-state")).await
        });
        let Some(Visit::Answer { address, reply }) = port.visits.recv().await else {
            panic!("no answer")
        };
        assert_eq!(
            address,
            format!("http://{}/callback/demo?code=the-code&state=the-state", port.authority)
        );
        let (outcome, known) = watch::channel(None);
        assert!(reply.send(Reception::Taken(known)).is_ok());
        let answer = asked.await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 303") && answer.contains("location: /done"),
            "{answer}"
        );
        assert!(!answer.contains("the-code") && !answer.contains("the-state"));
        outcome.send(Some(Page::SignedIn)).unwrap();
        let page = raw(&port.authority, &get(&port.authority, "/done")).await;
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("You are signed in"), "{page}");
        for header in [
            "content-security-policy: default-src 'none'",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "x-content-type-options: nosniff",
        ] {
            assert!(page.contains(header), "{header}: {page}");
        }
        port.task.await.unwrap();
        assert!(TcpStream::connect(&port.authority).await.is_err());
    }

    /// A sign-in may end with the answer that is just being taken, and so close its port: the
    /// browser is told all the same.
    #[tokio::test]
    async fn closing_waits_for_the_answer_that_is_being_taken() {
        let mut port = open().await;
        let at = port.authority.clone();
        let asked =
            tokio::spawn(
                async move { raw(&at, &get(&at, "/callback/demo?error=e&state=s")).await },
            );
        let Some(Visit::Answer { reply, .. }) = port.visits.recv().await else {
            panic!("no answer")
        };
        port.close.send(true).unwrap();
        // Whoever closes gets its turns.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        let (_outcome, known) = watch::channel(Some(Page::Failed));
        assert!(reply.send(Reception::Taken(known)).is_ok());
        let answer = asked.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer:?}");
        let page = raw(&port.authority, &get(&port.authority, "/done")).await;
        assert!(page.starts_with("HTTP/1.1 200"), "{page:?}");
        port.task.await.unwrap();
    }

    /// S15: an answer that matches nothing gets 4xx and leaves the port open.
    #[tokio::test]
    async fn a_refused_answer_leaves_the_port_open() {
        let mut port = open().await;
        let at = port.authority.clone();
        let asked = tokio::spawn(async move {
            raw(&at, &get(&at, "/callback/demo?code=c&state=foreign")).await
        });
        let Some(Visit::Answer { reply, .. }) = port.visits.recv().await else {
            panic!("no answer")
        };
        assert!(reply.send(Reception::Refused(Code::UnknownState)).is_ok());
        assert!(asked.await.unwrap().starts_with("HTTP/1.1 400"));
        assert!(TcpStream::connect(&port.authority).await.is_ok());
        port.close.send(true).unwrap();
        port.task.await.unwrap();
        assert!(TcpStream::connect(&port.authority).await.is_err());
    }

    /// S11: loopback addresses only; by name, both families on one port.
    #[tokio::test]
    async fn only_loopback_is_bound() {
        let by_name = Loopback::bind(LoopbackHost::Name, None, "/".into()).await.unwrap();
        let addresses: Vec<_> = by_name.listeners.iter().map(|l| l.local_addr().unwrap()).collect();
        assert!(
            addresses
                .iter()
                .all(|address| address.ip().is_loopback() && address.port() == by_name.port)
        );
        let by_address = Loopback::bind(LoopbackHost::V4, None, "/".into()).await.unwrap();
        assert_eq!(by_address.listeners.len(), 1);
    }

    /// S11, S13, U7: a port that is taken is passed over; when all are, it is an error.
    #[tokio::test]
    async fn a_taken_port_is_passed_over() {
        let first = Loopback::bind(LoopbackHost::V4, None, "/".into()).await.unwrap();
        let second = Loopback::bind(LoopbackHost::V4, None, "/".into()).await.unwrap();
        let (taken, free) = (first.port, second.port);
        drop(second);
        let third =
            Loopback::bind(LoopbackHost::V4, Some(&[taken, free]), "/".into()).await.unwrap();
        assert_eq!(third.port, free);
        let none = Loopback::bind(LoopbackHost::V4, Some(&[taken]), "/".into())
            .await
            .map(|_| ())
            .unwrap_err();
        assert_eq!(none.code(), Code::PortTaken);
    }
}
