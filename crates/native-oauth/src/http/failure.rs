//! Why a request could not be sent, without its URL.

use url::Url;

use super::public_address::{self, PrivateAddress};
use crate::error::{Error, ErrorKind};

/// A URL without its query, which may contain secrets.
pub fn place(url: &Url) -> String {
    format!("{}{}", url.host_str().unwrap_or_default(), url.path())
}

pub(super) fn unusable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::caused(ErrorKind::Unreachable, error)
}

/// The cause of a reqwest error; reqwest's own text contains the URL.
pub(super) fn unreachable(error: reqwest::Error) -> Error {
    let host = error.url().and_then(Url::host_str).unwrap_or_default().to_owned();
    if let Some(PrivateAddress { host }) = public_address::refused(&error) {
        return private_address(host);
    }
    if let Some(refused) = tls_error(&error) {
        let detail = format!("{host}: {refused}");
        return Error::caused(ErrorKind::TlsFailed, error.without_url()).with_detail(detail);
    }
    // Nothing was sent: a header cannot hold what it was to hold.
    if error.is_builder() {
        return Error::new(ErrorKind::TokenMalformed).with_detail(format!("{host}: header"));
    }
    let cause = if error.is_timeout() { "timed out" } else { "no connection" };
    Error::caused(ErrorKind::Unreachable, error.without_url())
        .with_detail(format!("{host}: {cause}"))
}

pub(super) fn private_address(host: &str) -> Error {
    Error::new(ErrorKind::PrivateAddress).with_detail(host)
}

/// What TLS refused, where that is why there is no connection. An I/O error names what it wraps by
/// `get_ref` alone.
fn tls_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    match (error.downcast_ref::<rustls::Error>(), wrapped) {
        (Some(tls), _) => Some(tls),
        (None, Some(wrapped)) => tls_error(wrapped),
        (None, None) => error.source().and_then(tls_error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S48: the cause of a failed request is its source, and shows nothing of the URL.
    #[tokio::test]
    async fn a_cause_names_no_url() {
        let url = "http://127.0.0.1:9/token?code=s3cret";
        let error = unreachable(reqwest::get(url).await.unwrap_err());
        let mut source = std::error::Error::source(&error);
        let mut causes = format!("{error:?}");
        while let Some(cause) = source {
            causes += &format!(" {cause} {cause:?}");
            source = cause.source();
        }
        assert!(causes.contains("error sending request"), "{causes}");
        assert!(!causes.contains("s3cret") && !causes.contains("/token"), "{causes}");
    }

    /// S48: what an error names of an address never has its query.
    #[test]
    fn an_error_names_no_query() {
        let url: Url = "https://u:p@id.example.com/token?code=c#f".parse().unwrap();
        assert_eq!(place(&url), "id.example.com/token");
    }
}
