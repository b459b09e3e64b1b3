//! `docs/command-line.md`, made of the help.

use std::path::Path;

use clap::Command;

use crate::arguments;

const HEAD: &str = "\
# Command line

Generated from `nameplate --help` by `cargo test -p nameplate-cli`; do not edit. The output with
`--json` is described in [json.md](json.md), the configuration in [configuration.md](configuration.md).

## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | failed |
| 2 | wrong arguments, or a name that several accounts have |
| 3 | declined or cancelled |
| 4 | timed out |
| 5 | no usable keychain |
| 6 | a sign-in is needed |
| 126, 127 | `run`: the command cannot be run, or is not found |
";

/// The page: a section for each command that the help shows.
fn page() -> String {
    let mut command = arguments::command().term_width(100).max_term_width(100);
    command.build();
    let mut page = HEAD.to_owned();
    add(&mut page, &mut command);
    page
}

fn add(page: &mut String, command: &mut Command) {
    let name = command.get_bin_name().unwrap_or("nameplate").to_owned();
    let help = command.render_long_help().to_string();
    let lines: Vec<_> = help.lines().map(str::trim_end).collect();
    page.push_str(&format!("\n## `{name}`\n\n```text\n{}\n```\n", lines.join("\n").trim_end()));
    let shown = |command: &&mut Command| !command.is_hide_set() && command.get_name() != "help";
    command.get_subcommands_mut().filter(shown).for_each(|command| add(page, command));
}

/// The page is what the help says; where it is not, it is written again and this fails once.
#[test]
#[allow(clippy::unwrap_used, reason = "a failed test panics")]
fn the_reference_is_the_help() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/command-line.md");
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    if written != page() {
        std::fs::write(&file, page()).unwrap();
        panic!("docs/command-line.md was not up to date and has been written; commit it");
    }
}
