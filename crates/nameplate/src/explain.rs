//! Messages of errors, with what the configuration knows of them.

use crate::config::Config;
use crate::error::{Code, Error};
use crate::local_profile;
use crate::messages::{Problem, messages};
use crate::settings::Language;

/// The messages of an error; `accounts` are the names of the accounts.
pub(crate) fn explain_with(
    config: &Config,
    accounts: impl IntoIterator<Item = String>,
    language: Language,
    error: &Error,
) -> Problem {
    let problem = explain(config, language, error);
    let typed = error.words().filter(|_| error.code() == Code::UnknownAccount);
    let similar = typed.and_then(|typed| similar(typed, accounts));
    with_suggestion(problem, language, similar)
}

/// The messages of an error.
pub(crate) fn explain(config: &Config, language: Language, error: &Error) -> Problem {
    let of_provider = || {
        let id = error.provider()?;
        match config.entry(id) {
            Ok(entry) => Some(entry.label.as_str()),
            Err(_) => (id == local_profile::ID).then_some(local_profile::LABEL),
        }
    };
    let label = error.server().or_else(of_provider);
    let problem = messages(language).problem(error, label);
    if let Some(on_page) = on_its_page(config, error).or_else(|| of_a_short_session(config, error))
    {
        // Only the messages change, not the code.
        let Problem { message, next, remedies, .. } = messages(language).problem(&on_page, label);
        return Problem { message, next, remedies, ..problem };
    }
    let typed = error.words().filter(|_| error.code() == Code::UnknownProvider);
    let ids = config.entries().iter().map(|entry| entry.oauth.id.clone());
    let similar = typed.and_then(|typed| similar(typed, ids));
    with_suggestion(problem, language, similar)
}

fn with_suggestion(problem: Problem, language: Language, name: Option<String>) -> Problem {
    let Some(name) = name else { return problem };
    let did_you_mean = messages(language).command("did_you_mean", &[("name", &name)]);
    Problem { next: format!("{did_you_mean} {}", problem.next), ..problem }
}

/// The name that is similar to an unknown one (Jaro similarity over 0.7, as in `clap`).
fn similar(typed: &str, names: impl IntoIterator<Item = String>) -> Option<String> {
    let names = names.into_iter().map(|name| (strsim::jaro(typed, &name), name));
    let near = names.filter(|(likeness, _)| (0.7..1.0).contains(likeness));
    near.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, name)| name)
}

/// Replaces a timeout at a provider that shows errors on its own page only.
fn on_its_page(config: &Config, error: &Error) -> Option<Error> {
    let provider = error.provider().filter(|_| error.code() == Code::TimedOut)?;
    let shown = config.entry(provider).ok()?.oauth.provider.set_up.page_error;
    (!shown.is_empty()).then(|| Error::new(Code::ErrorOnPage).at(provider).detail(shown))
}

/// Replaces the end of a session where the provider lets none of them last.
fn of_a_short_session(config: &Config, error: &Error) -> Option<Error> {
    let provider = error.provider().filter(|_| error.code() == Code::NeedsSignIn)?;
    let is_short = config.entry(provider).ok()?.oauth.provider.is_atproto();
    is_short.then(|| Error::new(Code::ShortSession).at(provider))
}

/// Sentences for the codes of an account's notes.
pub(crate) fn notes(language: Language, label: &str, codes: &[String]) -> Vec<String> {
    let code = |text: &String| Code::ALL.iter().find(|code| code.to_string() == *text);
    let sentence = |code: &Code| {
        let problem = messages(language).problem(&Error::new(*code), Some(label));
        format!("{} {}", problem.message, problem.next)
    };
    codes.iter().filter_map(code).map(sentence).collect()
}
