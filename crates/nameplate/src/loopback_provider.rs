//! A provider that the embedding program itself runs on this computer, such as one to try sign-in
//! with.

use std::sync::Arc;

use native_oauth::url_rules;
use url::Url;

use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::providers::ProviderOptions;

/// A provider at a loopback address, offered as long as this value lives. There is one at a time.
///
/// Its endpoints may be plain http at loopback hosts, which no other provider of the user's own home
/// is allowed (S9). So the program drops this value when the server that it started has ended: what
/// listens at the address afterwards is not the program's.
pub struct LoopbackProvider {
    context: Arc<Context>,
}

impl LoopbackProvider {
    /// # Errors
    /// As [`ProviderSetup::offer_loopback`](crate::ProviderSetup::offer_loopback).
    pub(crate) fn offer(context: &Arc<Context>, provider: ProviderOptions) -> Result<Self> {
        let id = provider.id.clone();
        let refused =
            |words: &str| Err(Error::new(Code::LoopbackProviderFailed).at(&id).with_detail(words));
        let issuer = provider.table.issuer.clone().unwrap_or_default();
        if !Url::parse(&issuer).is_ok_and(|issuer| url_rules::is_loopback(&issuer)) {
            return refused("its issuer is not at a loopback address");
        }
        if context.config().entry(&id).is_ok() {
            return refused("a provider has this id already");
        }
        if !context.sources.offer_loopback(provider) {
            return refused("another provider is offered already");
        }
        let offered = Self { context: Arc::clone(context) };
        context.reload_config();
        context.config().entry(&id)?;
        context.events.changed();
        Ok(offered)
    }
}

impl Drop for LoopbackProvider {
    fn drop(&mut self) {
        self.context.sources.withdraw_loopback();
        self.context.reload_config();
        self.context.events.changed();
    }
}
