//! Undoes the registration of the URL scheme of the home that is the argument.

use nameplate::{AppIdentity, Home, unregister_url_scheme};
use std::io;

fn main() -> io::Result<()> {
    let home = std::env::args_os().nth(1).ok_or(io::ErrorKind::InvalidInput)?;
    // That of the program.
    let identity = AppIdentity::new("app.nameplate.desktop", "Nameplate", "0.0.0");
    unregister_url_scheme(&Home::own(&identity, home.as_ref())?)
}
