//! Where the requests of a provider go.

/// Endpoints of a provider; `""` if it has none, or if discovery finds it.
#[derive(Debug, Clone, Copy)]
pub struct Endpoints {
    /// RFC 6749, section 3.1.
    pub authorization: &'static str,
    /// RFC 6749, section 3.2.
    pub token: &'static str,
    /// The profile request that names the account.
    pub userinfo: &'static str,
    /// The JSON Web Key Set that its id_tokens are signed with.
    pub jwks: &'static str,
    /// Google's People API.
    pub people: &'static str,
    /// Where the grant is revoked (RFC 7009, or the provider's own way).
    pub revocation: &'static str,
    /// Where a code for another device is asked for (RFC 8628, section 3.1).
    pub device_authorization: &'static str,
    /// Where a client registers itself, at a server that a user named.
    pub registration: &'static str,
    /// The e-mail addresses of the account, if the profile does not contain a verified one.
    pub emails: &'static str,
    /// The picture itself, which the access token opens.
    pub photo: &'static str,
    /// What the paths of its pictures are relative to.
    pub avatar_base: &'static str,
}

impl Endpoints {
    /// None at all.
    pub const NONE: Self = Self {
        authorization: "",
        token: "",
        userinfo: "",
        jwks: "",
        people: "",
        revocation: "",
        device_authorization: "",
        registration: "",
        emails: "",
        photo: "",
        avatar_base: "",
    };
}

/// The endpoints that profile requests go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// [`Endpoints::userinfo`].
    Userinfo,
    /// [`Endpoints::people`].
    People,
    /// [`Endpoints::emails`].
    Emails,
}
