//! Asks which provider to sign in with.

use nameplate::config::Entry;
use nameplate::{Code, Error, Nameplate, Result, ServerInput};

use super::profile::EMAIL;
use crate::failure::Failure;
use crate::identity::DEMO;
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
        output.line(&format!("{:>3}  {}", number + 1, output.messages().label(entry)));
    }
    Ok(chosen(&offered, &output.ask("choose_provider", &[])))
}

/// The id of the provider that has this label, if no id is typed.
///
/// # Errors
/// If several have it.
pub fn by_label(nameplate: &Nameplate, output: &Output, typed: String) -> Result<String, Failure> {
    let config = nameplate.provider_setup().config();
    // The names of a local profile and of the demo, which are in no configuration, go before a label as well.
    if [EMAIL, DEMO].contains(&typed.as_str()) || config.entry(&typed).is_ok() {
        return Ok(typed);
    }
    let label = typed.to_lowercase();
    let has_label = |entry: &&Entry| output.messages().label(entry).to_lowercase() == label;
    let ids = config.entries().iter().filter(has_label).map(|entry| entry.oauth.id.as_str());
    let is_local = output.messages().local_profile.to_lowercase() == label;
    match *ids.chain(is_local.then_some(EMAIL)).collect::<Vec<_>>() {
        [] => Ok(typed),
        [id] => Ok(id.to_owned()),
        ref several => {
            let error = Error::new(Code::UnknownProvider)
                .with_detail(format!("{typed} → {}", several.join(", ")));
            Err(Failure::with_texts(error, "ambiguous_provider").of_arguments())
        }
    }
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
    let label = output.messages().label(config.entry(provider).ok()?);
    Some(output.ask(question, &[("provider", label)]))
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
