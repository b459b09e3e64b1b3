//! Whose tokens a response has, by the documents of its DID (AT Protocol, OAuth, "Identity
//! Authentication").

use crate::atproto::SCOPE;
use crate::client::Client;
use crate::dpop::PresentedToken;
use crate::error::{Error, ErrorKind, Result};
use crate::identify::AuthenticationResult;
use crate::revocation::TokenTypeHint;
use crate::token_response::TokenResponse;
use crate::userinfo::{KnownIdentity, Userinfo};

impl Client {
    /// Who signed in: the DID of the token response, if its own documents lead to this
    /// authorization server. Tokens that do not hold are revoked.
    pub(crate) async fn identify_account(
        &self,
        tokens: TokenResponse,
    ) -> Result<AuthenticationResult> {
        match self.read_account(&tokens).await {
            Ok(userinfo) => {
                let issuer = self.config.issuer.clone();
                Ok(AuthenticationResult { userinfo, tokens, issuer, nonce: None })
            }
            Err(error) => {
                self.give_back(&tokens).await;
                Err(error)
            }
        }
    }

    async fn read_account(&self, tokens: &TokenResponse) -> Result<Userinfo> {
        if !tokens.names_scopes || !tokens.scopes.iter().any(|scope| scope == SCOPE) {
            return Err(Error::new(ErrorKind::ResponseMalformed).with_detail("scope"));
        }
        let did = tokens.did()?;
        self.userinfo(tokens, KnownIdentity::Subject(did.to_string())).await
    }

    /// The tokens, if they are those of the account that the user named (AT Protocol, OAuth,
    /// "Identity Authentication"). Others are revoked.
    pub(crate) async fn of_subject(
        &self,
        tokens: TokenResponse,
        expected: &str,
    ) -> Result<TokenResponse> {
        match tokens.did() {
            Ok(did) if did.as_str() == expected => Ok(tokens),
            said => {
                self.give_back(&tokens).await;
                Err(Error::new(ErrorKind::SubjectMismatch).with_detail(said?))
            }
        }
    }

    /// Takes back what was given for another account than the one that was meant.
    pub(crate) async fn give_back(&self, tokens: &TokenResponse) {
        let Some(endpoint) = self.config.endpoints.revocation.clone() else { return };
        let (kind, token) = match &tokens.refresh {
            Some(refresh) => (TokenTypeHint::RefreshToken, refresh),
            None => (TokenTypeHint::AccessToken, &tokens.access),
        };
        if let Err(error) =
            self.revoke(&endpoint, kind, PresentedToken { token, key: tokens.binding.key() }).await
        {
            tracing::warn!(%error, "tokens of another account could not be given back");
        }
    }
}
