//! What can be typed. Secrets never stand on the command line, which others can see.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use login::Channel;

/// Sign in on the desktop with the accounts people already have.
#[derive(Debug, Parser)]
#[command(name = "nameplate", version, arg_required_else_help = true)]
pub struct Arguments {
    /// Keep everything of this run under DIR (also: NAMEPLATE_HOME)
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Read client ids and secrets from FILE instead of .env in the configuration folder
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Print one JSON object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the providers, and which are set up
    Providers,
    /// Set a provider up: what to register, then client id and secret
    SetUp(SetUp),
    /// Sign in
    SignIn(SignIn),
    /// Add a bot to a server of yours
    AddBot(AddBot),
    /// Complete a sign-in that waits, with the address that the browser ended at
    Finish {
        /// The URL; standard input where it is left out or `-`, which keeps it out of the shell's history
        #[arg(default_value = "-")]
        url: String,
    },
    /// List the people and accounts on this device
    Accounts,
    /// Print a valid access token of an account, for scripts and tools
    Token {
        /// The account's id, as `accounts` prints it
        account: String,
    },
    /// Renew the access token of an account, or of all that have a refresh token
    Refresh {
        /// The account's id; every account where it is left out
        account: Option<String>,
    },
    /// Sign an account out of this device
    SignOut {
        /// The account's id, as `accounts` prints it
        account: String,
        /// Also take back what was granted, on every device that the provider ends with it
        #[arg(long)]
        everywhere: bool,
    },
    /// Remove everything of Nameplate from this device
    Forget {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Look for what keeps sign-in from working
    Doctor,
}

/// A wish to set a provider up. The secret is read from standard input.
#[derive(Debug, Args)]
pub struct SetUp {
    /// The provider, as `providers` prints it, or a new name for an OpenID Connect issuer
    pub provider: String,
    /// The client id; asked for where it is left out
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// The address of an OpenID Connect issuer
    #[arg(long, value_name = "URL")]
    pub issuer: Option<String>,
    /// What to call the provider
    #[arg(long)]
    pub label: Option<String>,
    /// The https page that hands over to Nameplate; empty for none
    #[arg(long, value_name = "URL")]
    pub redirect_uri: Option<String>,
    /// Use no client secret, and remove the one that is kept
    #[arg(long)]
    pub no_secret: bool,
    /// Save without asking the provider whether it accepts the client
    #[arg(long)]
    pub skip_check: bool,
}

/// A wish to sign in.
#[derive(Debug, Args)]
pub struct SignIn {
    /// The provider, as `providers` prints it
    pub provider: String,
    #[command(flatten)]
    pub way: Way,
    /// The address of a profile of this device (provider `email`); its password is read from standard input
    #[arg(long, required_if_eq("provider", "email"))]
    pub address: Option<String>,
    /// Make the profile; nobody can restore its password
    #[arg(long, requires = "address")]
    pub create: bool,
    /// What to call whoever it is [default: the address]
    #[arg(long, requires = "create")]
    pub nickname: Option<String>,
}

/// A wish to add a bot.
#[derive(Debug, Args)]
pub struct AddBot {
    /// The provider, as `providers` prints it
    #[arg(default_value = "discord")]
    pub provider: String,
    /// What the bot may do, as Discord's sum of permissions [default: bot_permissions of
    /// providers.toml, else nothing]
    #[arg(long, value_name = "N")]
    pub permissions: Option<u64>,
    #[command(flatten)]
    pub way: Way,
}

/// How a browser is sent, and how long it is waited for.
#[derive(Debug, Args)]
pub struct Way {
    /// Print the address and open no browser
    #[arg(long)]
    pub no_browser: bool,
    /// How the answer is to come back [default: loopback where the provider allows it]
    #[arg(long)]
    pub channel: Option<ChannelName>,
    /// Give up after SECS seconds
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: Option<u64>,
}

/// A channel, as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ChannelName {
    /// A port of this machine
    Loopback,
    /// A link that the operating system hands to the window
    DeepLink,
    /// The address is pasted here
    Paste,
    /// A page of your own that hands over to the window
    Bounce,
    /// A code that you enter in any browser, on this device or another
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
