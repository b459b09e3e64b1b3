//! An API of a provider, as the app names it in its options.

/// An API of a provider, as the app names it.
#[derive(Debug, Clone)]
pub(crate) struct NamedApi {
    pub(crate) provider: String,
    pub(crate) base: ApiBase,
    pub(crate) prefixes: Vec<String>,
}

/// Where an API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ApiBase {
    /// Scheme, host and port.
    Origin(String),
    /// The issuer of the account.
    Issuer,
}
