//! The licences of the libraries in the program, which the build script lists.

/// A list of name, version and licence expression, as JSON.
pub const LIST: &str = include_str!(concat!(env!("OUT_DIR"), "/licences.json"));

#[cfg(test)]
mod tests {
    use super::*;

    /// Libraries of both package managers are listed, each with a licence; ours and those of the build are not.
    #[test]
    #[allow(clippy::unwrap_used, reason = "a failed test panics")]
    fn every_library_is_listed() {
        let list: Vec<serde_json::Value> = serde_json::from_str(LIST).unwrap();
        let has = |name: &str| list.iter().any(|library| library["name"] == name);
        assert!(["tauri", "rusqlite", "reqwest", "svelte", "uqr"].into_iter().all(has), "{LIST}");
        assert!(
            !["nameplate", "tauri-build", "serde_derive", "vitest", "clap"].into_iter().any(has)
        );
        for library in &list {
            for key in ["name", "version", "licence"] {
                assert!(library[key].as_str().is_some_and(|text| !text.is_empty()), "{library}");
            }
        }
    }
}
