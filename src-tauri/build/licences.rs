//! The licences of the libraries in the program: a list of name, version and licence expression, as JSON.

use std::collections::{BTreeMap, BTreeSet};
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
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform", &target])
        .current_dir(env::var("CARGO_MANIFEST_DIR")?)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let own = env::var("CARGO_PKG_NAME")?;
    let packages: BTreeMap<_, _> =
        each(&metadata["packages"]).map(|package| (text(&package["id"]), package)).collect();
    let nodes: BTreeMap<_, _> =
        each(&metadata["resolve"]["nodes"]).map(|node| (text(&node["id"]), node)).collect();
    let mut found = BTreeSet::new();
    let mut next: Vec<_> =
        packages.iter().filter(|(_, package)| package["name"] == own).map(|(id, _)| *id).collect();
    while let Some(id) = next.pop() {
        if found.insert(id) {
            let used = each(&nodes[id]["deps"]).filter(|dependency| is_normal(dependency));
            next.extend(used.map(|dependency| text(&dependency["pkg"])));
        }
    }
    let packages = found.iter().map(|id| packages[id]);
    Ok(packages
        .filter(|package| !package["source"].is_null() && !is_macro(package))
        .map(row)
        .collect())
}

/// Neither for tests nor for build scripts.
fn is_normal(dependency: &Value) -> bool {
    each(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null())
}

/// It runs in the compiler.
fn is_macro(package: &Value) -> bool {
    each(&package["targets"]).any(|target| each(&target["kind"]).any(|kind| kind == "proc-macro"))
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
        let mut package = lock["packages"][format!("node_modules/{name}")].clone();
        package["name"] = name.into();
        list.extend([row(&package)]);
    }
    Ok(list)
}

fn row(package: &Value) -> ((String, String), String) {
    let owned = |name: &str| text(&package[name]).to_owned();
    let licence = match text(&package["license"]) {
        "" => "see its licence file".to_owned(),
        expression => expression.replace('/', " OR "),
    };
    ((owned("name"), owned("version")), licence)
}

fn each(array: &Value) -> impl Iterator<Item = &Value> {
    array.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
