//! Asks which provider to sign in with.

use std::io::{Write, stdin};

use nameplate::config::Entry;
use nameplate::{Nameplate, Result, ServerInput};

use crate::output::Output;

/// The chosen provider's id; `None` if nothing was chosen. A local profile is not offered, because
/// it needs an address.
pub fn provider(nameplate: &Nameplate, output: &Output) -> Result<Option<String>> {
    let config = nameplate.provider_setup().config();
    let offered: Vec<_> = config.entries().iter().filter(|entry| entry.is_ready()).collect();
    if offered.is_empty() {
        output.line(&output.messages().command("nothing_to_choose", &[]));
        return config.problem.clone().map_or(Ok(None), Err);
    }
    for (number, entry) in offered.iter().enumerate() {
        output.line(&format!("{:>3}  {}", number + 1, entry.label));
    }
    let typed = ask(&output.messages().command("choose_provider", &[]));
    Ok(chosen(&offered, typed.trim()))
}

/// What a provider wants to know besides. One that there is not wants nothing.
pub fn server_input(nameplate: &Nameplate, provider: &str) -> ServerInput {
    let config = nameplate.provider_setup().config();
    config.entry(provider).map_or(ServerInput::None, Entry::server_input)
}

/// The server or handle that a provider needs as well, if a terminal can ask.
pub fn server(nameplate: &Nameplate, output: &Output, provider: &str) -> Option<String> {
    let question = match server_input(nameplate, provider) {
        ServerInput::None => return None,
        ServerInput::Issuer | ServerInput::Server => "ask_server",
        ServerInput::Handle => "ask_handle",
    };
    if !output.can_ask() {
        return None;
    }
    let config = nameplate.provider_setup().config();
    let label = &config.entry(provider).ok()?.label;
    let typed = ask(&output.messages().command(question, &[("provider", label)]));
    Some(typed.trim().to_owned())
}

fn ask(question: &str) -> String {
    let mut out = anstream::stdout();
    let _ = write!(out, "{question} ").and_then(|()| out.flush());
    let mut typed = String::new();
    let _ = stdin().read_line(&mut typed);
    typed
}

/// A number of the list, else the id as it was typed, whose error has a suggestion.
fn chosen(offered: &[&Entry], typed: &str) -> Option<String> {
    let by_number =
        typed.parse::<usize>().ok().and_then(|number| offered.get(number.wrapping_sub(1)));
    match by_number {
        Some(entry) => Some(entry.oauth.id.clone()),
        None => Some(typed.to_owned()).filter(|typed| !typed.is_empty()),
    }
}
