//! The packages of the OpenID provider that is not ours.

use super::interface::install_packages;
use crate::project;
use anyhow::Result;

/// Installs them.
pub fn install() -> Result<()> {
    install_packages("oidc-peer", &project::root().join("xtask/oidc-peer"))
}
