//! Finds test functions, from the root file of a crate through its modules.

use super::Written;
use crate::test::number::Number;
use anyhow::{Context, Result};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::fs;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Item, ItemFn, ItemMod, Lit, Meta};

/// The tests of a `lib.rs`, `main.rs` or test file; paths without the name of the crate.
pub fn tests_from(root: &Path) -> Result<Vec<Written>> {
    let folder = root.parent().context("a source file lies in a folder")?;
    let mut walk = Walk { found: Vec::new() };
    walk.file(root, folder, &[])?;
    Ok(walk.found)
}

struct Walk {
    found: Vec<Written>,
}

impl Walk {
    fn file(&mut self, file: &Path, modules: &Path, path: &[String]) -> Result<()> {
        let text =
            fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let parsed =
            syn::parse_file(&text).with_context(|| format!("cannot read {}", file.display()))?;
        let lines: Vec<&str> = text.lines().collect();
        self.items(&parsed.items, file, modules, path, &lines)
    }

    fn items(
        &mut self,
        items: &[Item],
        file: &Path,
        modules: &Path,
        path: &[String],
        lines: &[&str],
    ) -> Result<()> {
        for item in items {
            match item {
                Item::Fn(function) => self.function(function, path, lines),
                Item::Mod(module) => self.module(module, file, modules, path, lines)?,
                // `proptest! { #[test] fn name(x in ..) { .. } }` has no items before expansion.
                Item::Macro(call) => self.tokens(call.mac.tokens.clone(), path),
                _ => {}
            }
        }
        Ok(())
    }

    fn module(
        &mut self,
        module: &ItemMod,
        file: &Path,
        modules: &Path,
        path: &[String],
        lines: &[&str],
    ) -> Result<()> {
        let name = module.ident.to_string();
        let inner = [path, std::slice::from_ref(&name)].concat();
        if let Some((_, items)) = &module.content {
            return self.items(items, file, &modules.join(&name), &inner, lines);
        }
        let Some((file, modules)) = find_module(module, &name, file, modules) else {
            return Ok(());
        };
        self.file(&file, &modules, &inner)
    }

    fn function(&mut self, function: &ItemFn, path: &[String], lines: &[&str]) {
        // `#[test]`, `#[tokio::test]`.
        let is_test =
            |a: &Attribute| a.path().segments.last().is_some_and(|last| last.ident == "test");
        if !function.attrs.iter().any(is_test) {
            return;
        }
        let name = function.sig.ident.to_string();
        let ignored = function.attrs.iter().any(|a| a.path().is_ident("ignore"));
        let mut text: String = function.attrs.iter().filter_map(doc).collect();
        text += &plain_comment_above(function, lines);
        self.push(path, &name, &text, ignored);
    }

    /// Finds `#[..] .. fn name` in the tokens of a macro.
    fn tokens(&mut self, tokens: TokenStream, path: &[String]) {
        let mut attributes = Vec::new();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                    attributes.push(group.stream().to_string())
                }
                TokenTree::Group(_) => attributes.clear(),
                TokenTree::Ident(word) if word == "fn" => {
                    let name = tokens.peek().map(ToString::to_string).unwrap_or_default();
                    if attributes.iter().any(|a| a == "test") {
                        self.push(
                            path,
                            &name,
                            &attributes.join(" "),
                            attributes.iter().any(|a| a.starts_with("ignore")),
                        );
                    }
                    attributes.clear();
                }
                _ => {}
            }
        }
    }

    fn push(&mut self, path: &[String], name: &str, text: &str, ignored: bool) {
        let mut numbers = Number::in_text(text);
        numbers.sort_unstable();
        numbers.dedup();
        let name = [path, &[name.to_owned()]].concat().join("::");
        self.found.push(Written { name, numbers, ignored, passed: false });
    }
}

/// The file of `mod name;`, and the folder of its child modules.
pub fn find_module(
    module: &ItemMod,
    name: &str,
    file: &Path,
    modules: &Path,
) -> Option<(PathBuf, PathBuf)> {
    let named = module.attrs.iter().filter(|a| a.path().is_ident("path")).find_map(text_of);
    if let Some(named) = named {
        let found = file.parent()?.join(named);
        return Some((found.clone(), found.parent()?.to_owned()));
    }
    let own = modules.join(name);
    [modules.join(format!("{name}.rs")), own.join("mod.rs")]
        .into_iter()
        .find(|found| found.exists())
        .map(|found| (found, own))
}

fn doc(attribute: &Attribute) -> Option<String> {
    attribute.path().is_ident("doc").then(|| text_of(attribute)).flatten().map(|text| text + "\n")
}

fn text_of(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else {
        return None;
    };
    Some(text.value())
}

/// The `//` lines directly above a function and its attributes, which are no tokens.
fn plain_comment_above(function: &ItemFn, lines: &[&str]) -> String {
    let first = function.attrs.first().map_or_else(|| function.span(), Spanned::span).start().line;
    let above = lines.iter().take(first.saturating_sub(1)).rev();
    above
        .take_while(|line| line.trim_start().starts_with("//"))
        .copied()
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = r#"
mod inner;
/// S17: compared.
#[tokio::test]
async fn compares() {}
fn no_test() {}
mod tests {
    // O3 is met here
    #[test]
    fn named() {}
    proptest! {
        /// S20: never panics.
        #[test]
        fn any_bytes(x in any::<u8>()) { let y = [0]; }
    }
}
"#;

    #[test]
    fn finds_tests_in_modules_files_and_macros() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("lib.rs");
        fs::write(&root, ROOT).unwrap();
        fs::create_dir(folder.path().join("inner")).unwrap();
        fs::write(folder.path().join("inner.rs"), "mod deep;").unwrap();
        fs::write(folder.path().join("inner/deep.rs"), "#[test]\n#[ignore]\nfn later() {}")
            .unwrap();
        let mut found: Vec<_> = tests_from(&root)
            .unwrap()
            .into_iter()
            .map(|test| {
                let numbers: Vec<_> = test.numbers.iter().map(ToString::to_string).collect();
                format!(
                    "{} [{}]{}",
                    test.name,
                    numbers.join(" "),
                    if test.ignored { " ignored" } else { "" }
                )
            })
            .collect();
        found.sort_unstable();
        assert_eq!(
            found,
            [
                "compares [S17]",
                "inner::deep::later [] ignored",
                "tests::any_bytes [S20]",
                "tests::named [O3]"
            ]
        );
    }
}
