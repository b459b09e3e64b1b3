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
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use wiremock::matchers::{method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::dpop::DpopKey;
    use crate::http::Http;
    use crate::provider::TokenEndpointAuthMethod;
    use crate::provider_config::{ExtensionPolicy, ProviderConfig};

    fn client(par: ExtensionPolicy, endpoint: Option<String>) -> Client {
        let mut config = ProviderConfig::issuer("company", "https://id.example.com");
        config.par = par;
        config.endpoints.authorization =
            Some("https://id.example.com/auth?tenant=1".parse().unwrap());
        config.endpoints.pushed_authorization_request =
            endpoint.map(|endpoint| endpoint.parse().unwrap());
        Client::new(
            Http::new("test", std::sync::Arc::new(|| 0)).unwrap(),
            config.with_client("c", None),
        )
    }

    fn pairs(query: &str) -> BTreeMap<String, String> {
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    async fn server(response: ResponseTemplate) -> MockServer {
        let server = MockServer::start().await;
        Mock::given(method("POST")).and(path("/par")).respond_with(response).mount(&server).await;
        server
    }

    async fn pushed(server: &MockServer) -> Result<AuthorizationRequest> {
        let client = client(ExtensionPolicy::IfOffered, Some(format!("{}/par", server.uri())));
        client.begin_authorization("http://127.0.0.1:1/x", 600).await
    }

    /// S65: the browser carries the reference and nothing of the request; the endpoint's own query
    /// stays with it (RFC 9126, sections 2.1 and 4).
    #[tokio::test]
    async fn the_browser_carries_a_reference() {
        let response = json!({ "request_uri": "urn:example:1 2", "expires_in": 60 });
        let server = server(ResponseTemplate::new(201).set_body_json(response)).await;
        let request = pushed(&server).await.unwrap();
        let url = Url::parse(&request.url).unwrap();
        let shown = json!({ "tenant": "1", "client_id": "c", "request_uri": "urn:example:1 2" });
        assert_eq!(json!(pairs(url.query().unwrap())), shown);
        let sent = &server.received_requests().await.unwrap()[0];
        let form = String::from_utf8_lossy(&sent.body);
        assert_eq!(form.matches("client_id=").count(), 1, "{form}");
        let form = pairs(&form);
        assert_eq!((&*form["response_type"], &*form["code_challenge_method"]), ("code", "S256"));
        assert!(form.contains_key("state") && form.contains_key("nonce"));
        assert!(!form.contains_key("tenant"));
    }

    /// S65: the client id is a parameter of the request, also where the header has it (RFC 9126,
    /// section 2.1).
    #[tokio::test]
    async fn a_pushed_request_names_its_client() {
        for auth in
            [TokenEndpointAuthMethod::ClientSecretBasic, TokenEndpointAuthMethod::ClientSecretPost]
        {
            let response = json!({ "request_uri": "urn:example:1" });
            let server = server(ResponseTemplate::new(201).set_body_json(response)).await;
            let endpoint = format!("{}/par", server.uri());
            let mut client = client(ExtensionPolicy::IfOffered, Some(endpoint));
            client.config.client.as_mut().unwrap().secret = Some("s".to_owned().into());
            client.config.client_auth = Some(auth);
            client.begin_authorization("http://127.0.0.1:1/x", 600).await.unwrap();
            let sent = &server.received_requests().await.unwrap()[0];
            let ids = form_urlencoded::parse(&sent.body).filter(|(name, _)| name == "client_id");
            assert_eq!(ids.collect::<Vec<_>>(), [("client_id".into(), "c".into())], "{auth:?}");
        }
    }

    /// S64, S65: the pushed request proves the key whose thumbprint it names (RFC 9449, section
    /// 10.1).
    #[tokio::test]
    async fn a_pushed_request_proves_its_key() {
        let response = json!({ "request_uri": "urn:example:1" });
        let server = server(ResponseTemplate::new(201).set_body_json(response)).await;
        let mut client = client(ExtensionPolicy::Required, Some(format!("{}/par", server.uri())));
        client.config.dpop = ExtensionPolicy::Required;
        let request = client.begin_authorization("http://127.0.0.1:1/x", 600).await.unwrap();
        let sent = &server.received_requests().await.unwrap()[0];
        let key: &DpopKey = request.secrets.dpop_key.as_ref().unwrap();
        assert_eq!(pairs(&String::from_utf8_lossy(&sent.body))["dpop_jkt"], key.thumbprint());
        assert!(sent.headers.contains_key("dpop"));
    }

    /// S65: where it is required, nothing goes another way; and a refusal is not gone around.
    #[tokio::test]
    async fn what_is_pushed_is_sent_in_no_other_way() {
        let unconfigured = client(ExtensionPolicy::Required, None);
        let refused = unconfigured.begin_authorization("http://127.0.0.1:1/x", 600).await;
        let refused = refused.unwrap_err();
        assert_eq!(
            (refused.kind(), refused.detail()),
            (ErrorKind::DiscoveryFailed, Some(PAR_ENDPOINT))
        );
        let error = |error: &str| {
            let body = json!({ "error": error, "error_description": "d" });
            ResponseTemplate::new(400).set_body_json(body)
        };
        for (response, kind) in [
            (error("invalid_redirect_uri"), ErrorKind::RedirectRefused),
            (error("invalid_client"), ErrorKind::ClientRefused),
            (error("invalid_scope"), ErrorKind::ScopeNotSetUp),
            (ResponseTemplate::new(503), ErrorKind::ProviderBusy),
            (ResponseTemplate::new(201).set_body_json(json!({})), ErrorKind::ResponseMalformed),
            (
                ResponseTemplate::new(201)
                    .set_body_json(json!({ "request_uri": "u".repeat(MAX_REFERENCE_BYTES + 1) })),
                ErrorKind::ResponseMalformed,
            ),
        ] {
            let server = server(response).await;
            assert_eq!(pushed(&server).await.unwrap_err().kind(), kind);
        }
    }

    /// Nothing is pushed where that is switched off or not offered.
    #[tokio::test]
    async fn a_request_is_pushed_only_where_it_is_offered() {
        for client in [
            client(ExtensionPolicy::Never, Some("https://id.example.com/par".into())),
            client(ExtensionPolicy::IfOffered, None),
        ] {
            let request = client.begin_authorization("http://127.0.0.1:1/x", 600).await.unwrap();
            assert!(request.url.contains("code_challenge="), "{}", request.url);
        }
    }
}
