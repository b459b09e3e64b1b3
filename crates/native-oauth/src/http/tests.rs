use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

/// S71: what is sent to this computer goes through no proxy; what is sent elsewhere does.
#[tokio::test]
async fn no_proxy_sees_requests_to_this_computer() {
    let (proxy, server) = (MockServer::start().await, MockServer::start().await);
    for (at, status) in [(&proxy, 502), (&server, 200)] {
        Mock::given(any()).respond_with(ResponseTemplate::new(status)).mount(at).await;
    }
    let proxied = builder("test").unwrap();
    let proxied = proxied.proxy(reqwest::Proxy::all(proxy.uri()).unwrap());
    let http = Http::of(proxied, Direct::new("test"), Arc::new(|| 0), Reach::All).unwrap();
    let port = server.address().port();
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("http://{host}:{port}/token").parse().unwrap();
        let response = http.post_form(&url, &[("code", "c")], None, None).await;
        assert_eq!(response.unwrap().status, StatusCode::OK, "{host}");
    }
    assert!(http.reaches(&server.uri().parse().unwrap()).await);
    assert!(proxy.received_requests().await.unwrap().is_empty(), "the proxy saw a request");
    let elsewhere: Url = "http://id.example.com/".parse().unwrap();
    http.get(&elsewhere, None).await.map(drop).unwrap_err();
    assert_eq!(proxy.received_requests().await.unwrap().len(), 1);
}

/// S30: a server that takes a request and never answers is not waited for without end.
#[tokio::test(start_paused = true)]
async fn time_limits_are_set() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}/", silent.local_addr().unwrap());
    let http = Http::new("test", Arc::new(|| 0)).unwrap();
    let form = http::Request::post(&at).body(b"code=c".to_vec()).unwrap();
    let url: Url = at.parse().unwrap();
    let asked = async {
        let read = http.get(&url, None).await.map(drop).unwrap_err();
        [read, http.token_request(form, None).await.map(drop).unwrap_err()]
    };
    let ended = tokio::time::timeout(Duration::from_secs(120), asked).await.expect("a limit");
    for error in ended {
        assert_eq!(error.kind(), ErrorKind::Unreachable);
        assert_eq!(error.detail(), Some("127.0.0.1: timed out"));
    }
}

/// S30: nor is one that answers a byte at a time, in its header or in its body.
#[tokio::test(start_paused = true)]
async fn a_slow_response_ends() {
    for first in ["HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 400 No\r\n\r\n"] {
        let slow = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}/", slow.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = slow.accept().await.unwrap();
            stream.read_u8().await.unwrap();
            let mut sent = stream.write_all(first.as_bytes()).await;
            while sent.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
                sent = stream.write_all(b"x").await;
            }
        });
        let http = Http::new("test", Arc::new(|| 0)).unwrap();
        let asked = tokio::time::timeout(Duration::from_secs(120), http.get(&url, None));
        match asked.await.expect("a limit") {
            Err(error) => assert_eq!(error.detail(), Some("127.0.0.1: timed out"), "{first}"),
            // An error response keeps its status.
            Ok(response) => assert_eq!(response.status, StatusCode::BAD_REQUEST, "{first}"),
        }
    }
}

/// S48: a Basic secret that a server quotes is not shown: plain, form-encoded or in base64.
#[tokio::test]
async fn a_quoted_basic_secret_is_not_shown() {
    let secret = "~aa+bb/cc=dd%ee";
    let encoded = "%7Eaa%2Bbb%2Fcc%3Ddd%25ee";
    let header = STANDARD.encode(format!("app:{encoded}"));
    for quoted in [secret, encoded, &header] {
        let server = MockServer::start().await;
        let body = serde_json::json!({ "error": "x", "error_description": quoted });
        let refusal = ResponseTemplate::new(400).set_body_json(body);
        Mock::given(any()).respond_with(refusal).mount(&server).await;
        let http = Http::new("test", Arc::new(|| 0)).unwrap();
        let basic = BasicAuth::new("app", secret);
        let url = server.uri().parse().unwrap();
        let response = http.post_form(&url, &[], Some(&basic), None).await.unwrap();
        let error = response.error(ErrorKind::CodeRefused);
        assert_eq!(error.detail(), Some("400 Bad Request x: …"), "{quoted}");
    }
}
