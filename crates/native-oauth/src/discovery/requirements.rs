//! Requirements of an authorization server that are not supported, or that the
//! configuration never uses. They are reported before the browser opens, if the server's metadata contains them.

use crate::error::{Error, ErrorKind, Result};

/// Pushed authorization requests.
const PUSHED: &str = "PAR (RFC 9126)";
/// Signed authorization requests.
pub(crate) const SIGNED_REQUEST: &str = "JAR (RFC 9101)";
/// Tokens that are bound to a key of the client.
const DPOP: &str = "DPoP (RFC 9449)";
/// What a client can show a secret by (RFC 6749, section 2.3), or that it has none.
const SUPPORTED: [&str; 3] = ["none", "client_secret_post", "client_secret_basic"];

/// The requirements in the metadata that cannot be met.
#[derive(Debug, Default)]
pub(super) struct Requirements<'a> {
    /// RFC 9126, section 5, where nothing is pushed.
    pub(super) pushed: bool,
    /// RFC 9101, section 10.5.
    pub(super) signed_request: bool,
    /// RFC 9449, section 5.2, where nothing is proved; a member of a client's metadata, which some
    /// servers publish.
    pub(super) dpop: bool,
    /// How clients may authenticate at the token endpoint (RFC 8414, section 2).
    pub(super) auth_methods: Option<&'a [String]>,
}

impl Requirements<'_> {
    /// The names of all requirements that are not supported.
    pub(super) fn unsupported(&self) -> Option<String> {
        let mut named = Vec::new();
        for (required, name) in
            [(self.pushed, PUSHED), (self.signed_request, SIGNED_REQUEST), (self.dpop, DPOP)]
        {
            if required {
                named.push(name.to_owned());
            }
        }
        // An empty list is ignored.
        if let Some(methods) = self.auth_methods.filter(|methods| !methods.is_empty())
            && !methods.iter().any(|method| SUPPORTED.contains(&method.as_str()))
        {
            named.push(methods.join(" / "));
        }
        (!named.is_empty()).then(|| named.join(", "))
    }
}

/// Whether a sign-in in the browser can succeed there.
///
/// # Errors
/// [`ErrorKind::ServerRequires`] with what is required and not supported.
pub fn check(unsupported: Option<&str>) -> Result<()> {
    match unsupported {
        Some(required) => Err(Error::new(ErrorKind::ServerRequires).with_detail(required)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_and_not_supported_is_refused() {
        assert_eq!(check(None), Ok(()));
        let refused = check(Some("private_key_jwt")).unwrap_err();
        let expected = (ErrorKind::ServerRequires, Some("private_key_jwt"));
        assert_eq!((refused.kind(), refused.detail()), expected);
    }
}
