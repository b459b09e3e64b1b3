//! `nameplate`, the command line.

mod arguments;
mod commands;
mod exit;
mod failure;
mod identity;
mod output;
#[cfg(test)]
mod reference;
mod secret;
mod table;

use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;

use clap::FromArgMatches;
use nameplate::{Environment, Home, Nameplate, ReturnTo, SignOutScope};

use arguments::{Arguments, Command, Discord};
use failure::Failure;
use output::Output;

/// Longer waits are reported.
const REPORTED_AFTER: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let matches = arguments::command().get_matches();
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    // These need no home.
    if let Command::Completions { shell } = arguments.command {
        return commands::completions::print(shell);
    }
    if let Command::ManPages { dir } = &arguments.command {
        return commands::completions::write_man_pages(dir);
    }
    let output = Output::new(arguments.json);
    refuse_without_provider(&output, &arguments.command);
    // One thread: a command does one thing, and to start more takes longer than most commands.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("nameplate: {error}");
            return ExitCode::FAILURE;
        }
    };
    let end = runtime.block_on(execute(&output, arguments));
    // Does not wait for a keychain prompt or a read of the terminal.
    runtime.shutdown_background();
    match end {
        End::Exit(code) => code,
        End::Become(output, command) => commands::run::replace(&output, *command),
    }
}

/// How the process ends.
enum End {
    Exit(ExitCode),
    /// It becomes another command, after everything is closed.
    Become(Output, Box<std::process::Command>),
}

/// Without a terminal no provider can be chosen.
fn refuse_without_provider(output: &Output, command: &Command) {
    if let Command::SignIn(request) = command
        && request.provider.is_none()
        && !output.can_ask()
    {
        arguments::refuse("sign-in", "PROVIDER is required where no terminal can show the list");
    }
}

async fn execute(output: &Output, arguments: Arguments) -> End {
    match open_or_tell(output, &arguments) {
        Ok(nameplate) => {
            let output = output.clone().in_language(nameplate.preferences().language());
            // `doctor` has a finding for it.
            let reports = !matches!(arguments.command, Command::Doctor(_));
            let reported = reports && report_damage(&nameplate, &output);
            let done = tokio::select! {
                done = run(&nameplate, &output, arguments.command) => done,
                never = report_waits(&nameplate, &output) => never,
            };
            if reports && !reported {
                // Found by the command itself.
                report_damage(&nameplate, &output);
            }
            if let Some(refusal) = nameplate.notices().take_refused_revocation() {
                output.notice(&nameplate, &refusal);
            }
            match done {
                Ok(None) => End::Exit(ExitCode::SUCCESS),
                Ok(Some(command)) => End::Become(output, Box::new(command)),
                Err(failure) => {
                    output.error(&nameplate, &failure);
                    End::Exit(failure.exit_code())
                }
            }
        }
        Err(error) => {
            output.early_error(&error);
            End::Exit(ExitCode::from(exit::code(&error)))
        }
    }
}

/// Reports a damaged database that was set aside, and how to reset; whether there is one.
fn report_damage(nameplate: &Nameplate, output: &Output) -> bool {
    let Some(damage) = &nameplate.notices().damaged_database() else { return false };
    output.notice(nameplate, damage);
    output.aside(&output.messages().command("reset_hint", &[]));
    true
}

/// As [`open`], and reports a long wait, such as for another process that migrates the database.
fn open_or_tell(output: &Output, arguments: &Arguments) -> nameplate::Result<Nameplate> {
    let (opened, ended) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if ended.recv_timeout(REPORTED_AFTER) == Err(mpsc::RecvTimeoutError::Timeout) {
                output.aside(output.messages().command("opening_database", &[]).as_str());
            }
        });
        let result = open(arguments);
        drop(opened);
        result
    })
}

fn open(arguments: &Arguments) -> nameplate::Result<Nameplate> {
    let environment: Environment = std::env::vars_os().collect();
    let home = Home::choose(&identity::identity(), arguments.home.as_deref(), &environment)
        .map_err(|error| nameplate::Error::new(nameplate::Code::HomeRefused).with_detail(error))?;
    let nameplate = Nameplate::builder(home.clone())
        .providers(identity::providers())
        .environment(environment)
        .env_file(arguments.env_file.clone())
        .return_to(ReturnTo::Terminal)
        .open()?;
    // It fails where there is one already.
    let log = nameplate::log::subscriber(&home, "nameplate_cli");
    let _ = tracing::subscriber::set_global_default(log);
    Ok(nameplate)
}

/// Reports what an operation waits for; never returns.
async fn report_waits(
    nameplate: &Nameplate,
    output: &Output,
) -> Result<Option<std::process::Command>, Failure> {
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

/// Runs a command; `run` returns what this process becomes.
async fn run(
    nameplate: &Nameplate,
    output: &Output,
    command: Command,
) -> Result<Option<std::process::Command>, Failure> {
    match command {
        Command::Run(request) => {
            return Ok(Some(commands::run::prepare(nameplate, output, request).await?));
        }
        Command::Providers => commands::providers::run(nameplate, output)?,
        Command::SignIn(request) => commands::sign_in::run(nameplate, output, request).await?,
        Command::Discord(Discord::AddBot(request)) => {
            commands::add_bot::run(nameplate, output, request).await?;
        }
        Command::SetUp(request) => commands::set_up::run(nameplate, output, request).await?,
        Command::Finish { url } => commands::finish::run(nameplate, output, &url).await?,
        Command::Accounts => commands::accounts::run(nameplate, output)?,
        Command::Token { account } => {
            commands::token::print(nameplate, output, &account.account).await?;
        }
        Command::Refresh { account } => {
            commands::token::refresh(nameplate, output, account).await?;
        }
        Command::SignOut { account, everywhere } => {
            let scope = if everywhere { SignOutScope::Everywhere } else { SignOutScope::Here };
            commands::sign_out::sign_out(nameplate, output, &account.account, scope).await?;
        }
        Command::Reset { yes } => commands::sign_out::reset(nameplate, output, yes).await?,
        Command::Doctor(request) => commands::doctor::run(nameplate, output, request).await?,
        // Done before the home is opened.
        Command::Completions { .. } | Command::ManPages { .. } => {}
    }
    Ok(None)
}
