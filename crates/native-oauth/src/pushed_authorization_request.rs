//! A pushed authorization request (RFC 9126): its parameters go to the server directly, and the
//! browser carries a reference to them.

use url::{Url, form_urlencoded};

use crate::authorization_request::AuthorizationRequest;
use crate::client::Client;
use crate::dialect::error_in;
use crate::endpoint_urls::PAR_ENDPOINT;
use crate::error::{Error, ErrorKind, Result};
use crate::request_error::{RequestError, RequestKind, SentRequest};

/// Longest `request_uri`, in bytes.
const MAX_REFERENCE_BYTES: usize = 4 << 10;

impl Client {
    /// Makes an authorization request that is over at `expires_at`, in seconds since 1970, and
    /// pushes it where the configuration says so.
    ///
    /// What the server gives for a pushed request lives as long as it says, often a minute: the
    /// browser has to be there by then.
    ///
    /// # Errors
    /// [`ErrorKind::DiscoveryFailed`] without an endpoint that is needed, [`ErrorKind::DpopKeyUnusable`]
    /// where no key can be made; else as the server refuses the pushed request, which is never sent by
    /// the browser instead.
    pub async fn begin_authorization(
        &self,
        redirect_uri: &str,
        expires_at: i64,
    ) -> Result<AuthorizationRequest> {
        let request = self.authorization_request(redirect_uri, self.entropy()?, expires_at)?;
        self.push(request).await
    }

    /// Pushes the request, and leads the browser to what it was pushed as; the request itself where
    /// the configuration does not push.
    async fn push(&self, request: AuthorizationRequest) -> Result<AuthorizationRequest> {
        if !self.config.pushes_requests() {
            return Ok(request);
        }
        let endpoint = self.config.endpoints.pushed_authorization_request.as_ref();
        let endpoint = endpoint
            .ok_or_else(|| Error::new(ErrorKind::DiscoveryFailed).with_detail(PAR_ENDPOINT))?;
        let (mut page, parameters) = self.separated(&request.url)?;
        let form = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let reference = self.reference(endpoint, form.collect(), &request).await?;
        page.query_pairs_mut()
            .append_pair("client_id", &self.config.client()?.id)
            .append_pair("request_uri", &reference);
        Ok(AuthorizationRequest { url: page.into(), ..request })
    }

    /// The authorization endpoint with its own query, and what the request added to it.
    fn separated(&self, request: &str) -> Result<(Url, Vec<(String, String)>)> {
        let missing =
            || Error::new(ErrorKind::DiscoveryFailed).with_detail("authorization_endpoint");
        let endpoint = self.config.endpoints.authorization.clone().ok_or_else(missing)?;
        let url = Url::parse(request).map_err(|_| missing())?;
        let own: Vec<_> = endpoint.query_pairs().into_owned().collect();
        let pairs = form_urlencoded::parse(url.query().unwrap_or_default().as_bytes());
        Ok((endpoint, pairs.into_owned().filter(|pair| !own.contains(pair)).collect()))
    }

    /// Sends the parameters; returns the `request_uri` (RFC 9126, section 2.2).
    async fn reference<'f>(
        &'f self,
        endpoint: &Url,
        mut form: Vec<(&'f str, &'f str)>,
        request: &AuthorizationRequest,
    ) -> Result<String> {
        form.retain(|(name, _)| *name != "client_id");
        let basic = self.authenticate(&mut form)?;
        if basic.is_some() {
            // Required beside the header too (RFC 9126, section 2.1).
            form.push(("client_id", &self.config.client()?.id));
        }
        let key = request.secrets.dpop_key.as_ref();
        let asked = SentRequest {
            kind: RequestKind::Pushed,
            secret: self.shows_secret(),
            proof: key.is_some(),
        };
        let response = self.http.post_form(endpoint, &form, basic.as_ref(), key).await?;
        if let Some(refusal) = error_in(response.status.is_success(), &response.body) {
            let refused: RequestError = asked.refused(&response, refusal);
            return Err(refused.explain(self.config.provider));
        }
        let body = response.json()?;
        let reference = body["request_uri"].as_str().unwrap_or_default();
        match (1..=MAX_REFERENCE_BYTES).contains(&reference.len()) {
            true => Ok(reference.to_owned()),
            false => Err(response.malformed("request_uri")),
        }
    }
}

#[cfg(test)]
mod tests;
