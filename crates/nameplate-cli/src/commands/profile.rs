//! `sign-in email`: creates or unlocks a local profile. The password is read from standard input,
//! and hidden on a terminal.

use nameplate::{Code, Error, Nameplate, NewProfile, Result};

use super::sign_in_report::report;
use crate::arguments::SignIn;
use crate::output::Output;
use crate::secret::{self, Typed};

/// The provider's id.
pub const EMAIL: &str = "email";

pub async fn run(nameplate: &Nameplate, output: &Output, request: SignIn) -> Result<()> {
    let Some(address) = request.address else { return Err(Error::new(Code::BadAddress).at(EMAIL)) };
    let user = if request.create {
        output.line(&output.messages().command("no_recovery", &[]));
        let password = secret::read(output, "new_password", Typed::Twice)?;
        let nickname = request.nickname.unwrap_or_default();
        nameplate
            .local_profiles()
            .create(NewProfile { address, password, nickname, user: None })
            .await?
    } else {
        let account = nameplate.local_profiles().find(&address)?;
        let password = secret::read(output, "password", Typed::Once)?;
        nameplate.local_profiles().unlock(account.as_str(), password).await?
    };
    report(output, &user, EMAIL);
    Ok(())
}
