//! `nameplate`, the command line.

mod arguments;
mod commands;
mod exit;
mod output;
mod secret;

use std::process::ExitCode;

use clap::Parser;
use nameplate::{Home, Nameplate, SignOutScope};

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
        Ok((nameplate, _log)) => {
            let output = output.in_language(nameplate.preferences().language());
            report_damage(&nameplate, &output, &arguments.command);
            let done = tokio::select! {
                done = run(&nameplate, &output, arguments.command) => done,
                never = report_waits(&nameplate, &output) => never,
            };
            if let Some(refusal) = nameplate.notices().take_refused_revocation() {
                output.notice(&nameplate, &refusal);
            }
            done.inspect_err(|error| output.error(&nameplate, error))
        }
        Err(error) => {
            output.early_error(&error);
            Err(error)
        }
    };
    exit::code(done.err().as_ref())
}

/// Every command reports a damaged database that was set aside; `doctor` has a finding for it.
fn report_damage(nameplate: &Nameplate, output: &Output, command: &Command) {
    if let (Some(damage), false) =
        (nameplate.notices().damaged_database(), matches!(command, Command::Doctor))
    {
        output.notice(nameplate, &damage);
    }
}

fn open(arguments: &Arguments) -> nameplate::Result<(Nameplate, Option<nameplate::log::Log>)> {
    let home = Home::choose(arguments.home.as_deref())
        .map_err(|error| nameplate::Error::new(nameplate::Code::HomeRefused).detail(error))?;
    let home = home.with_env_file(arguments.env_file.clone());
    let nameplate = Nameplate::open(home.clone())?;
    Ok((nameplate, nameplate::log::start(&home)))
}

/// Reports what an operation waits for; never returns.
async fn report_waits(nameplate: &Nameplate, output: &Output) -> nameplate::Result<()> {
    let mut news = nameplate.events();
    let mut told = None;
    loop {
        let _ = news.recv().await;
        let now = nameplate.notices().waiting_for();
        if let Some(error) = now.as_ref().filter(|_| now != told) {
            output.waits_for(nameplate, error);
        }
        told = now;
    }
}

async fn run(nameplate: &Nameplate, output: &Output, command: Command) -> nameplate::Result<()> {
    match command {
        Command::Providers => commands::list::providers(nameplate, output),
        Command::SignIn(request) if request.provider == commands::profile::EMAIL => {
            commands::profile::run(nameplate, output, request).await
        }
        Command::SignIn(request) => commands::sign_in::run(nameplate, output, request).await,
        Command::AddBot(request) => commands::add_bot::run(nameplate, output, request).await,
        Command::SetUp(request) => commands::set_up::run(nameplate, output, request).await,
        Command::Finish { url } => commands::finish::run(nameplate, output, &url).await,
        Command::Accounts => commands::list::accounts(nameplate, output),
        Command::Token { account } => commands::token::print(nameplate, output, &account).await,
        Command::Refresh { account } => commands::token::refresh(nameplate, output, account).await,
        Command::SignOut { account, everywhere } => {
            let scope = if everywhere { SignOutScope::Everywhere } else { SignOutScope::Here };
            commands::sign_out::sign_out(nameplate, output, &account, scope).await
        }
        Command::Reset { yes } => commands::sign_out::reset(nameplate, output, yes).await,
        Command::Doctor => commands::doctor::run(nameplate, output),
    }
}
