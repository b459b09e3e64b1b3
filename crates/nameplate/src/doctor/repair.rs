//! Repairs of findings that change nothing a user would miss.

use std::path::Path;

use super::{Finding, Fix};
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::private_fs::narrow;
use crate::provider_setup::{Check, ProviderSetup, SetUpRequest};
use crate::url_scheme::register_url_scheme;

/// Result of one repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The finding.
    pub finding: Finding,
    /// Why it could not be repaired.
    pub error: Option<Error>,
}

/// Repairs the findings that can be repaired. `program` is the one that opens links.
pub(super) async fn repair(
    context: &Context,
    setup: &ProviderSetup,
    findings: Vec<Finding>,
    program: Option<&Path>,
) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        let done = match fix {
            Fix::RegisterUrlScheme => register(context, program),
            Fix::MoveSecret(provider) => move_secret(setup, provider).await,
            Fix::ReplaceStore => context.store.repair(),
            Fix::CloseToOthers => close_to_others(context),
        };
        repairs.push(Repair { finding, error: done.err() });
    }
    if !repairs.is_empty() {
        setup.reload();
    }
    repairs
}

/// Registers the program for links.
fn register(context: &Context, program: Option<&Path>) -> Result<()> {
    let missing = || Error::new(Code::BadSetting).with_detail("nameplate-desktop");
    let program = program.ok_or_else(missing)?;
    register_url_scheme(&context.home, program)
        .map_err(|error| Error::caused(Code::StoreFailed, error))
}

/// Removes the permissions of group and others (S53) from what is Nameplate's.
fn close_to_others(context: &Context) -> Result<()> {
    let home = &context.home;
    let open = home.open_to_others().into_iter().filter(|path| home.owns(path));
    let open = open.chain([context.sources.env_file(home)]);
    for path in open.filter(|path| path.exists()) {
        narrow(&path).map_err(|error| {
            let detail = format!("{}: {error}", path.display());
            Error::caused(Code::HomeRefused, error).with_detail(detail)
        })?;
    }
    Ok(())
}

/// Moves a client secret from `providers.toml` into the keychain.
async fn move_secret(setup: &ProviderSetup, provider: &str) -> Result<()> {
    let config = setup.config();
    let client = config.entry(provider)?.oauth.client()?;
    let request = SetUpRequest {
        provider: provider.to_owned(),
        client_id: client.id.clone(),
        client_secret: client.secret.clone(),
        issuer: None,
        label: None,
        redirect_uri: None,
        check: Check::Skip,
    };
    setup.set_up(request).await.map(drop)
}
