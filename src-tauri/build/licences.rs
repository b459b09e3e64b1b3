//! The licences of the libraries in the program: a list of name, version and licence expression, as JSON.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The files that decide what is in the list.
pub const INPUTS: [&str; 3] = ["Cargo.lock", "ui/package.json", "ui/package-lock.json"];

/// Writes it to `OUT_DIR`, in a package of `cargo package` without the crates.
pub fn write(is_packaged: bool) -> Result<()> {
    let mut list = if is_packaged { List::new() } else { crates()? };
    list.extend(packages()?);
    let list: Vec<_> = list
        .into_iter()
        .map(|((name, version), licence)| json!({ "name": name, "version": version, "licence": licence }))
        .collect();
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join("licences.json"), json!(list).to_string())?)
}

/// Licences by name and version.
type List = BTreeMap<(String, String), String>;

/// The crates of other authors that are compiled into the program for this target.
fn crates() -> Result<List> {
    let target = env::var("TARGET")?;
    let output = Command::new(env::var("CARGO")?)
        .args(["tree", "--locked", "--target", &target, "--edges", "normal,no-proc-macro"])
        .args(["--prefix", "none", "--format", "{p}\t{l}"])
        .current_dir(env::var("CARGO_MANIFEST_DIR")?)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let listed = String::from_utf8(output.stdout)?;
    // `NAME vVERSION<tab>LICENCE`, and ` (*)` from the second time on. A crate of ours has its path after the version.
    let rows = listed.lines().filter_map(|line| {
        let (package, licence) = line.trim_end_matches(" (*)").split_once('\t')?;
        let (name, version) = package.split_once(" v")?;
        (!version.contains(' ')).then(|| row(name, version, licence))
    });
    Ok(rows.collect())
}

/// What the page is made of: the packages of npm that it imports, and Svelte.
fn packages() -> Result<List> {
    let read =
        |name: &str| -> Result<Value> { Ok(serde_json::from_str(&fs::read_to_string(name)?)?) };
    let (own, lock) = (read("ui/package.json")?, read("ui/package-lock.json")?);
    let names =
        own["dependencies"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let mut list = List::new();
    for name in names.chain(["svelte"]) {
        let package = &lock["packages"][format!("node_modules/{name}")];
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        list.extend([row(name, text("version"), text("license"))]);
    }
    Ok(list)
}

fn row(name: &str, version: &str, licence: &str) -> ((String, String), String) {
    let licence = match licence {
        "" => "see its licence file".to_owned(),
        expression => expression.replace('/', " OR "),
    };
    ((name.to_owned(), version.to_owned()), licence)
}
