//! A whole sign-in by a loopback redirect, for programs that need no more than the result.

use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::{Loopback, Reception, Visit};
use crate::authorization_request::AuthorizationRequest;
use crate::authorization_response::{self, AuthorizationCode, AuthorizationResponse};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::id_token::IdTokenContext;
use crate::identify::AuthenticationResult;
use crate::redirect::page::{Page, Pages};

/// Where the page of the browser learns how the sign-in ended.
type Outcome = watch::Sender<Option<Page>>;

impl Loopback {
    /// Signs in by a loopback redirect (RFC 8252, section 7.3): calls `open_browser` with the link
    /// to open, waits for the response for at most `lifetime`, exchanges the code and reads the
    /// profile. Responses that do not belong to this sign-in are refused and change nothing. When
    /// it returns, the browser has been shown the outcome and the port is closed.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] without a response in time; [`ErrorKind::StartLinkReused`] where the
    /// link was opened twice; else as of [`Client::begin_authorization`],
    /// [`AuthorizationResponse::into_code`], [`Client::exchange`] and [`Client::identify`].
    pub async fn sign_in(
        mut self,
        client: &Client,
        pages: Pages,
        lifetime: Duration,
        open_browser: impl FnOnce(&str),
    ) -> Result<AuthenticationResult> {
        let redirect_uri = self.redirect_uri();
        let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        let expires_at = client.http.now().saturating_add(seconds);
        let request = client.begin_authorization(&redirect_uri, expires_at).await?;
        let link = self.start_link(&request.url);
        let (sender, visits) = mpsc::channel(4);
        let (close, closed) = watch::channel(false);
        let port = tokio::spawn(self.serve(sender, pages, closed));
        open_browser(&link);
        let received = client.receive(visits, &request, &redirect_uri);
        let result = match tokio::time::timeout(lifetime, received).await {
            Ok(Ok((code, outcome))) => {
                let result = client.complete(code, &redirect_uri, &request).await;
                let page = match &result {
                    Ok(signed_in) => Page::SignedIn(signed_in.userinfo.profile.nickname.clone()),
                    Err(_) => Page::Failed,
                };
                outcome.send_replace(Some(page));
                result
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::new(ErrorKind::TimedOut)),
        };
        if result.is_err() {
            close.send_replace(true);
        }
        // The port closes once the browser has asked how it ended.
        let _ = port.await;
        result
    }
}

impl Client {
    /// Waits for the response to this request.
    async fn receive(
        &self,
        mut visits: mpsc::Receiver<Visit>,
        request: &AuthorizationRequest,
        redirect_uri: &str,
    ) -> Result<(AuthorizationCode, Outcome)> {
        while let Some(visit) = visits.recv().await {
            let (address, peer, reply) = match visit {
                Visit::Response { address, peer, reply } => (address, peer, reply),
                Visit::StartedAgain => return Err(Error::new(ErrorKind::StartLinkReused)),
                Visit::Started | Visit::Https => continue,
            };
            let response = authorization_response::parse(&address).ok();
            let Some(response) = response.filter(|it| self.is_to(it, request, redirect_uri)) else {
                let _ = reply.send(Reception::Refused(Page::Unknown));
                continue;
            };
            if !peer.is_this_user().await {
                let _ = reply.send(Reception::Refused(Page::OtherUser));
                continue;
            }
            let (outcome, watched) = watch::channel(None);
            let _ = reply.send(Reception::Taken(watched));
            return match response.into_code(&self.config, request.secrets.iss) {
                Ok(code) => Ok((code, outcome)),
                Err(error) => {
                    outcome.send_replace(Some(Page::Failed));
                    Err(error)
                }
            };
        }
        Err(Error::new(ErrorKind::TimedOut))
    }

    fn is_to(
        &self,
        response: &AuthorizationResponse,
        request: &AuthorizationRequest,
        redirect_uri: &str,
    ) -> bool {
        response.redirect_uri == redirect_uri
            && request.secrets.verify_state(&response.state, self.http.now())
    }

    async fn complete(
        &self,
        code: AuthorizationCode,
        redirect_uri: &str,
        request: &AuthorizationRequest,
    ) -> Result<AuthenticationResult> {
        let tokens = self.exchange(code, redirect_uri, &request.secrets).await?;
        let context = IdTokenContext::Code { nonce: &request.secrets.nonce, now: self.http.now() };
        self.identify(tokens, context, None).await
    }
}
