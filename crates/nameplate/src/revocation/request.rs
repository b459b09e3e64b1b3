//! The requests that revoke a grant, in the way of its provider.

use native_oauth::dpop::PresentedToken;
use native_oauth::provider::Revocation;
use native_oauth::revocation::{RevocationOutcome, TokenTypeHint};
use native_oauth::token_response::TokenBinding;
use native_oauth::{Client, ErrorKind};
use url::Url;

use super::Revocations;
use crate::error::{Code, Error, Result};
use crate::provider_client;
use crate::stored_session::Session;

/// Result of a revocation that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// Everything is revoked.
    All,
    /// The grant is revoked; the access token could not be revoked yet.
    AllButAccessToken,
    /// The provider has no endpoint.
    NoEndpoint,
}

impl Revocations {
    /// Sends a revocation request. `session` is updated if it had to be refreshed, also after an
    /// error.
    pub(super) async fn request(
        &self,
        provider: &str,
        session: &mut Session,
        how: Revocation,
    ) -> Result<Sent> {
        let entry = provider_client::bound_entry(
            &self.context,
            provider,
            session,
            &["revocation_endpoint"],
        )
        .await?;
        // The metadata may be unreachable; the session has the endpoint of the sign-in.
        let endpoint = entry.oauth.endpoints.revocation.clone();
        let Some(endpoint) = endpoint.or_else(|| session.revocation_endpoint()) else {
            return Ok(Sent::NoEndpoint);
        };
        let client = provider_client::client(&self.context, &entry).await?;
        match how {
            // Revokes the access tokens as well.
            Revocation::Token => {
                let token = session.refresh_token().unwrap_or_else(|| session.access_token());
                client.end_authorization(how, &endpoint, PresentedToken::bearer(&token)).await?;
                Ok(Sent::All)
            }
            Revocation::EachToken => self.revoke_each(&client, session, &endpoint).await,
            Revocation::AccessToken
            | Revocation::Bearer
            | Revocation::BearerLogout
            | Revocation::BearerDelete
            | Revocation::ApplicationGrant
            | Revocation::ApplicationToken => self
                .revoke_with_access_token(&client, session, how, &endpoint)
                .await
                .map(|()| Sent::All),
        }
    }

    /// Revokes the refresh token, then the access token, which many servers leave valid (RFC 7009,
    /// section 2.1). An error of the second does not change the result of the first. A server may
    /// refuse to revoke refresh tokens and still revoke access tokens.
    async fn revoke_each(
        &self,
        client: &Client,
        session: &mut Session,
        endpoint: &Url,
    ) -> Result<Sent> {
        let access = session.access_token();
        // Without its key a server may still revoke.
        let binding = session.binding().unwrap_or(TokenBinding::Missing);
        let presented = |token| PresentedToken { token, key: binding.key() };
        let Some(refresh) = session.refresh_token() else {
            client.revoke(endpoint, TokenTypeHint::AccessToken, presented(&access)).await?;
            return Ok(Sent::All);
        };
        let refresh = PresentedToken { token: &refresh, key: binding.refresh_key() };
        let ended = client.revoke(endpoint, TokenTypeHint::RefreshToken, refresh).await;
        match &ended {
            Ok(()) => *session = session.without_refresh_token(),
            Err(error) if error.kind().is_final() => {}
            Err(error) => return Err(error.clone().into()),
        }
        let rest = match session.is_usable(self.context.now()) {
            true => client.revoke(endpoint, TokenTypeHint::AccessToken, presented(&access)).await,
            false => Ok(()),
        };
        ended?;
        Ok(match rest {
            Err(error) if !error.kind().is_final() => Sent::AllButAccessToken,
            Ok(()) | Err(_) => Sent::All,
        })
    }

    /// Revokes with a request that needs a valid access token. A grant that is invalid already
    /// counts as revoked.
    async fn revoke_with_access_token(
        &self,
        client: &Client,
        session: &mut Session,
        how: Revocation,
        endpoint: &Url,
    ) -> Result<()> {
        let binding = session.binding()?;
        if session.is_usable(self.context.now())
            && client.end_authorization(how, endpoint, session.tokens()?.presented()).await?
                == RevocationOutcome::Revoked
        {
            return Ok(());
        }
        // Needs a new access token.
        let Some(refresh_token) = session.refresh_token() else { return Ok(()) };
        match client.refresh(&refresh_token, &binding).await {
            Ok(tokens) => {
                if let Err(refused) = tokens.check() {
                    *session = session.rotated(&tokens).unwrap_or_else(|| session.clone());
                    return Err(refused.into());
                }
                *session = session.renewed(&tokens, client.config(), self.context.now())?;
                match client.end_authorization(how, endpoint, tokens.presented()).await? {
                    RevocationOutcome::Revoked => Ok(()),
                    RevocationOutcome::TokenInvalid => Err(Error::new(Code::ProviderRefused)),
                }
            }
            Err(error) if error.kind() == ErrorKind::SessionEnded => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
