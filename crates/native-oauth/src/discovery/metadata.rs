//! The metadata of an issuer (OpenID Connect Discovery, section 3; RFC 8414, section 2).

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::discovery::requirements::Requirements;
use crate::dpop;
use crate::error::Result;
use crate::provider::TokenEndpointAuthMethod;
use crate::provider_config::{ExtensionPolicy, OFFLINE_ACCESS, ProviderConfig};

/// The metadata that counts here.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: Option<String>,
    pub(super) token_endpoint: Option<String>,
    pub(super) userinfo_endpoint: Option<String>,
    pub(super) jwks_uri: Option<String>,
    pub(super) revocation_endpoint: Option<String>,
    pub(super) device_authorization_endpoint: Option<String>,
    pub(super) registration_endpoint: Option<String>,
    pub(super) pushed_authorization_request_endpoint: Option<String>,
    pub(super) token_endpoint_auth_methods_supported: Option<Vec<String>>,
    pub(super) id_token_signing_alg_values_supported: Option<Vec<String>>,
    pub(super) authorization_response_iss_parameter_supported: Option<bool>,
    pub(super) require_pushed_authorization_requests: Option<bool>,
    pub(super) require_signed_request_object: Option<bool>,
    pub(super) dpop_bound_access_tokens: Option<bool>,
    #[serde(default, deserialize_with = "names")]
    pub(super) dpop_signing_alg_values_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "names")]
    pub(super) scopes_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "names")]
    pub(super) grant_types_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "names")]
    pub(super) prompt_values_supported: Option<Vec<String>>,
}

/// A list of names; anything else is ignored.
pub(super) fn names<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

impl Metadata {
    /// With what another document about the same issuer says beside it. An endpoint of the other
    /// one that cannot be used is left out: no sign-in depended on it.
    pub(super) fn or(mut self, other: Self, entry: &ProviderConfig) -> Self {
        let usable = |text: &String| entry.discovered_endpoint("endpoint", text).is_ok();
        self.id_token_signing_alg_values_supported =
            self.id_token_signing_alg_values_supported.filter(|names| !names.is_empty());
        macro_rules! complete {
            ($($endpoint:ident)*; $($member:ident)*) => {
                $(self.$endpoint = self.$endpoint.or(other.$endpoint.filter(usable));)*
                $(self.$member = self.$member.or(other.$member);)*
            };
        }
        complete! {
            authorization_endpoint token_endpoint userinfo_endpoint jwks_uri revocation_endpoint
            device_authorization_endpoint registration_endpoint
            pushed_authorization_request_endpoint;
            token_endpoint_auth_methods_supported id_token_signing_alg_values_supported
            authorization_response_iss_parameter_supported require_pushed_authorization_requests
            require_signed_request_object dpop_bound_access_tokens
            dpop_signing_alg_values_supported scopes_supported grant_types_supported
            prompt_values_supported
        }
        self
    }

    /// Whether a refresh token can be asked for. Many issuers name neither list in full, but none
    /// names the scope without knowing it.
    pub(super) fn offers_offline_access(&self) -> bool {
        let has = |names: &Option<Vec<String>>, name: &str| {
            names.as_ref().map(|names| names.iter().any(|known| known == name))
        };
        has(&self.scopes_supported, OFFLINE_ACCESS) == Some(true)
            && has(&self.grant_types_supported, "refresh_token") != Some(false)
    }

    /// Whether the server binds tokens by the algorithm that is used here (RFC 9449, section 5.1).
    pub(super) fn offers_dpop(&self) -> bool {
        let algorithms = self.dpop_signing_alg_values_supported.as_deref();
        algorithms.is_some_and(|names| names.iter().any(|name| name == dpop::ALGORITHM))
    }

    /// Whether the server binds tokens in no way that is supported.
    fn binds_otherwise(&self) -> bool {
        let algorithms = self.dpop_signing_alg_values_supported.as_deref();
        algorithms.is_some_and(|names| !names.is_empty()) && !self.offers_dpop()
    }

    /// What it requires that is not supported, or that the configuration never uses. How the client
    /// authenticates may be configured otherwise than it is announced.
    pub(super) fn unsupported(
        &self,
        entry: &ProviderConfig,
        configured: Option<TokenEndpointAuthMethod>,
    ) -> Option<String> {
        let methods = self.token_endpoint_auth_methods_supported.as_deref();
        let pushes =
            entry.pushes_requests() && entry.endpoints.pushed_authorization_request.is_some();
        let proves = entry.dpop != ExtensionPolicy::Never && !self.binds_otherwise();
        let requirements = Requirements {
            pushed: self.require_pushed_authorization_requests.unwrap_or(false) && !pushes,
            signed_request: self.require_signed_request_object.unwrap_or(false),
            dpop: self.dpop_bound_access_tokens.unwrap_or(false) && !proves,
            auth_methods: methods.filter(|_| configured.is_none()),
        };
        requirements.unsupported()
    }
}
