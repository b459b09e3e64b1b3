//! The connections of a port: a limited number at once, each with a limited time for its
//! request (S25).

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::peer::Peer;
use super::respond::Responder;
use super::{LINGER, Visit};

/// Connections that are open at once; each takes two file descriptors. With fewer, the connections of another user
/// displace that of a browser which has not sent its request yet.
pub(super) const CONNECTIONS: usize = 96;
/// Of request line and headers together.
pub(super) const HEADER_LIMIT: usize = 16 * 1024;
/// Time for a request, from the connection to the end of its headers.
pub(super) const READ_LIMIT: Duration = Duration::from_secs(5);
/// How long a port that cannot accept waits before it tries again.
const BREATH: Duration = Duration::from_millis(100);
/// How long a connection has for its request when the port closes.
const FAREWELL: Duration = Duration::from_millis(100);
/// What the system queues for a listener of tokio's.
const BACKLOG: usize = 1024;

/// Serves the listeners of a port until `over`, and then the connections that exist at that
/// time.
pub(super) async fn serve(
    mut listeners: Vec<TcpListener>,
    responder: Arc<Responder>,
    mut over: watch::Receiver<bool>,
) {
    let mut connections = Connections { responder, tasks: JoinSet::new(), places: VecDeque::new() };
    loop {
        let accepted = tokio::select! {
            biased;
            _ = over.wait_for(|over| *over) => break,
            accepted = accept(&listeners) => accepted,
        };
        match accepted {
            Ok(stream) => {
                connections.add(stream).await;
                // A flood on one does not keep the others waiting.
                listeners.rotate_left(1);
            }
            // Out of file descriptors, for one: trying at once again would spin.
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
    // A browser that has connected must not be cut off.
    for stream in listeners.into_iter().flat_map(queued) {
        connections.add(stream).await;
    }
    connections.finish().await;
}

/// The next connection of any of them.
async fn accept(listeners: &[TcpListener]) -> std::io::Result<TcpStream> {
    std::future::poll_fn(|context| {
        let mut polled = listeners.iter().map(|listener| listener.poll_accept(context));
        match polled.find(Poll::is_ready) {
            Some(accepted) => accepted.map_ok(|(stream, _)| stream),
            None => Poll::Pending,
        }
    })
    .await
}

/// The connections that the system has accepted and this program has not.
fn queued(listener: TcpListener) -> impl Iterator<Item = TcpStream> {
    let listener = listener.into_std().ok();
    let next = move || {
        let (stream, _) = listener.as_ref()?.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        TcpStream::from_std(stream).ok()
    };
    std::iter::from_fn(next).take(BACKLOG)
}

struct Connections {
    responder: Arc<Responder>,
    tasks: JoinSet<()>,
    /// Oldest first.
    places: VecDeque<Place>,
}

/// What the acceptor knows of a connection.
struct Place {
    connection: Weak<Connection>,
    task: AbortHandle,
}

/// What a connection's task shares with the acceptor. It goes with the task.
struct Connection {
    /// Set once: by the request when it is complete, or by the acceptor that gives up on it.
    decided: AtomicBool,
    /// The same socket once more, to look whether something has come.
    socket: std::net::TcpStream,
}

impl Connection {
    /// Whether the caller decides first.
    fn decide(&self) -> bool {
        !self.decided.swap(true, Ordering::SeqCst)
    }

    fn is_reading(&self) -> bool {
        !self.decided.load(Ordering::SeqCst)
    }

    /// Bytes have arrived that its task has not read yet.
    fn has_unread(&self) -> bool {
        matches!(self.socket.peek(&mut [0]), Ok(1))
    }
}

impl Connections {
    async fn add(&mut self, stream: TcpStream) {
        let peer = match Peer::of(&stream) {
            Ok(peer) if peer.is_loopback() => peer,
            Ok(_) | Err(_) => return,
        };
        // By way of the standard library, which alone can clone it.
        let Ok(socket) = stream.into_std() else { return };
        let (Ok(clone), Ok(stream)) = (socket.try_clone(), TcpStream::from_std(socket)) else {
            return;
        };
        self.make_room().await;
        let connection = Connection { decided: AtomicBool::new(false), socket: clone };
        let connection = Arc::new(connection);
        let place = Arc::downgrade(&connection);
        let task =
            self.tasks.spawn(converse(stream, peer, connection, Arc::clone(&self.responder)));
        self.places.push_back(Place { connection: place, task });
    }

    /// Waits for a place. The oldest connection without a complete request gives up its own; one
    /// whose request is being answered never does.
    async fn make_room(&mut self) {
        loop {
            while self.tasks.try_join_next().is_some() {}
            self.places.retain(|place| place.connection.strong_count() > 0);
            if self.places.len() < CONNECTIONS || self.give_up_oldest() {
                return;
            }
            let reads = |place: &Place| place.connection.upgrade().is_some_and(|c| c.is_reading());
            if self.places.iter().any(reads) {
                // What has arrived is read now.
                tokio::task::yield_now().await;
            } else {
                let _ = self.tasks.join_next().await;
            }
        }
    }

    fn give_up_oldest(&mut self) -> bool {
        let silent = |place: &Place| {
            place.connection.upgrade().is_some_and(|c| !c.has_unread() && c.decide())
        };
        let Some(oldest) = self.places.iter().position(silent) else { return false };
        if let Some(place) = self.places.remove(oldest) {
            place.task.abort();
        }
        true
    }

    /// Lets the open connections send their request, then closes those that have not.
    async fn finish(mut self) {
        if tokio::time::timeout(FAREWELL, self.all_ended()).await.is_err() {
            while self.give_up_oldest() {}
            let _ = tokio::time::timeout(LINGER, self.all_ended()).await;
        }
    }

    async fn all_ended(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn converse(
    stream: TcpStream,
    peer: Peer,
    connection: Arc<Connection>,
    responder: Arc<Responder>,
) {
    let begun = Instant::now();
    let mut first = [0];
    let peeked = tokio::time::timeout(READ_LIMIT, stream.peek(&mut first)).await;
    if !matches!(peeked, Ok(Ok(1))) {
        return;
    }
    // The first byte of a TLS handshake record; no HTTP method begins so.
    if first == [0x16] {
        responder.hint(Visit::Https);
        return;
    }
    let service = service_fn(|request| {
        let (responder, connection) = (&responder, &connection);
        async move {
            if !connection.decide() {
                return Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted));
            }
            Ok(responder.respond(request, peer).await)
        }
    });
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(READ_LIMIT.saturating_sub(begun.elapsed()))
        .max_buf_size(HEADER_LIMIT)
        // One request for each connection (S25).
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
