//! The receiver from outside, as browsers and strangers meet it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::connections::{CONNECTIONS, HEADER_LIMIT, READ_LIMIT};
use super::*;
use crate::redirect::page::PageTexts;

const AUTHORIZE: &str = "https://provider.example/authorize?state=s&code_challenge=c";

fn pages() -> Pages {
    Pages::new(Arc::new(PageTexts::english("Example")), "com.example.app:/open".to_owned())
}

struct Port {
    authority: String,
    visits: mpsc::Receiver<Visit>,
    close: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

async fn open() -> Port {
    serve(Loopback::bind(LoopbackHost::V4, None, "/callback/demo".into()).await.unwrap())
}

/// One test at a time has hundreds of sockets: a process may have a thousand files.
static CROWD: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A port with a start link, and the link.
async fn open_with_start() -> (Port, String) {
    let mut loopback =
        Loopback::bind(LoopbackHost::V4, None, "/callback/demo".into()).await.unwrap();
    let link = loopback.start_link(AUTHORIZE);
    (serve(loopback), link)
}

fn serve(loopback: Loopback) -> Port {
    let (sender, visits) = mpsc::channel(4);
    let (close, closed) = watch::channel(false);
    let authority = loopback.authority();
    let task = tokio::spawn(loopback.serve(sender, pages(), closed));
    Port { authority, visits, close, task }
}

/// Sends bytes as they are and reads the whole response.
async fn raw(authority: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response).await;
    String::from_utf8_lossy(&response).into_owned()
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
        (format!("GET /start/ HTTP/1.1\r\nHost: {at}\r\n\r\n"), "404"),
        // The absolute form is for proxies (RFC 9112, section 3.2.2).
        (
            format!("GET http://{at}/callback/demo?code=c&state=s HTTP/1.1\r\nHost: {at}\r\n\r\n"),
            "421",
        ),
        (
            format!(
                "GET http://evil.example/callback/demo?code=c&state=s HTTP/1.1\r\nHost: {at}\r\n\r\n"
            ),
            "421",
        ),
        (
            "GET /callback/demo?code=c&state=s HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned(),
            "421",
        ),
        ("GET /callback/demo?code=c&state=s HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), "421"),
        ("GET /callback/demo?code=c&state=s HTTP/1.1\r\n\r\n".to_owned(), "4"),
    ] {
        let response = tokio::select! {
            response = raw(&at, request.as_bytes()) => response,
            _ = port.visits.recv() => panic!("it reached the attempt: {request}"),
        };
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{request}: {response}");
    }
    assert!(port.visits.try_recv().is_err());
}

/// S25: a header that never ends is cut off.
#[tokio::test]
async fn an_endless_header_is_cut_off() {
    let port = open().await;
    let mut request = get(&port.authority, "/callback/demo");
    request.truncate(request.len() - 2);
    request.extend(format!("X: {}\r\n\r\n", "x".repeat(HEADER_LIMIT)).into_bytes());
    let response = raw(&port.authority, &request).await;
    assert!(response.starts_with("HTTP/1.1 431"), "{response}");
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
    let Some(Visit::Response { address, reply, .. }) = port.visits.recv().await else {
        panic!("no response")
    };
    assert_eq!(
        address,
        format!("http://{}/callback/demo?code=the-code&state=the-state", port.authority)
    );
    let (outcome, known) = watch::channel(None);
    assert!(reply.send(Reception::Taken(known)).is_ok());
    let response = asked.await.unwrap();
    assert!(
        response.starts_with("HTTP/1.1 303") && response.contains("location: /done"),
        "{response}"
    );
    assert!(!response.contains("the-code") && !response.contains("the-state"));
    outcome.send(Some(Page::SignedIn(Some("Mira".into())))).unwrap();
    let page = raw(&port.authority, &get(&port.authority, "/done")).await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Signed in as Mira"), "{page}");
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

/// A sign-in may end with the response that is just being taken, and so close its port: the
/// browser is told all the same.
#[tokio::test]
async fn closing_waits_for_the_response_that_is_being_taken() {
    let mut port = open().await;
    let at = port.authority.clone();
    let asked =
        tokio::spawn(async move { raw(&at, &get(&at, "/callback/demo?error=e&state=s")).await });
    let Some(Visit::Response { reply, .. }) = port.visits.recv().await else {
        panic!("no response")
    };
    port.close.send(true).unwrap();
    // A connection that closes gets its turns.
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    let (_outcome, known) = watch::channel(Some(Page::Failed));
    assert!(reply.send(Reception::Taken(known)).is_ok());
    let response = asked.await.unwrap();
    assert!(response.starts_with("HTTP/1.1 303"), "{response:?}");
    let page = raw(&port.authority, &get(&port.authority, "/done")).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page:?}");
    port.task.await.unwrap();
}

/// S15: a response that matches nothing gets 4xx and leaves the port open.
#[tokio::test]
async fn a_refused_response_leaves_the_port_open() {
    let mut port = open().await;
    let at = port.authority.clone();
    let asked =
        tokio::spawn(
            async move { raw(&at, &get(&at, "/callback/demo?code=c&state=foreign")).await },
        );
    let Some(Visit::Response { reply, .. }) = port.visits.recv().await else {
        panic!("no response")
    };
    assert!(reply.send(Reception::Refused(Page::Unknown)).is_ok());
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
    let third = Loopback::bind(LoopbackHost::V4, Some(&[taken, free]), "/".into()).await.unwrap();
    assert_eq!(third.port, free);
    let none =
        Loopback::bind(LoopbackHost::V4, Some(&[taken]), "/".into()).await.map(|_| ()).unwrap_err();
    assert_eq!(none.kind(), ErrorKind::PortTaken);
}

/// A connection that says `bytes` and no more.
async fn slow(authority: &str, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// Whether the port has closed a connection, by now or within a time.
async fn closes(stream: &mut TcpStream, within: Duration) -> bool {
    timeout(within, stream.read(&mut [0])).await.is_ok_and(|read| !matches!(read, Ok(1..)))
}

/// S25: a connection that says nothing has five seconds, and so has one whose header does not end.
#[tokio::test]
async fn a_slow_connection_is_cut_off() {
    let port = open().await;
    for said in [&b""[..], b"GET /callback/demo HTTP/1.1\r\nHost: "] {
        let mut stream = slow(&port.authority, said).await;
        // The port looks at it before time passes.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        assert!(!closes(&mut stream, Duration::ZERO).await, "{said:?}");
        tokio::time::pause();
        tokio::time::advance(READ_LIMIT + Duration::from_millis(1)).await;
        tokio::time::resume();
        assert!(closes(&mut stream, READ_LIMIT / 2).await, "{said:?}");
    }
}

/// S25: so many connections at once and no more; the oldest that has asked for nothing goes first.
#[tokio::test]
async fn the_oldest_silent_connection_makes_room() {
    let _crowd = CROWD.lock().await;
    let mut port = open().await;
    let at = port.authority.clone();
    let asking =
        tokio::spawn(async move { raw(&at, &get(&at, "/callback/demo?code=c&state=s")).await });
    // The very first has asked, and is being answered.
    let Some(Visit::Response { reply, .. }) = port.visits.recv().await else {
        panic!("no response")
    };
    let mut streams = Vec::new();
    for number in 0..CONNECTIONS + 10 {
        let said: &[u8] = if number % 2 == 0 { b"" } else { b"GET /cal" };
        streams.push(slow(&port.authority, said).await);
    }
    let (gone, stay) = streams.split_at_mut(11);
    for stream in gone {
        assert!(closes(stream, READ_LIMIT / 2).await, "there are more connections than allowed");
    }
    for stream in stay {
        assert!(!closes(stream, Duration::ZERO).await, "one too many was closed");
    }
    assert!(reply.send(Reception::Refused(Page::Unknown)).is_ok());
    assert!(asking.await.unwrap().starts_with("HTTP/1.1 400"));
}

/// S25: the listeners of a port share its places.
#[tokio::test]
async fn the_families_share_the_places_of_a_port() {
    let _crowd = CROWD.lock().await;
    let loopback = Loopback::bind(LoopbackHost::Name, None, "/".into()).await.unwrap();
    if loopback.listeners.len() == 1 {
        // A machine without IPv6.
        return;
    }
    let port = loopback.port;
    let (visits, _visits) = mpsc::channel(4);
    let (_close, closed) = watch::channel(false);
    tokio::spawn(loopback.serve(visits, pages(), closed));
    let mut streams = Vec::new();
    for number in 0..CONNECTIONS + 10 {
        let host = if number % 2 == 0 { "127.0.0.1" } else { "[::1]" };
        streams.push(slow(&format!("{host}:{port}"), b"").await);
    }
    let mut left = 0;
    for stream in &mut streams {
        left += usize::from(!closes(stream, Duration::from_millis(20)).await);
    }
    assert_eq!(left, CONNECTIONS);
}

/// N8: the message about TLS does not wait for a running attempt.
#[tokio::test]
async fn tls_delays_no_other_connection() {
    let port = open().await;
    // More than the attempt takes in without looking.
    for _ in 0..8 {
        assert_eq!(raw(&port.authority, &[0x16, 3, 1, 0, 200]).await, "");
    }
}

/// S25: idle connections, however many, keep no browser from its response, nor from `/done`.
#[tokio::test]
async fn idle_connections_delay_no_response() {
    let _crowd = CROWD.lock().await;
    for idle in [32, 64, 300] {
        let mut port = open().await;
        let mut streams = Vec::new();
        for _ in 0..idle {
            streams.push(slow(&port.authority, b"GET ").await);
        }
        let at = port.authority.clone();
        let browser = tokio::spawn(async move {
            let response = raw(&at, &get(&at, "/callback/demo?code=c&state=s")).await;
            (response, raw(&at, &get(&at, "/done")).await)
        });
        let in_time = timeout(READ_LIMIT / 2, async {
            let Some(Visit::Response { reply, .. }) = port.visits.recv().await else {
                panic!("no response")
            };
            let (_outcome, known) = watch::channel(Some(Page::SignedIn(None)));
            assert!(reply.send(Reception::Taken(known)).is_ok());
            browser.await.unwrap()
        });
        let (response, page) = in_time.await.unwrap_or_else(|_| panic!("{idle} delay it"));
        assert!(response.starts_with("HTTP/1.1 303"), "{idle}: {response}");
        assert!(page.starts_with("HTTP/1.1 200"), "{idle}: {page}");
        port.task.await.unwrap();
    }
}

/// A browser that has connected by the time that the port closes is answered, not cut off.
#[tokio::test]
async fn a_queued_connection_is_answered_before_the_port_closes() {
    let port = open().await;
    port.close.send(true).unwrap();
    // On this one thread the port has had no turn yet: all of these are in its queue.
    let mut queued = Vec::new();
    for _ in 0..20 {
        let stream = std::net::TcpStream::connect(&port.authority).unwrap();
        std::io::Write::write_all(&mut &stream, &get(&port.authority, "/done")).unwrap();
        stream.set_nonblocking(true).unwrap();
        queued.push(TcpStream::from_std(stream).unwrap());
    }
    port.task.await.unwrap();
    for mut stream in queued {
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        assert!(response.starts_with("HTTP/1.1 404"), "{response:?}");
    }
    assert!(TcpStream::connect(&port.authority).await.is_err());
}

/// A neighbour who asks for `/done` does not close the port before the browser has come.
#[tokio::test]
async fn a_neighbour_does_not_take_the_last_page_away() {
    let mut port = open().await;
    let at = port.authority.clone();
    assert!(raw(&at, &get(&at, "/done")).await.starts_with("HTTP/1.1 404"));
    let browser = {
        let at = at.clone();
        tokio::spawn(async move { raw(&at, &get(&at, "/callback/demo?code=c&state=s")).await })
    };
    let Some(Visit::Response { reply, .. }) = port.visits.recv().await else {
        panic!("no response")
    };
    let (_outcome, known) = watch::channel(Some(Page::SignedIn(None)));
    assert!(reply.send(Reception::Taken(known)).is_ok());
    assert!(browser.await.unwrap().starts_with("HTTP/1.1 303"));
    for who in ["the neighbour", "the browser"] {
        assert!(raw(&at, &get(&at, "/done")).await.starts_with("HTTP/1.1 200"), "{who}");
    }
    port.task.await.unwrap();
}

/// S24: the start link redirects to the provider without a Referer; a second request is
/// not redirected, and the attempt is notified of both.
#[tokio::test]
async fn the_start_link_works_once() {
    let (mut port, link) = open_with_start().await;
    let at = port.authority.clone();
    let path = link.strip_prefix(&format!("http://{at}")).unwrap();
    // 256 bits, of which nothing is in the authorization request.
    assert_eq!(path.strip_prefix("/start/").unwrap().len(), 64);
    for (request, status) in [
        (format!("HEAD {path} HTTP/1.1\r\nHost: {at}\r\n\r\n"), "405"),
        (format!("POST {path} HTTP/1.1\r\nHost: {at}\r\nContent-Length: 0\r\n\r\n"), "405"),
        (format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n"), "421"),
        (format!("GET http://{at}{path} HTTP/1.1\r\nHost: {at}\r\n\r\n"), "421"),
        (format!("GET {path}0 HTTP/1.1\r\nHost: {at}\r\n\r\n"), "404"),
        (format!("GET /start/{} HTTP/1.1\r\nHost: {at}\r\n\r\n", "0".repeat(64)), "404"),
    ] {
        let response = raw(&at, request.as_bytes()).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{request}: {response}");
    }
    assert!(port.visits.try_recv().is_err(), "none of them used it up");
    let led = raw(&at, &get(&at, path)).await;
    assert!(led.starts_with("HTTP/1.1 303"), "{led}");
    for header in [
        &format!("location: {AUTHORIZE}"),
        "cache-control: no-store",
        "referrer-policy: no-referrer",
    ] {
        assert!(led.contains(header), "{header}: {led}");
    }
    assert!(matches!(port.visits.recv().await, Some(Visit::Started)));
    for _ in 0..2 {
        let again = raw(&at, &get(&at, path)).await;
        assert!(again.starts_with("HTTP/1.1 410") && !again.contains(AUTHORIZE), "{again}");
        assert!(matches!(port.visits.recv().await, Some(Visit::StartedAgain)));
    }
}

/// S11: a port that another process has on `::1`, which a browser may try first, is not used.
#[tokio::test]
async fn a_squatter_on_the_other_family_is_passed_over() {
    let Ok(squatter) = std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else {
        // A machine without IPv6.
        return;
    };
    let theirs = squatter.local_addr().unwrap().port();
    let free = Loopback::bind(LoopbackHost::Name, None, "/".into()).await.unwrap().port;
    let ports = [theirs, free];
    let bound = Loopback::bind(LoopbackHost::Name, Some(&ports), "/".into()).await.unwrap();
    assert_eq!(bound.port, free);
    let none = Loopback::bind(LoopbackHost::Name, Some(&[theirs]), "/".into()).await;
    assert_eq!(none.map(|_| ()).unwrap_err().kind(), ErrorKind::PortTaken);
    // Who is known by `127.0.0.1` alone is not reached by way of `::1`.
    assert!(Loopback::bind(LoopbackHost::V4, Some(&[theirs]), "/".into()).await.is_ok());
}

/// RFC 6749, section 10.12: a response with the state of another request ends no sign-in, even if
/// the provider's state is plain, and signs in no other account.
#[tokio::test]
async fn a_response_with_another_state_is_refused() {
    use crate::http::Http;
    use crate::provider::built_in;
    use crate::{Client, ErrorKind, ProviderConfig};
    for provider in ["line", "google"] {
        let mut config =
            ProviderConfig::new(built_in(provider).unwrap()).with_client("c", Some("s".into()));
        // Nothing is sent to the provider itself.
        config.endpoints.token = Some("https://127.0.0.1:1/token".parse().unwrap());
        let client = Client::new(Http::new("test", Arc::new(|| 0)).unwrap(), config);
        let loopback =
            Loopback::bind(LoopbackHost::V4, None, "/callback/demo".into()).await.unwrap();
        let at = loopback.authority();
        let (sender, link) = oneshot::channel();
        let open = move |link: &str| drop(sender.send(link.to_owned()));
        let signing_in = tokio::spawn(async move {
            let lifetime = Duration::from_secs(60);
            loopback.sign_in(&client, pages(), lifetime, open).await.map(drop)
        });
        let link = link.await.unwrap();
        let begun = raw(&at, &get(&at, &link[format!("http://{at}").len()..])).await;
        let state = begun.split_once("state=").unwrap().1.split(['&', '\r']).next().unwrap();
        let other = "0123456789abcdef0123456789abcdef";
        let response = raw(&at, &get(&at, &format!("/callback/demo?code=c&state={other}"))).await;
        assert!(response.starts_with("HTTP/1.1 400"), "{provider}: {response}");
        let response = raw(&at, &get(&at, &format!("/callback/demo?code=c&state={state}"))).await;
        assert!(response.starts_with("HTTP/1.1 303"), "{provider}: {response}");
        raw(&at, &get(&at, "/done")).await;
        let failed = signing_in.await.unwrap().unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Unreachable, "the code is sent");
    }
}
