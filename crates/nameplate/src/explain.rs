//! Messages of errors, with what the configuration knows of them.

use native_oauth::provider::ServerInput;

use crate::account::LOCAL_PROVIDER;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::home::Home;
use crate::messages::{Problem, messages};
use crate::settings::Language;

/// Finds the messages of errors in one language.
pub(crate) struct Explainer<'a> {
    config: &'a Config,
    program: &'a str,
    language: Language,
}

impl<'a> Explainer<'a> {
    pub(crate) fn new(home: &'a Home, config: &'a Config, language: Language) -> Self {
        Self { config, program: &home.identity().name, language }
    }

    /// The messages of an error.
    pub(crate) fn problem(&self, error: &Error) -> Problem {
        let ids = self.config.entries().iter().map(|entry| entry.oauth.id.clone());
        let similar = similar_to_typed(error, Code::UnknownProvider, ids);
        self.with_suggestion(self.of_configuration(error), similar)
    }

    /// The messages of an error; of an unknown account, with the name among `accounts` that is similar.
    pub(crate) fn problem_among(
        &self,
        accounts: impl IntoIterator<Item = String>,
        error: &Error,
    ) -> Problem {
        let similar = similar_to_typed(error, Code::UnknownAccount, accounts);
        self.with_suggestion(self.problem(error), similar)
    }

    /// Sentences for the codes of an account's notes.
    pub(crate) fn notes(&self, label: &str, codes: &[String]) -> Vec<String> {
        let code = |text: &String| Code::ALL.iter().find(|code| code.to_string() == *text);
        let sentence = |code: &Code| {
            let problem = self.texts(&Error::new(*code), Some(label));
            format!("{} {}", problem.message, problem.next)
        };
        codes.iter().filter_map(code).map(sentence).collect()
    }

    fn of_configuration(&self, error: &Error) -> Problem {
        let label = error.server().or_else(|| self.label(error.provider()?));
        let problem = self.texts(error, label);
        match self.in_other_words(error) {
            // Only the messages change, not the code.
            Some(other) => {
                let Problem { message, next, remedies, .. } = self.texts(&other, label);
                Problem { message, next, remedies, ..problem }
            }
            None => problem,
        }
    }

    fn texts(&self, error: &Error, label: Option<&str>) -> Problem {
        messages(self.language).problem(self.program, error, label)
    }

    fn label(&self, id: &str) -> Option<&str> {
        match self.config.entry(id) {
            Ok(entry) => Some(messages(self.language).label(entry)),
            Err(_) => (id == LOCAL_PROVIDER).then(|| &*messages(self.language).local_profile),
        }
    }

    /// An error whose messages say more about this one.
    fn in_other_words(&self, error: &Error) -> Option<Error> {
        let entry = error.provider().and_then(|id| self.config.entry(id).ok());
        let is_named = entry.is_some_and(|entry| entry.server_input() != ServerInput::None);
        // The address comes from the user, not from providers.toml.
        if error.code() == Code::DiscoveryMismatch && (is_named || error.server().is_some()) {
            return Some(Error::new(Code::ServerMismatch));
        }
        let (id, provider) = (error.provider()?, entry?.oauth.provider);
        let page_error = provider.set_up.page_error;
        match error.code() {
            // A provider that shows errors on its own page only.
            Code::TimedOut if !page_error.is_empty() => {
                Some(Error::new(Code::ErrorOnPage).at(id).with_detail(page_error))
            }
            // A provider whose sessions are all short.
            Code::NeedsSignIn if provider.is_atproto() => {
                Some(Error::new(Code::ShortSession).at(id))
            }
            _ => None,
        }
    }

    fn with_suggestion(&self, problem: Problem, name: Option<String>) -> Problem {
        let Some(name) = name else { return problem };
        let did_you_mean = messages(self.language).command("did_you_mean", &[("name", &name)]);
        Problem { next: format!("{did_you_mean} {}", problem.next), ..problem }
    }
}

/// The name that is similar to what was typed, if the error is of this code (Jaro similarity over 0.7,
/// as in `clap`).
fn similar_to_typed(
    error: &Error,
    code: Code,
    names: impl IntoIterator<Item = String>,
) -> Option<String> {
    let typed = error.detail().filter(|_| error.code() == code)?;
    let names = names.into_iter().map(|name| (strsim::jaro(typed, &name), name));
    let near = names.filter(|(likeness, _)| (0.7..1.0).contains(likeness));
    near.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, name)| name)
}
