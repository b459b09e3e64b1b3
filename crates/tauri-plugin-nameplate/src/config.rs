//! The table `plugins.nameplate` of `tauri.conf.json`.
//!
//! ```json
//! { "plugins": { "nameplate": { "providers": {
//!   "discord": { "client_id": "1156500000000000000" },
//!   "company": { "kind": "oidc", "issuer": "https://login.example.com", "client_id": "notes",
//!                "api": { "https://api.example.com": ["/v1/"] } } } } } }
//! ```

use std::collections::BTreeMap;

use nameplate::Home;
use nameplate::providers::ProviderOptions;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::builder::Builder;
use crate::fetch::allowed::{Api, Schemes};
use crate::named_api::{ApiBase, NamedApi};

/// Stands for the issuer of the account in a table `api`.
const ISSUER: &str = "issuer";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    providers: Map<String, Value>,
}

/// Adds what the table has to the options of the code. The table of a provider has the keys of
/// `providers.toml`, and `api`: paths by origin, or by `issuer` for the account's own.
///
/// # Errors
/// An unknown key, or a value of the wrong type; the message has no value.
pub fn apply(builder: &mut Builder, table: &Value) -> Result<(), Box<dyn std::error::Error>> {
    let wrong = |error: serde_json::Error| format!("plugins.nameplate: {error}");
    let Table { providers } = Table::deserialize(table).map_err(wrong)?;
    for (id, mut table) in providers {
        let apis = table.as_object_mut().and_then(|table| table.remove("api"));
        let apis = apis.map(BTreeMap::<String, Vec<String>>::deserialize).transpose();
        for (base, prefixes) in apis.map_err(wrong)?.unwrap_or_default() {
            let base = match base.as_str() {
                ISSUER => ApiBase::Issuer,
                _ => ApiBase::Origin(base),
            };
            builder.apis.push(NamedApi { provider: id.clone(), base, prefixes });
        }
        builder.providers.push(ProviderOptions::from_table(&id, &table).map_err(wrong)?);
    }
    Ok(())
}

/// The APIs, checked. Plain http to a loopback host is for a home of its own, as for providers.
///
/// # Errors
/// What is wrong with one of them.
pub fn apis(named: Vec<NamedApi>, home: &Home) -> Result<Vec<Api>, String> {
    let schemes = match home.own_dir() {
        Some(_) => Schemes::HttpsAndPlainLoopback,
        None => Schemes::Https,
    };
    let checked = |NamedApi { provider, base, prefixes }| match base {
        ApiBase::Origin(origin) => Api::new(&provider, &origin, prefixes, schemes),
        ApiBase::Issuer => Api::of_issuer(&provider, prefixes, schemes),
    };
    named.into_iter().map(checked).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn providers_and_apis_are_read() {
        let mut builder = Builder::default();
        let company = json!({
            "kind": "oidc", "issuer": "https://login.example.com", "client_id": "notes",
            "api": { "https://api.example.com": ["/v1/"], "issuer": ["/userinfo"] },
        });
        let table = json!({ "providers": { "company": company, "discord": { "client_id": "1" } } });
        apply(&mut builder, &table).unwrap();
        let ids: Vec<_> = builder.providers.iter().map(|provider| provider.id()).collect();
        assert_eq!(ids, ["company", "discord"]);
        let apis = builder.apis.iter().map(|api| (&*api.provider, &api.base)).collect::<Vec<_>>();
        let named = ApiBase::Origin("https://api.example.com".to_owned());
        assert_eq!(apis, [("company", &named), ("company", &ApiBase::Issuer)]);
    }

    /// S48: an error names the key and never a value.
    #[test]
    fn a_wrong_table_is_refused() {
        for table in [
            json!({ "provider": {} }),
            json!({ "providers": { "discord": { "client_secret": ["s3cret"] } } }),
            json!({ "providers": { "discord": { "client_secrte": "s3cret" } } }),
            json!({ "providers": { "discord": { "api": "https://api.example.com" } } }),
            json!({ "providers": { "company": { "client_id": "s3cret" } } }),
        ] {
            let refused = apply(&mut Builder::default(), &table).unwrap_err().to_string();
            assert!(!refused.contains("s3cret"), "{refused}");
        }
    }
}
