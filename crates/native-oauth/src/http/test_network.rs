//! A network of a test: hosts that are reached by https at their public names, and a name server.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, KeyPair};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::Value;
use tokio::net::{TcpListener, UdpSocket};
use tokio_rustls::TlsAcceptor;

use super::direct::Direct;
use super::{Http, PublicResolver, Reach};

/// The network; it ends with the runtime.
pub(crate) struct Network {
    known: Arc<Mutex<Known>>,
    hosts: Vec<String>,
    https: SocketAddr,
    names: SocketAddr,
    certificate: CertificateDer<'static>,
}

/// What is said in it, and what was asked.
#[derive(Default)]
struct Known {
    /// Status and body by address without scheme.
    pages: HashMap<String, (u16, String)>,
    /// TXT records by name.
    texts: HashMap<String, Vec<String>>,
    requests: Vec<String>,
}

impl Network {
    pub(crate) async fn start(hosts: &[&str]) -> Self {
        let hosts: Vec<_> = hosts.iter().map(|&host| host.to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(hosts.clone()).unwrap().self_signed(&key).unwrap();
        let certificate = certificate.der().clone();
        let known: Arc<Mutex<Known>> = Arc::default();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let tls = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key.into())
            .unwrap();
        let https = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let names = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let network = Self {
            known: Arc::clone(&known),
            hosts,
            https: https.local_addr().unwrap(),
            names: names.local_addr().unwrap(),
            certificate,
        };
        tokio::spawn(serve(https, TlsAcceptor::from(Arc::new(tls)), Arc::clone(&known)));
        tokio::spawn(resolve(names, known));
        network
    }

    /// The client for servers that are not trusted, in this network.
    pub(crate) fn http(&self) -> Http {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let resolver = HostsFirst { hosts: self.hosts.clone(), https: self.https };
        let builder = super::builder("test").unwrap().tls_backend_preconfigured(tls);
        let builder = builder.no_proxy().dns_resolver(Arc::new(resolver));
        Http::of(builder, Direct::new("test"), Arc::new(|| 0), Reach::Public).unwrap()
    }

    /// The address of the name server.
    pub(crate) fn name_server(&self) -> SocketAddr {
        self.names
    }

    /// A page, such as `pds.example.com/path`, with its status.
    pub(crate) fn page(&self, place: &str, status: u16, body: &str) {
        self.known.lock().unwrap().pages.insert(place.to_owned(), (status, body.to_owned()));
    }

    pub(crate) fn json(&self, place: &str, body: &Value) {
        self.page(place, 200, &body.to_string());
    }

    /// TXT records.
    pub(crate) fn texts(&self, name: &str, texts: &[&str]) {
        let texts = texts.iter().map(|&text| text.to_owned()).collect();
        self.known.lock().unwrap().texts.insert(name.to_owned(), texts);
    }

    /// What was asked for by https, without scheme and query.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.known.lock().unwrap().requests.clone()
    }
}

/// The hosts of the network; any other name by the system, as long as it is public.
struct HostsFirst {
    hosts: Vec<String>,
    https: SocketAddr,
}

impl Resolve for HostsFirst {
    fn resolve(&self, name: Name) -> Resolving {
        if !self.hosts.iter().any(|host| host == name.as_str()) {
            return PublicResolver.resolve(name);
        }
        let found: Addrs = Box::new(std::iter::once(self.https));
        Box::pin(async { Ok(found) })
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, known: Arc<Mutex<Known>>) {
    while let Ok((socket, _)) = listener.accept().await {
        let (tls, known) = (tls.clone(), Arc::clone(&known));
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(socket).await else { return };
            let response = service_fn(|request: hyper::Request<Incoming>| {
                let response = respond(&request, &known);
                async { Ok::<_, Infallible>(response) }
            });
            let http = hyper::server::conn::http1::Builder::new();
            let _ = http.serve_connection(TokioIo::new(stream), response).await;
        });
    }
}

fn respond(
    request: &hyper::Request<Incoming>,
    known: &Mutex<Known>,
) -> hyper::Response<Full<Bytes>> {
    let host = request.headers()["host"].to_str().unwrap();
    let place = format!("{host}{}", request.uri().path());
    let mut known = known.lock().unwrap();
    known.requests.push(place.clone());
    let (status, body) = known.pages.get(&place).cloned().unwrap_or((404, String::new()));
    let response = hyper::Response::builder().status(status);
    let response = match status {
        300..400 => response.header("location", &body),
        _ => response,
    };
    response.body(Full::from(body)).unwrap()
}

/// RFC 1035, sections 4.1 and 3.3.14: TXT records, or that there is no such name.
async fn resolve(socket: UdpSocket, known: Arc<Mutex<Known>>) {
    let mut query = [0; 512];
    while let Ok((length, from)) = socket.recv_from(&mut query).await {
        let Some((name, question)) = question(&query[12..length]) else { continue };
        let texts = known.lock().unwrap().texts.get(&name).cloned().unwrap_or_default();
        // A response to a recursive query; 3 is NXDOMAIN.
        let code = if texts.is_empty() { 0x83 } else { 0x80 };
        let mut response = vec![query[0], query[1], 0x81, code, 0, 1];
        response.extend([0, u8::try_from(texts.len()).unwrap(), 0, 0, 0, 0]);
        response.extend(question);
        for text in texts {
            let length = u8::try_from(text.len()).unwrap();
            // The name of the question, TXT, IN, a minute.
            response.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, length + 1, length]);
            response.extend(text.as_bytes());
        }
        socket.send_to(&response, from).await.unwrap();
    }
}

/// The name of a question without the last period, and the question itself.
fn question(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (mut at, mut labels) = (0, Vec::new());
    while *bytes.get(at)? != 0 {
        let length = usize::from(bytes[at]);
        labels.push(String::from_utf8_lossy(bytes.get(at + 1..=at + length)?).to_lowercase());
        at += length + 1;
    }
    Some((labels.join("."), bytes.get(..at + 5)?))
}
