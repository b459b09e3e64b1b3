//! `sign-in email`: a profile of this device alone, made or entered. The password is read from
//! standard input; where a person types it, it is not shown.

use nameplate::{Code, Error, Login, NewProfile, Result};

use super::sign_in::report;
use crate::arguments::SignIn;
use crate::say::Say;
use crate::secret::{self, Typed};

/// The provider entry's id.
pub const EMAIL: &str = "email";

pub async fn run(login: &Login, say: &Say, wish: SignIn) -> Result<()> {
    let Some(address) = wish.address else { return Err(Error::new(Code::BadAddress).at(EMAIL)) };
    let user = if wish.create {
        say.line(&say.messages().command("no_recovery", &[]));
        let password = secret::read(say, "new_password", Typed::Twice)?;
        let nickname = wish.nickname.unwrap_or_default();
        login.create_profile(NewProfile { address, password, nickname, user: None }).await?
    } else {
        let account = login.profile_at(&address)?;
        let password = secret::read(say, "password", Typed::Once)?;
        login.enter_profile(account.as_str(), password).await?
    };
    report(say, &user, EMAIL);
    Ok(())
}
