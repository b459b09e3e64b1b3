//! Which of the issuers a request speaks to.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::json;

use super::{Module, PROVIDER};
use crate::answer;
use crate::world::World;

/// The generic issuer or one of the modules.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// `oidc` or `oidc/rp/MODULE`: also the path below the base.
    pub realm: String,
    /// The module, if it is one.
    pub module: Option<Module>,
}

impl Issuer {
    /// The issuer of a realm.
    pub fn of(realm: &str) -> Self {
        let module = realm.strip_prefix("oidc/rp/").and_then(Module::find);
        Self { realm: realm.to_owned(), module }
    }

    /// Its identifier.
    pub fn url(&self, world: &World) -> String {
        format!("{}/{}", world.base, self.realm)
    }
}

impl<S: Sync> FromRequestParts<S> for Issuer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let Some(rest) = parts.uri.path().strip_prefix("/oidc/rp/") else {
            return Ok(Self::of(PROVIDER));
        };
        let name = rest.split('/').next().unwrap_or_default();
        let module = Module::find(name).ok_or_else(|| unknown(name))?;
        Ok(Self { realm: format!("oidc/rp/{}", module.name()), module: Some(module) })
    }
}

fn unknown(name: &str) -> Response {
    let names: Vec<&str> = Module::ALL.iter().map(|module| module.name()).collect();
    answer::json(
        StatusCode::NOT_FOUND,
        &json!({ "error": format!("no module {name}"), "modules": names }),
    )
}
