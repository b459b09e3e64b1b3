//! `nameplate`, the command line: a second caller of the engine. It starts no webview.

mod arguments;
mod commands;
mod exit;
mod say;
mod secret;

use std::process::ExitCode;

use clap::Parser;
use nameplate::{Home, Login, SignOutScope};

use arguments::{Arguments, Command};
use say::Say;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("nameplate: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(obey(arguments));
    // A keychain that still asks, or a terminal that is still read, keeps nobody waiting.
    runtime.shutdown_background();
    code
}

async fn obey(arguments: Arguments) -> ExitCode {
    let say = Say::new(arguments.json);
    let done = match open(&arguments) {
        Ok((login, _log)) => {
            let say = say.in_language(login.language());
            tell_of_damage(&login, &say, &arguments.command);
            let done = tokio::select! {
                done = run(&login, &say, arguments.command) => done,
                never = tell_waits(&login, &say) => never,
            };
            if let Some(refusal) = login.take_refusal() {
                say.notice(&login, &refusal);
            }
            done.inspect_err(|error| say.error(&login, error))
        }
        Err(error) => {
            say.early_error(&error);
            Err(error)
        }
    };
    exit::code(done.err().as_ref())
}

/// Every command reports a damaged database that was set aside; `doctor` does by a finding.
fn tell_of_damage(login: &Login, say: &Say, command: &Command) {
    if let (Some(damage), false) = (login.set_aside(), matches!(command, Command::Doctor)) {
        say.notice(login, &damage);
    }
}

fn open(arguments: &Arguments) -> nameplate::Result<(Login, Option<nameplate::log::Log>)> {
    let home = Home::choose(arguments.home.as_deref())
        .map_err(|error| nameplate::Error::new(nameplate::Code::HomeRefused).detail(error))?;
    let home = home.with_env_file(arguments.env_file.clone());
    let login = Login::open(home.clone())?;
    Ok((login, nameplate::log::start(&home)))
}

/// Tells what is waited for, each once; never ends.
async fn tell_waits(login: &Login, say: &Say) -> nameplate::Result<()> {
    let mut news = login.news();
    let mut told = None;
    loop {
        let _ = news.recv().await;
        let now = login.waits_for();
        if let Some(error) = now.as_ref().filter(|_| now != told) {
            say.waits_for(login, error);
        }
        told = now;
    }
}

async fn run(login: &Login, say: &Say, command: Command) -> nameplate::Result<()> {
    match command {
        Command::Providers => commands::list::providers(login, say),
        Command::SignIn(wish) if wish.provider == commands::profile::EMAIL => {
            commands::profile::run(login, say, wish).await
        }
        Command::SignIn(wish) => commands::sign_in::run(login, say, wish).await,
        Command::AddBot(wish) => commands::add_bot::run(login, say, wish).await,
        Command::SetUp(wish) => commands::set_up::run(login, say, wish).await,
        Command::Finish { url } => commands::finish::run(login, say, &url).await,
        Command::Accounts => commands::list::accounts(login, say),
        Command::Token { account } => commands::token::print(login, say, &account).await,
        Command::Refresh { account } => commands::token::refresh(login, say, account).await,
        Command::SignOut { account, everywhere } => {
            let scope = if everywhere { SignOutScope::Everywhere } else { SignOutScope::Here };
            commands::sign_out::sign_out(login, say, &account, scope).await
        }
        Command::Reset { yes } => commands::sign_out::reset(login, say, yes).await,
        Command::Doctor => commands::doctor::run(login, say),
    }
}
