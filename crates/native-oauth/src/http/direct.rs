//! The client for requests to this computer itself.

use std::sync::OnceLock;

use super::{builder, unusable};
use crate::error::Result;

/// Has no proxy, which would see codes and tokens of plain http. Made at the first request, since few programs send one.
pub(super) struct Direct {
    user_agent: String,
    client: OnceLock<reqwest::Client>,
}

impl Direct {
    pub(super) fn new(user_agent: &str) -> Self {
        Self { user_agent: user_agent.to_owned(), client: OnceLock::new() }
    }

    pub(super) fn client(&self) -> Result<&reqwest::Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = builder(&self.user_agent)?.no_proxy().build().map_err(unusable)?;
        Ok(self.client.get_or_init(|| client))
    }
}
