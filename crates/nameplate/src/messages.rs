//! The engine's messages in each language, read from `messages/`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use native_oauth::Provider;
use native_oauth::redirect::page::PageTexts;
use serde::{Deserialize, Serialize};

use crate::config::Entry;
use crate::error::{Code, Error};
use crate::settings::{Language, ReturnTo};

/// The messages in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Messages {
    errors: BTreeMap<Code, Sentence>,
    /// Texts of the loopback page, with `{app}` for the program and `{place}` for where to go on.
    page: PageTexts,
    /// What `{place}` is.
    place: Places,
    /// What local profiles are called beside the names of providers.
    pub local_profile: String,
    /// Labels of built-in providers that this language writes in another way, by their ids.
    labels: BTreeMap<String, String>,
    steps: BTreeMap<String, String>,
    command: BTreeMap<String, String>,
    doctor: BTreeMap<String, String>,
    bot: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    app: String,
    terminal: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentence {
    say: String,
    next: String,
}

/// An error with its messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Problem {
    /// Code of the error.
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub code: Code,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub next: String,
    /// Message of the provider or system.
    pub detail: Option<String>,
    /// Id of the provider.
    pub provider: Option<String>,
    /// Actions that may solve it.
    pub remedies: Vec<Remedy>,
}

/// An action that may solve a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Sign in again.
    TryAgain,
    /// Sign in without the keychain; the session ends with the program.
    ThisRun,
    /// Restart the program, which looks for a keychain at start only.
    Restart,
    /// Show how the provider is set up.
    SetUp,
    /// Read the configuration again.
    CheckAgain,
    /// Open the host in the detail ([`SignIns::request_at_host`](crate::SignIns::request_at_host)).
    ConfirmHost,
}

static KO: LazyLock<Messages> = LazyLock::new(|| read(include_str!("../messages/ko.json")));
static EN: LazyLock<Messages> = LazyLock::new(|| read(include_str!("../messages/en.json")));

/// Parses a file of messages. It is part of the program, and a test parses both.
#[allow(clippy::expect_used)]
fn read(text: &str) -> Messages {
    serde_json::from_str(text).expect("the messages are part of the program")
}

/// The messages in a language.
pub fn messages(language: Language) -> &'static Messages {
    match language {
        Language::Ko => &KO,
        Language::En => &EN,
    }
}

impl Messages {
    /// The messages of an error; `program` is the name of the embedding program, `label` that of the
    /// provider.
    pub fn problem(&self, program: &str, error: &Error, label: Option<&str>) -> Problem {
        let detail = error.detail().unwrap_or_default();
        let named = |sentence: &str| {
            let provider = label.or(error.provider()).unwrap_or("OAuth");
            let named = sentence.replace("{app}", program).replace("{provider}", provider);
            named.replace("{detail}", detail)
        };
        let sentence = &self.errors[&error.code()];
        Problem {
            code: error.code(),
            message: named(&sentence.say),
            next: named(&sentence.next),
            // Left out if the message contains it.
            detail: error
                .detail()
                .filter(|_| !sentence.say.contains("{detail}"))
                .map(str::to_owned),
            provider: error.provider().map(str::to_owned),
            remedies: remedies(error.code()),
        }
    }

    /// The texts of the loopback page of a program, for a sign-in that goes on there.
    pub(crate) fn page(&self, return_to: ReturnTo, program: &str) -> PageTexts {
        let place = match return_to {
            ReturnTo::App => &self.place.app,
            ReturnTo::Terminal => &self.place.terminal,
        };
        let named = |text: &str| text.replace("{place}", place).replace("{app}", program);
        let mut page = self.page.clone();
        for it in [&mut page.program, &mut page.back, &mut page.note] {
            *it = named(it);
        }
        for it in [
            &mut page.signed_in,
            &mut page.extra_granted,
            &mut page.received,
            &mut page.already_used,
            &mut page.failed,
            &mut page.unknown,
            &mut page.stopped,
            &mut page.not_stored,
            &mut page.other_user,
        ] {
            (it.title, it.text) = (named(&it.title), named(&it.text));
        }
        page
    }

    /// A message of the command line, with `{name}` placeholders replaced.
    pub fn command(&self, name: &str, filled: &[(&str, &str)]) -> String {
        let sentence = self.command.get(name).cloned().unwrap_or_default();
        filled.iter().fold(sentence, |sentence, (name, value)| {
            sentence.replace(&format!("{{{name}}}"), value)
        })
    }

    /// The label of a provider: as the configuration writes it, else in this language.
    pub fn label<'a>(&'a self, entry: &'a Entry) -> &'a str {
        self.label_of(&entry.label, entry.oauth.provider)
    }

    /// The same for a label that was stored, or has more than the provider's name.
    pub(crate) fn label_of<'a>(&'a self, label: &'a str, provider: &Provider) -> &'a str {
        let own = self.labels.get(provider.id).filter(|_| label == provider.label);
        own.map_or(label, String::as_str)
    }

    /// A permission of an extra grant; one without a text is its own name.
    pub(crate) fn permission<'a>(&'a self, name: &'a str) -> &'a str {
        self.bot.get(name).map_or(name, String::as_str)
    }

    /// A step to set a provider up; that of a program's own provider is its own text.
    pub(crate) fn step(&self, program: &str, key: &str) -> String {
        self.steps.get(key).map_or(key, String::as_str).replace("{app}", program)
    }

    /// A message of `doctor`.
    pub fn doctor(&self, name: &str) -> &str {
        self.doctor.get(name).map_or("", String::as_str)
    }
}

/// What a user interface offers to do.
fn remedies(code: Code) -> Vec<Remedy> {
    match code {
        Code::KeychainAbsent => vec![Remedy::Restart, Remedy::ThisRun],
        Code::NotSetUp => vec![Remedy::SetUp, Remedy::CheckAgain],
        Code::RegistrationClosed | Code::RegistrationRefused => {
            vec![Remedy::SetUp, Remedy::TryAgain]
        }
        Code::ConfigUnreadable | Code::UnknownProvider => vec![Remedy::CheckAgain],
        Code::SessionForeign => vec![Remedy::CheckAgain, Remedy::TryAgain],
        // Most often the user left the page.
        Code::ErrorOnPage => vec![Remedy::TryAgain, Remedy::SetUp],
        Code::StoreFailed | Code::StoreBusy => vec![Remedy::CheckAgain],
        Code::HostNotConfirmed => vec![Remedy::ConfirmHost],
        Code::ConfigUnwritable
        | Code::FixedElsewhere
        | Code::HomeRefused
        | Code::Unsupported
        | Code::ServerMissing
        | Code::ServerMalformed
        | Code::PrivateAddress
        | Code::ClientOfAnother
        | Code::WrongServer
        | Code::ServerMismatch
        | Code::StoreNewer
        | Code::StoreSetAside
        | Code::NotAResponse
        | Code::ResponseTooLong
        | Code::UnknownState
        | Code::AlreadyUsed
        | Code::UnknownAccount
        | Code::AmbiguousAccount
        | Code::LastAccount
        | Code::AccountElsewhere
        | Code::BadAddress
        | Code::WeakPassword
        | Code::AddressTaken
        | Code::WrongPassword
        | Code::ProfileLost
        | Code::NoAccessToken
        | Code::NoRefreshToken
        | Code::RevokeLater
        | Code::RevokeForeign
        | Code::RevokeNotSetUp
        | Code::RevokeRefused
        | Code::RevokeUnavailable
        | Code::RevokeTokenLost
        | Code::KeychainWaiting
        | Code::AccountBusy
        | Code::OfferWithdrawn
        | Code::BadSetting
        | Code::Superseded
        | Code::HttpsForced
        | Code::StillAsking
        | Code::NoExtraGrant
        | Code::PortLost
        | Code::LoopbackProviderFailed
        | Code::StoreUpdating
        | Code::ExtraRefused
        | Code::ExtraUnavailable
        | Code::EmailUnavailable
        | Code::UserinfoUnavailable
        | Code::PictureRefused => Vec::new(),
        _ if code.is_about_set_up() => vec![Remedy::SetUp, Remedy::TryAgain],
        _ => vec![Remedy::TryAgain],
    }
}

#[cfg(test)]
mod tests;
