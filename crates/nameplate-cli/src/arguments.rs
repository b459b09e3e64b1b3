//! Command line arguments. Secrets are never arguments, because other users can read those.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use nameplate::Channel;

/// Sign in once in your browser, use the tokens anywhere
#[derive(Debug, Parser)]
#[command(name = "nameplate", version, arg_required_else_help = true)]
pub struct Arguments {
    /// Store all data in DIR (or set NAMEPLATE_HOME)
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Read client IDs and secrets from FILE instead of .env in the configuration folder
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Print JSON Lines
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the providers and whether they are set up
    Providers,
    /// Set up a provider: show what to register, then save the client ID and secret
    SetUp(SetUp),
    /// Sign in with a provider (opens the browser)
    SignIn(SignIn),
    /// Add a bot to a server (opens the browser)
    AddBot(AddBot),
    /// Complete a pending sign-in by pasting the final URL
    Finish {
        /// Final URL from the browser; `-` reads it from standard input, which keeps it out of the
        /// shell history
        #[arg(default_value = "-")]
        url: String,
    },
    /// List the people and accounts on this computer
    Accounts,
    /// Print a valid access token of an account, for scripts and tools
    Token {
        /// ID of the account (see `accounts`)
        account: String,
    },
    /// Refresh the access token of one account, or of all accounts
    Refresh {
        /// ID of the account [default: all accounts]
        account: Option<String>,
    },
    /// Sign out an account on this computer
    SignOut {
        /// ID of the account (see `accounts`)
        account: String,
        /// Also revoke this app's access at the provider; other devices may be signed out too
        #[arg(long)]
        everywhere: bool,
    },
    /// Delete all people, accounts and settings on this computer; provider setup is kept
    #[command(alias = "forget")]
    Reset {
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Check the keychain, the configuration and the URL scheme for problems
    Doctor,
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
    /// ID of the provider (see `providers`)
    pub provider: String,
    #[command(flatten)]
    pub browser: BrowserOptions,
    /// Email of a local profile (provider `email`); its password is read from standard input
    #[arg(long, required_if_eq("provider", "email"))]
    pub address: Option<String>,
    /// Create the local profile; its password cannot be reset
    #[arg(long, requires = "address")]
    pub create: bool,
    /// Display name of the new profile [default: the email]
    #[arg(long, requires = "create")]
    pub nickname: Option<String>,
}

/// Arguments of `nameplate add-bot`.
#[derive(Debug, Args)]
pub struct AddBot {
    /// ID of the provider (see `providers`)
    #[arg(default_value = "discord")]
    pub provider: String,
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
    #[arg(long)]
    pub channel: Option<ChannelName>,
    /// Cancel after SECS seconds
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: Option<u64>,
}

/// Values of `--channel`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ChannelName {
    /// Returns automatically to a port on this computer
    Loopback,
    /// Opens the Nameplate window from the browser
    DeepLink,
    /// You paste the final URL here
    Paste,
    /// Returns via your own https redirect page
    Bounce,
    /// You enter a code in a browser on any device
    Device,
}

impl From<ChannelName> for Channel {
    fn from(name: ChannelName) -> Self {
        match name {
            ChannelName::Loopback => Self::Loopback,
            ChannelName::DeepLink => Self::DeepLink,
            ChannelName::Paste => Self::Paste,
            ChannelName::Bounce => Self::Bounce,
            ChannelName::Device => Self::Device,
        }
    }
}
