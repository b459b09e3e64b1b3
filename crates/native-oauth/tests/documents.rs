//! The documents of the repository have an entry for each built-in provider, and for no other.

use std::fs;
use std::path::Path;

use native_oauth::provider::BUILT_IN;

fn read(file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The rows of the table "register at" contain the page where each provider is set up.
#[test]
fn the_table_says_where_each_provider_is_set_up() {
    let text = read("docs/configuration.md");
    let table = text.split("\n\n").find(|part| part.contains("/callback/NAME")).unwrap();
    // A client registers itself at a server that a user names.
    let pages: Vec<_> =
        BUILT_IN.iter().filter_map(|provider| provider.set_up.register_url).collect();
    // Two lines of the head, and the row of OpenID Connect.
    assert_eq!(table.lines().count(), pages.len() + 3);
    for page in pages {
        assert!(table.contains(&format!("({page})")), "{page}");
    }
}

#[test]
fn the_readme_and_the_metainfo_name_each_provider() {
    for file in ["README.md", "packaging/app.nameplate.desktop.metainfo.xml"] {
        let text = read(file);
        // The Korean line has some names as well.
        let text: String = text.lines().filter(|line| !line.contains("xml:lang")).collect();
        for provider in BUILT_IN {
            assert!(text.contains(provider.label), "{file}: {}", provider.label);
        }
    }
}

#[test]
fn docs_providers_has_a_section_for_each_provider() {
    let text = read("docs/providers.md");
    for provider in BUILT_IN {
        assert!(text.contains(&format!("\n## {}\n", provider.label)), "{}", provider.id);
    }
}
