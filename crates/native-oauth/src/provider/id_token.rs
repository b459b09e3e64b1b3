//! What the id_tokens of a provider are like (OpenID Connect Core, section 2).

/// Whether a token response carries an id_token (OpenID Connect Core, section 3.1.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdToken {
    /// The provider is no OpenID provider.
    Never,
    /// Verified where it comes; its absence is no fault.
    IfPresent,
    /// Its absence ends the sign-in.
    Required,
}

/// How an `iss` is compared with [`Provider::issuer`](super::Provider::issuer).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuerRule {
    /// Exactly.
    Exact,
    /// The issuer has [`TENANT`] in the place of the tenant: a GUID, which in an id_token is the
    /// claim `tid`.
    PerTenant,
}

/// Placeholder of the tenant in the issuer of [`IssuerRule::PerTenant`].
pub const TENANT: &str = "{tenantid}";

/// What an id_token may be signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdTokenKey {
    /// A key that the issuer publishes.
    Published,
    /// A published key, or the client secret.
    PublishedOrSecret,
}

/// Whether an id_token contains data that the profile requests do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdTokenClaims {
    /// The profile requests contain all of it.
    Repeated,
    /// Name and address may be in the id_token only, so that a later profile request keeps them.
    NameAndAddress,
    /// Its claims may be in the id_token only, so that a later profile request keeps them.
    Alone,
}
