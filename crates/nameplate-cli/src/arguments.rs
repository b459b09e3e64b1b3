//! Command line arguments. Secrets are never arguments, because other users can read those.

mod help;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use nameplate::{Grant, RedirectMethod};

pub use help::{command, refuse};

/// Sign in once in your browser, use the tokens anywhere
#[derive(Debug, Parser)]
#[command(name = "nameplate", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct Arguments {
    /// Store all data in DIR (or set NAMEPLATE_HOME)
    #[arg(long, global = true, value_name = "DIR", help_heading = GLOBAL)]
    pub home: Option<PathBuf>,
    /// Read client IDs and secrets from FILE instead of .env in the configuration folder
    #[arg(long, global = true, value_name = "FILE", help_heading = GLOBAL)]
    pub env_file: Option<PathBuf>,
    /// Print JSON Lines (see docs/json.md)
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

const GLOBAL: &str = "Global options";

const EXAMPLES: &str = "\
Examples:
  nameplate sign-in discord
  curl -H \"Authorization: Bearer $(nameplate token discord)\" https://discord.com/api/users/@me
  nameplate run google:mira@example.com -- ./backup.sh";

/// The command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sign in with a provider (opens the browser)
    #[command(visible_alias = "login", after_help = SIGN_IN_EXAMPLES)]
    SignIn(SignIn),
    /// Complete a pending sign-in by pasting the final URL
    Finish {
        /// Final URL from the browser; `-` reads it from standard input, which keeps it out of the
        /// shell history
        #[arg(default_value = "-")]
        url: String,
    },
    /// List the people and accounts on this computer
    #[command(visible_alias = "status")]
    Accounts,
    /// Sign out an account on this computer
    #[command(visible_alias = "logout")]
    SignOut {
        #[command(flatten)]
        account: AccountName,
        /// Also revoke this app's access at the provider; other devices may be signed out too
        #[arg(long)]
        everywhere: bool,
    },
    /// Print a valid access token of an account, for scripts and tools
    #[command(after_help = TOKEN_EXAMPLES)]
    Token {
        #[command(flatten)]
        account: AccountName,
    },
    /// Run a command with a valid access token in its environment
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// Refresh the access token of one account, or of all accounts
    Refresh {
        /// Provider (ID or name), email, provider:email or ID of the account [default: all accounts]
        account: Option<String>,
    },
    /// List the providers, whether they are set up, and their sign-in methods
    Providers,
    /// Set up a provider: show what to register, then save the client ID and secret
    #[command(after_help = SET_UP_EXAMPLES)]
    SetUp(SetUp),
    /// Check the keychain, the configuration and the URL scheme for problems
    #[command(after_help = DOCTOR_NOTE)]
    Doctor(Doctor),
    /// Delete all people, accounts and settings on this computer; provider setup is kept
    #[command(alias = "forget")]
    Reset {
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Discord: add a bot to a server
    #[command(subcommand)]
    Discord(Discord),
    /// Print a completion script for a shell
    #[command(after_help = COMPLETION_EXAMPLES)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages into DIR
    #[command(hide = true)]
    ManPages {
        /// An existing folder
        dir: PathBuf,
    },
}

const SIGN_IN_EXAMPLES: &str = "\
Examples:
  nameplate sign-in                            choose from a list
  nameplate sign-in github --method device-code    enter a code on another device
  nameplate sign-in google --no-browser        print the URL
  nameplate sign-in bluesky --handle alice.bsky.social
  nameplate sign-in mastodon --server mastodon.social
  nameplate sign-in https://id.example.com
  nameplate sign-in email --address mira@example.com --create";

const TOKEN_EXAMPLES: &str = "\
A token that expires soon is refreshed first. Exit code 6: sign in again.

Example:
  curl -H \"Authorization: Bearer $(nameplate token github)\" https://api.github.com/user";

const RUN_EXAMPLES: &str = "\
The command replaces this process: signals and the exit code are its own. It exits with 127 if the
command is not found and with 126 if it cannot be run. The token is not refreshed while the command
runs. Processes that the command starts inherit the token.

Examples:
  nameplate run github --env GH_TOKEN -- gh repo list
  nameplate run google -- sh -c 'curl -H \"Authorization: Bearer $ACCESS_TOKEN\" \"$URL\"'";

const SET_UP_EXAMPLES: &str = "\
Examples:
  nameplate set-up discord
  nameplate set-up company --issuer https://id.example.com --client-id desktop
  nameplate set-up kakao --client-id ID < secret.txt";

const COMPLETION_EXAMPLES: &str = "\
Examples:
  nameplate completions bash > ~/.local/share/bash-completion/completions/nameplate
  nameplate completions fish > ~/.config/fish/completions/nameplate.fish";

const DOCTOR_NOTE: &str = "\
Exit code 0: sign-in works, although warnings may be listed. 5: no keychain. 1: the configuration
cannot be read.";

/// Arguments of `nameplate doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// List every provider, sign-in method and folder
    #[arg(long)]
    pub verbose: bool,
    /// Repair what is safe: register the URL scheme, remove permissions of other users, and move
    /// client secrets from providers.toml into the keychain
    #[arg(long)]
    pub fix: bool,
}

/// The account that a command is for.
#[derive(Debug, Args)]
pub struct AccountName {
    /// Provider (ID or name), email, provider:email or ID of the account (see `accounts`)
    pub account: String,
}

/// Commands that only Discord has.
#[derive(Debug, Subcommand)]
pub enum Discord {
    /// Add a bot to a server (opens the browser)
    AddBot(AddBot),
}

/// Arguments of `nameplate run`.
#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub account: AccountName,
    /// Name of the environment variable with the token
    #[arg(long, value_name = "NAME", default_value = "ACCESS_TOKEN", value_parser = variable)]
    pub env: String,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// A name that every shell can use (POSIX, Base Definitions, section 3.216).
fn variable(name: &str) -> Result<String, &'static str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(is_name)
    {
        true => Ok(name.to_owned()),
        false => Err("use letters, digits and underscores, and no digit first"),
    }
}

/// Arguments of `nameplate set-up`. The secret is read from standard input.
#[derive(Debug, Args)]
pub struct SetUp {
    /// ID of the provider (see `providers`), or a new ID for an OpenID Connect provider
    pub provider: String,
    /// Client ID; if omitted, you are asked for it
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// Issuer URL of an OpenID Connect provider
    #[arg(long, value_name = "URL")]
    pub issuer: Option<String>,
    /// Name of the provider
    #[arg(long)]
    pub label: Option<String>,
    /// URL of your https redirect page; empty for none
    #[arg(long, value_name = "URL")]
    pub redirect_uri: Option<String>,
    /// Use no client secret, and delete the saved one
    #[arg(long)]
    pub no_secret: bool,
    /// Save without checking the client at the provider
    #[arg(long)]
    pub skip_check: bool,
}

/// Arguments of `nameplate sign-in`.
#[derive(Debug, Args)]
pub struct SignIn {
    /// ID or name of the provider (see `providers`), or the URL of an OpenID Connect issuer; if
    /// omitted, you choose from a list
    pub provider: Option<String>,
    /// Your server, where the provider has many: such as mastodon.social
    #[arg(long, value_name = "HOST")]
    pub server: Option<String>,
    /// Your handle, where that leads to your server: such as alice.bsky.social (provider `bluesky`)
    #[arg(long, conflicts_with = "server")]
    pub handle: Option<String>,
    #[command(flatten)]
    pub browser: BrowserOptions,
    /// Email of a local profile (provider `email`); its password is read from standard input
    #[arg(long, required_if_eq("provider", "email"), help_heading = LOCAL)]
    pub address: Option<String>,
    /// Create the local profile; its password cannot be reset
    #[arg(long, requires = "address", help_heading = LOCAL)]
    pub create: bool,
    /// Display name of the new profile [default: the email]
    #[arg(long, requires = "create", help_heading = LOCAL)]
    pub nickname: Option<String>,
}

const LOCAL: &str = "Local profile";

/// Arguments of `nameplate discord add-bot`.
#[derive(Debug, Args)]
pub struct AddBot {
    /// Permissions of the bot, as Discord's permission number [default: bot_permissions of
    /// providers.toml, else 0]
    #[arg(long, value_name = "N")]
    pub permissions: Option<u64>,
    #[command(flatten)]
    pub browser: BrowserOptions,
}

/// Options of commands that open the browser.
#[derive(Debug, Args)]
pub struct BrowserOptions {
    /// Print the URL instead of opening the browser
    #[arg(long)]
    pub no_browser: bool,
    /// How the browser returns to Nameplate [default: loopback if the provider allows it]
    #[arg(long, alias = "channel")]
    pub method: Option<Method>,
    /// Cancel after SECS seconds
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: Option<u64>,
}

/// Values of `--method`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Method {
    /// Returns automatically to a port on this computer
    Loopback,
    /// Opens the Nameplate window from the browser
    DeepLink,
    /// You paste the final URL here
    #[value(alias = "paste")]
    Manual,
    /// Returns via your own https redirect page
    #[value(alias = "bounce")]
    HttpsPage,
    /// You enter a code in a browser on any device
    #[value(alias = "device")]
    DeviceCode,
}

impl From<Method> for Grant {
    fn from(name: Method) -> Self {
        match name {
            Method::Loopback => RedirectMethod::Loopback.into(),
            Method::DeepLink => RedirectMethod::DeepLink.into(),
            Method::Manual => RedirectMethod::Manual.into(),
            Method::HttpsPage => RedirectMethod::HttpsPage.into(),
            Method::DeviceCode => Self::DeviceCode,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test panics")]
mod tests {
    use super::help::GROUPS;
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        command().debug_assert();
    }

    /// Every command that is shown is in one group.
    #[test]
    fn every_command_is_in_one_group() {
        let mut command = command();
        command.build();
        let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
        let mut shown: Vec<_> = shown.map(|command| command.get_name().to_owned()).collect();
        let mut grouped: Vec<_> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        shown.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(shown, grouped);
    }

    #[test]
    fn a_variable_has_a_portable_name() {
        for (name, is_one) in [
            ("GH_TOKEN", true),
            ("_x1", true),
            ("", false),
            ("1A", false),
            ("A=B", false),
            ("A B", false),
        ] {
            assert_eq!(variable(name).is_ok(), is_one, "{name}");
        }
    }
}
