//! `nameplate`, the command line.

mod arguments;
mod commands;
mod exit;
mod output;
mod secret;

use std::process::ExitCode;

use clap::Parser;
use nameplate::{Home, Login, SignOutScope};

use arguments::{Arguments, Command};
use output::Output;

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
    // Does not wait for a keychain prompt or a read of the terminal.
    runtime.shutdown_background();
    code
}

async fn obey(arguments: Arguments) -> ExitCode {
    let output = Output::new(arguments.json);
    let done = match open(&arguments) {
        Ok((login, _log)) => {
            let output = output.in_language(login.language());
            report_damage(&login, &output, &arguments.command);
            let done = tokio::select! {
                done = run(&login, &output, arguments.command) => done,
                never = report_waits(&login, &output) => never,
            };
            if let Some(refusal) = login.take_refusal() {
                output.notice(&login, &refusal);
            }
            done.inspect_err(|error| output.error(&login, error))
        }
        Err(error) => {
            output.early_error(&error);
            Err(error)
        }
    };
    exit::code(done.err().as_ref())
}

/// Every command reports a damaged database that was set aside; `doctor` has a finding for it.
fn report_damage(login: &Login, output: &Output, command: &Command) {
    if let (Some(damage), false) = (login.set_aside(), matches!(command, Command::Doctor)) {
        output.notice(login, &damage);
    }
}

fn open(arguments: &Arguments) -> nameplate::Result<(Login, Option<nameplate::log::Log>)> {
    let home = Home::choose(arguments.home.as_deref())
        .map_err(|error| nameplate::Error::new(nameplate::Code::HomeRefused).detail(error))?;
    let home = home.with_env_file(arguments.env_file.clone());
    let login = Login::open(home.clone())?;
    Ok((login, nameplate::log::start(&home)))
}

/// Reports what an operation waits for; never returns.
async fn report_waits(login: &Login, output: &Output) -> nameplate::Result<()> {
    let mut news = login.news();
    let mut told = None;
    loop {
        let _ = news.recv().await;
        let now = login.waits_for();
        if let Some(error) = now.as_ref().filter(|_| now != told) {
            output.waits_for(login, error);
        }
        told = now;
    }
}

async fn run(login: &Login, output: &Output, command: Command) -> nameplate::Result<()> {
    match command {
        Command::Providers => commands::list::providers(login, output),
        Command::SignIn(request) if request.provider == commands::profile::EMAIL => {
            commands::profile::run(login, output, request).await
        }
        Command::SignIn(request) => commands::sign_in::run(login, output, request).await,
        Command::AddBot(request) => commands::add_bot::run(login, output, request).await,
        Command::SetUp(request) => commands::set_up::run(login, output, request).await,
        Command::Finish { url } => commands::finish::run(login, output, &url).await,
        Command::Accounts => commands::list::accounts(login, output),
        Command::Token { account } => commands::token::print(login, output, &account).await,
        Command::Refresh { account } => commands::token::refresh(login, output, account).await,
        Command::SignOut { account, everywhere } => {
            let scope = if everywhere { SignOutScope::Everywhere } else { SignOutScope::Here };
            commands::sign_out::sign_out(login, output, &account, scope).await
        }
        Command::Reset { yes } => commands::sign_out::reset(login, output, yes).await,
        Command::Doctor => commands::doctor::run(login, output),
    }
}
