//! The texts of `--help`: groups of commands, and refusals.

use clap::CommandFactory;
use clap::error::ErrorKind;

use super::Arguments;

/// The commands of each group of the help, in order.
pub(super) const GROUPS: [(&str, &[&str]); 4] = [
    ("Accounts", &["sign-in", "finish", "accounts", "sign-out"]),
    ("Tokens", &["token", "run", "refresh"]),
    ("Setup", &["providers", "set-up", "doctor", "reset"]),
    ("More", &["discord", "completions", "help"]),
];

/// The whole command line, whose help lists the commands in groups.
pub fn command() -> clap::Command {
    let mut command = Arguments::command();
    // Adds `help`.
    command.build();
    let header = *command.get_styles().get_header();
    let literal = *command.get_styles().get_literal();
    let line = |name: &&str| {
        let Some(found) = command.find_subcommand(name) else { return String::new() };
        let about = found.get_about().map(ToString::to_string).unwrap_or_default();
        let aliases: String =
            found.get_visible_aliases().map(|alias| format!(" [alias: {alias}]")).collect();
        format!("  {literal}{name:<12}{literal:#} {about}{aliases}\n")
    };
    let group = |(title, names): &(&str, &[&str])| {
        let lines: String = names.iter().map(line).collect();
        format!("{header}{title}:{header:#}\n{lines}\n")
    };
    let groups: String = GROUPS.iter().map(group).collect();
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}{header}Options:{header:#}\n{{options}}{{after-help}}"
    );
    Arguments::command().help_template(template)
}

/// Ends the process with exit code 2 and a message about the arguments of a subcommand.
pub fn refuse(subcommand: &str, message: &str) -> ! {
    let mut command = command();
    command.build();
    let error = match command.find_subcommand_mut(subcommand) {
        Some(subcommand) => subcommand.error(ErrorKind::MissingRequiredArgument, message),
        None => command.error(ErrorKind::MissingRequiredArgument, message),
    };
    error.exit()
}
