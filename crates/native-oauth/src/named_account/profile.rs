//! The public profile of an account: a record at the server that has the account's data.

use serde_json::{Value, json};

use super::{Account, xrpc};
use crate::atproto::RECORD;
use crate::atproto::did::Did;
use crate::atproto::handle::Handle;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::provider::ProfileResponses;

/// The record with name and picture.
const COLLECTION: &str = "app.bsky.actor.profile";
/// Its key.
const KEY: &str = "self";

impl Client {
    /// What is public of an account, for the provider's profile function; and what could not be read.
    ///
    /// # Errors
    /// [`ErrorKind::AccountMoved`] where the documents of the DID lead to another authorization server;
    /// else as they cannot be read.
    pub(crate) async fn public_profile(
        &self,
        did: &str,
    ) -> Result<(ProfileResponses, Vec<ErrorKind>)> {
        let malformed = || Error::new(ErrorKind::ProfileMalformed).with_detail("did");
        let account = self.account(&Did::parse(did).ok_or_else(malformed)?).await?;
        if account.issuer != self.config.issuer {
            return Err(Error::new(ErrorKind::AccountMoved).with_detail(&account.issuer));
        }
        let mut responses = ProfileResponses {
            avatar_base: account.pds.to_string(),
            id_token: Some(
                json!({ "sub": did, "preferred_username": self.handle_of(&account).await }),
            ),
            ..ProfileResponses::default()
        };
        match self.record(&account).await {
            Ok(record) => responses.bodies.extend(record.map(|record| (RECORD, record))),
            Err(error) => {
                tracing::warn!(%error, "the public profile was left out");
                return Ok((responses, vec![ErrorKind::UserinfoUnavailable]));
            }
        }
        Ok((responses, Vec::new()))
    }

    /// The handle of the document, if it leads back to the DID.
    async fn handle_of(&self, account: &Account) -> Option<Handle> {
        let handle = account.handle.clone()?;
        let did = self.did_of(&handle).await.ok()?;
        (did == account.did).then_some(handle)
    }

    /// The record; `None` where the account has none.
    async fn record(&self, account: &Account) -> Result<Option<Value>> {
        let mut url = xrpc(&account.pds, "com.atproto.repo.getRecord")?;
        url.query_pairs_mut()
            .append_pair("repo", account.did.as_str())
            .append_pair("collection", COLLECTION)
            .append_pair("rkey", KEY);
        let response = self.http.get(&url, None).await?;
        if !response.status.is_success() {
            return match response.refusal().error.as_str() {
                "RecordNotFound" => Ok(None),
                _ => Err(response.error_at(ErrorKind::ProviderRefused)),
            };
        }
        match response.json()?["value"].take() {
            record @ Value::Object(_) => Ok(Some(record)),
            _ => Err(response.malformed("value")),
        }
    }
}
