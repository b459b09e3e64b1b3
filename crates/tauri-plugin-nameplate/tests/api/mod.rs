//! An API that behaves as its path says, and records what it hears.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Heard {
    pub fn header(&self, name: &str) -> Vec<String> {
        let named = self.headers.iter().filter(|(known, _)| known == name);
        named.map(|(_, value)| value.clone()).collect()
    }
}

pub struct Api {
    pub origin: String,
    shared: Arc<Shared>,
}

struct Shared {
    heard: Mutex<Vec<Heard>>,
    count: watch::Sender<usize>,
    redirect: Mutex<String>,
}

impl Api {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            heard: Mutex::default(),
            count: watch::Sender::new(0),
            redirect: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, Arc::clone(&serving)));
            }
        });
        Self { origin, shared }
    }

    pub fn host(&self) -> &str {
        self.origin.trim_start_matches("http://")
    }

    pub fn heard(&self) -> Vec<Heard> {
        lock(&self.shared.heard).clone()
    }

    pub fn redirect_to(&self, address: String) {
        *lock(&self.shared.redirect) = address;
    }

    pub async fn until_heard(&self, count: usize) {
        self.shared.count.subscribe().wait_for(|heard| *heard >= count).await.unwrap();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

/// One request; the connection is closed after the response.
async fn serve(mut connection: TcpStream, shared: Arc<Shared>) {
    let Some(heard) = read(&mut connection).await else { return };
    let path = heard.line.split(' ').nth(1).unwrap().to_owned();
    let is_first = {
        let mut all = lock(&shared.heard);
        let known = all.iter().any(|one| one.line == heard.line);
        all.push(heard);
        !known
    };
    shared.count.send_modify(|count| *count += 1);
    let redirect = lock(&shared.redirect).clone();
    let head = |status: &str, more: &str| {
        format!("HTTP/1.1 {status}\r\nSet-Cookie: session=1\r\nConnection: close\r\n{more}\r\n")
    };
    let response = match path.strip_prefix("/v1/").unwrap_or_default() {
        "silent" => std::future::pending().await,
        "huge" => head("200 OK", "Content-Length: 1073741824\r\n"),
        "endless" => head("200 OK", ""),
        "first-token-is-refused" if is_first => head("401 Unauthorized", "Content-Length: 0\r\n"),
        "no-token-is-taken" => head("401 Unauthorized", "Content-Length: 0\r\n"),
        path => match path.strip_prefix("redirect/") {
            Some(status) => {
                let more = format!("Location: {redirect}\r\nContent-Length: 0\r\n");
                head(&format!("{status} Redirect"), &more)
            }
            None => head("200 OK", "Content-Length: 5\r\n") + "hello",
        },
    };
    let mut sent = connection.write_all(response.as_bytes()).await;
    while path == "/v1/endless" && sent.is_ok() {
        sent = connection.write_all(&[b'x'; 4096]).await;
    }
    if path == "/v1/huge" {
        std::future::pending::<()>().await;
    }
}

async fn read(connection: &mut TcpStream) -> Option<Heard> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 8192]);
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        let length = connection.read(&mut chunk).await.ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(&chunk[..length]);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_lowercase(), value.to_owned())
    };
    let headers: Vec<_> = lines.map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        let read = connection.read(&mut chunk).await.ok().filter(|length| *length > 0)?;
        body.extend_from_slice(&chunk[..read]);
    }
    Some(Heard { line, headers, body: String::from_utf8(body).unwrap() })
}
