//! The file of the https redirect page: its policy, its requests, and its target.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use xtask::project;

const PAGE: &str = "docs/https-redirect/index.html";
const README: &str = "docs/https-redirect/README.md";

fn file(name: &str) -> Result<String> {
    fs::read_to_string(project::root().join(name)).with_context(|| format!("cannot read {name}"))
}

/// The content of the only element with this name.
fn element<'a>(page: &'a str, name: &str) -> Result<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    ensure!(page.matches(&format!("<{name}")).count() == 1, "not one <{name}>");
    let (_, rest) = page.split_once(&open).with_context(|| format!("no {open}"))?;
    Ok(rest.split_once(&close).with_context(|| format!("no {close}"))?.0)
}

fn policy(page: &str) -> Result<String> {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    Ok(format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(element(page, "script")?),
        hash(element(page, "style")?),
    ))
}

/// S24: the policy permits exactly the page's script and style, precedes both, and is that of the README.
#[test]
fn the_policy_allows_exactly_what_is_in_the_page() -> Result<()> {
    let (page, policy) = (file(PAGE)?, policy(&file(PAGE)?)?);
    let line = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">");
    let before = page.split_once(&line).with_context(|| format!("the page must have\n{line}"))?.0;
    ensure!(!before.contains("<style") && !before.contains("<script"));
    let header = format!("{policy}; frame-ancestors 'none'");
    let readme = file(README)?;
    let told = readme.lines().filter(|line| line.contains("Content-Security-Policy")).count();
    ensure!(readme.matches(&header).count() == told && told > 0, "the README must say\n{header}");
    Ok(())
}

/// S24: the page sends no request and no referrer.
#[test]
fn the_page_sends_no_request() -> Result<()> {
    let page = file(PAGE)?;
    for asking in
        ["src=", "href=", "<link", "@import", "url(", "http:", "https:", "//", "fetch", "beacon"]
    {
        let lines: Vec<_> = page.lines().filter(|line| line.contains(asking)).collect();
        // A comment of the script.
        ensure!(
            lines.iter().all(|line| asking == "//" && line.trim_start().starts_with("// ")),
            "{lines:?}"
        );
    }
    ensure!(page.contains("<meta name=\"referrer\" content=\"no-referrer\">"));
    ensure!(page.contains("<noscript>"));
    Ok(())
}

/// The script does not interpret values as markup or code.
#[test]
fn the_script_writes_text_only() -> Result<()> {
    let page = file(PAGE)?;
    for writing in [
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval",
        "Function(",
        "setTimeout",
        "location =",
    ] {
        ensure!(!element(&page, "script")?.contains(writing), "{writing}");
    }
    Ok(())
}

/// The line that other publishers change; it contains the scheme of release builds.
#[test]
fn the_page_leads_to_the_released_program() -> Result<()> {
    let (page, product) = (file(PAGE)?, serde_json::from_str::<Value>(&file("tauri.conf.json")?)?);
    let schemes = product.pointer("/plugins/deep-link/desktop/schemes").context("no schemes")?;
    let [scheme] = schemes.as_array().context("no list")?.as_slice() else {
        anyhow::bail!("not one scheme: {schemes}")
    };
    let line = format!("<meta name=\"nameplate-scheme\" content={scheme}>");
    ensure!(page.lines().filter(|there| *there == line).count() == 1, "not one line {line}");
    // A changed scheme does not change the hash.
    let scheme = scheme.as_str().context("no text")?;
    ensure!(page.matches(scheme).count() == 1, "{scheme} is elsewhere in the page as well");
    ensure!(file(README)?.contains(&line), "the README must show the line");
    Ok(())
}

/// The page has the style of the page at the loopback port.
#[test]
fn the_page_looks_like_the_programs_own() -> Result<()> {
    let (page, own) = (file(PAGE)?, file("crates/native-oauth/src/redirect/page.css")?);
    ensure!(element(&page, "style")?.starts_with(&own), "the style must begin with page.css");
    Ok(())
}
