//! Requests that prove the possession of a key (DPoP, RFC 9449).

use reqwest::header::HeaderValue;
use secrecy::SecretString;

use super::Http;
use super::failure::{place, unreachable};
use super::response::HttpResponse;
use crate::dpop::{DpopKey, ProvenRequest};
use crate::error::{Error, ErrorKind, Result};
use crate::sent_secrets::SentSecrets;

/// The header of a proof (RFC 9449, section 4.1).
pub(super) const PROOF: &str = "dpop";

/// What a proof of possession is made by, and of.
#[derive(Clone, Copy)]
pub(super) struct Proven<'a> {
    pub(super) key: &'a DpopKey,
    /// The access token of the request.
    pub(super) token: Option<&'a SecretString>,
}

pub(super) fn without_token(key: &DpopKey) -> Proven<'_> {
    Proven { key, token: None }
}

impl Http {
    /// Sends, with a new proof where there is a key. Sends once more, with another proof, if the response
    /// asks for a nonce (400 or 401 with `use_dpop_nonce`, [`HttpResponse::asks_for_nonce`]) and the origin's
    /// nonce is now another than the one of the first proof (RFC 9449, sections 8 and 9).
    ///
    /// # Errors
    /// [`ErrorKind::DpopNonceRefused`] if the last response asks for a nonce; those of the request.
    pub(super) async fn send(
        &self,
        request: reqwest::RequestBuilder,
        limit: usize,
        secrets: SentSecrets,
        proven: Option<Proven<'_>>,
    ) -> Result<HttpResponse> {
        let request = request.build().map_err(unreachable)?;
        let Some(proven) = proven else { return self.send_once(request, limit, secrets).await };
        let url = request.url().clone();
        let mut nonce = self.nonces.of(&url);
        let again = self.proof(&request, proven, nonce.as_deref())?;
        let response = self.send_once(again, limit, secrets.clone()).await?;
        let given = self.nonces.of(&url);
        if !response.asks_for_nonce() {
            return Ok(response);
        }
        // Another request may have been given one meanwhile; the same one would be refused again.
        if given != nonce {
            nonce = given;
            let again = self.proof(&request, proven, nonce.as_deref())?;
            let response = self.send_once(again, limit, secrets).await?;
            if !response.asks_for_nonce() {
                return Ok(response);
            }
        }
        Err(Error::new(ErrorKind::DpopNonceRefused).with_detail(place(&url)))
    }

    /// The request with a proof that is made for it.
    fn proof(
        &self,
        request: &reqwest::Request,
        proven: Proven<'_>,
        nonce: Option<&str>,
    ) -> Result<reqwest::Request> {
        let proof = proven.key.proof(&ProvenRequest {
            method: request.method().as_str(),
            url: request.url(),
            access_token: proven.token,
            nonce,
            issued_at: self.now(),
            id: rand::random(),
        })?;
        let unusable = || Error::new(ErrorKind::DpopKeyUnusable);
        let mut request = request.try_clone().ok_or_else(unusable)?;
        let mut header = HeaderValue::from_str(&proof).map_err(|_| unusable())?;
        header.set_sensitive(true);
        request.headers_mut().insert(PROOF, header);
        Ok(request)
    }
}
