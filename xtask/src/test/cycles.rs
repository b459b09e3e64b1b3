//! The modules of the crates: checks that they do not import each other in a cycle. A module and those inside it may. Names that
//! a parent exports again, and paths in macros, are not followed.

use super::sources::find_module;
use crate::project;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Attribute, Ident, ItemMod, ItemUse, UseTree};

/// The names from the root of a crate to a module, or to an item in it.
type Names = Vec<String>;

/// An error if modules of a crate import each other in a cycle.
pub fn check() -> Result<()> {
    let libraries = fs::read_dir(project::root().join("crates"))?;
    let mut folders = libraries.map(|folder| Ok(folder?.path())).collect::<Result<Vec<_>>>()?;
    folders.retain(|folder| folder.join("Cargo.toml").exists());
    folders.extend(["src-tauri", "xtask"].map(|folder| project::root().join(folder)));
    for folder in folders {
        let source = folder.join("src");
        let roots = ["lib.rs", "main.rs"].map(|name| source.join(name));
        let root = roots
            .iter()
            .find(|root| root.exists())
            .with_context(|| format!("{} has no root", source.display()))?;
        let found = cycles(imports(root)?);
        ensure!(found.is_empty(), "a cycle in {}:\n    {}", source.display(), found.join("\n    "));
    }
    Ok(())
}

/// The imports that are part of a cycle, or lead from one cycle to another.
fn cycles(mut imports: BTreeSet<(Names, Names)>) -> Vec<String> {
    loop {
        let before = imports.len();
        let (from, to): (BTreeSet<_>, BTreeSet<_>) = imports.iter().cloned().unzip();
        imports.retain(|(importer, imported)| to.contains(importer) && from.contains(imported));
        if imports.len() == before {
            let shown =
                |(from, to): &(Names, Names)| format!("{} -> {}", from.join("::"), to.join("::"));
            return imports.iter().map(shown).collect();
        }
    }
}

/// The imports between sibling modules; those of a module include those of its submodules. Without tests.
fn imports(root: &Path) -> Result<BTreeSet<(Names, Names)>> {
    let folder = root.parent().context("a source file lies in a folder")?.to_owned();
    let mut reader =
        Reader { unread: vec![(Names::new(), root.to_owned(), folder)], ..Reader::default() };
    while let Some(module) = reader.unread.pop() {
        let text = fs::read_to_string(&module.1)?;
        let file = syn::parse_file(&text)
            .with_context(|| format!("cannot read {}", module.1.display()))?;
        reader.module = module;
        reader.visit_file(&file);
    }
    let Reader { modules, used, .. } = reader;
    let siblings = used.iter().filter_map(|(module, path)| {
        let to = (0..=path.len())
            .rev()
            .map(|length| &path[..length])
            .find(|to| modules.contains(*to))?;
        let same = module.iter().zip(to).take_while(|(one, other)| one == other).count();
        Some((module.get(..=same)?.to_vec(), to.get(..=same)?.to_vec()))
    });
    Ok(siblings.collect())
}

#[derive(Default)]
struct Reader {
    /// A module, its file, and the folder of the modules inside it.
    module: (Names, PathBuf, PathBuf),
    unread: Vec<(Names, PathBuf, PathBuf)>,
    modules: BTreeSet<Names>,
    /// Modules, each with the path of something that it uses.
    used: Vec<(Names, Names)>,
}

impl Reader {
    /// Notes a path that begins with `crate`, `self` or `super`. Another one leads into this module or another crate.
    fn note(&mut self, path: &[String]) {
        let (mut to, rest) = match path {
            [first, rest @ ..] if first == "crate" => (Names::new(), rest),
            [first, rest @ ..] if first == "self" => (self.module.0.clone(), rest),
            [first, ..] if first == "super" => (self.module.0.clone(), path),
            _ => return,
        };
        let up = rest.iter().take_while(|name| *name == "super").count();
        to.truncate(to.len().saturating_sub(up));
        to.extend_from_slice(&rest[up..]);
        self.used.push((self.module.0.clone(), to));
    }

    fn note_tree(&mut self, tree: &UseTree, before: &[String]) {
        let and = |name: &Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.note_tree(&path.tree, &and(&path.ident)),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.note_tree(tree, before))
            }
            UseTree::Name(name) => self.note(&and(&name.ident)),
            UseTree::Rename(name) => self.note(&and(&name.ident)),
            UseTree::Glob(_) => self.note(before),
        }
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_file(&mut self, file: &'a syn::File) {
        self.modules.insert(self.module.0.clone());
        visit::visit_file(self, file);
    }

    fn visit_item_mod(&mut self, module: &'a ItemMod) {
        if module.attrs.iter().any(is_for_tests) {
            return;
        }
        let name = module.ident.to_string();
        let (names, file, folder) = &self.module;
        let names = [&names[..], std::slice::from_ref(&name)].concat();
        if module.content.is_some() {
            self.modules.insert(names.clone());
            let inside = (names, file.clone(), folder.join(name));
            let around = std::mem::replace(&mut self.module, inside);
            visit::visit_item_mod(self, module);
            self.module = around;
        } else if let Some((file, folder)) = find_module(module, &name, file, folder) {
            self.unread.push((names, file, folder));
        }
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        if !item.attrs.iter().any(is_for_tests) {
            self.note_tree(&item.tree, &[]);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let names: Names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.note(&names);
        visit::visit_path(self, path);
    }
}

/// `cfg(test)`, alone or with others.
fn is_for_tests(attribute: &Attribute) -> bool {
    let list = attribute.meta.require_list();
    attribute.path().is_ident("cfg")
        && list.is_ok_and(|list| list.tokens.to_string().contains("test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cycles of a crate with these files.
    fn of(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        cycles(imports(&folder.path().join("lib.rs")).unwrap())
    }

    #[test]
    fn modules_that_import_each_other_are_found() {
        let root = ("lib.rs", "mod a; mod b; mod c;");
        let a = ("a.rs", "use crate::{c, b::{inner::B, X}}; fn f() { super::c::g(); }");
        let b = ("b.rs", "mod inner; mod other;");
        let c = ("c.rs", "pub fn g() {}");
        let other = ("b/other.rs", "");
        // A module and one inside it, and the modules of tests.
        let inner = ("b/inner.rs", "use super::X; #[cfg(test)] mod tests { use crate::a; }");
        let none: [&str; 0] = [];
        assert_eq!(of(&[root, a, b, c, inner, other]), none);
        let inner = ("b/inner.rs", "use super::other::Y; fn f() -> crate::a::A { }");
        assert_eq!(of(&[root, a, b, c, inner, other]), ["a -> b", "b -> a"]);
        let inner = ("b/inner.rs", "use super::other::Y;");
        let other = ("b/other.rs", "use crate::b::inner::{self, Z};");
        let both = ["b::inner -> b::other", "b::other -> b::inner"];
        assert_eq!(of(&[root, a, b, c, inner, other]), both);
    }
}
