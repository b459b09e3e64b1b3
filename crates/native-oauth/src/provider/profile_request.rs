//! The requests for a profile, sent with the access token.

use crate::provider::endpoints::Endpoint;

/// One request for a part of the profile, sent with the access token.
#[derive(Debug)]
pub struct ProfileRequest {
    /// The name by which [`ProfileResponses`](super::ProfileResponses) knows the body.
    pub name: &'static str,
    /// Which endpoint it goes to.
    pub endpoint: Endpoint,
    /// Added to the endpoint's query.
    pub query: &'static [(&'static str, &'static str)],
    /// What its failure means.
    pub need: Need,
}

/// What a profile request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It identifies the user: its failure ends the sign-in.
    Identity,
    /// Sent only where one of these scopes was granted; its failure is noted and no more.
    Extra(&'static [&'static str]),
}
