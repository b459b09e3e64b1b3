//! Why a command failed: an error of the engine, with texts of the command line where those say more.

use std::process::ExitCode;

use nameplate::{Code, Error, Language, Nameplate, Problem, messages};

use crate::exit;
use crate::identity::DEMO;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    error: Error,
    /// Name of the texts that replace those of the error; that of the next step ends with `_next`.
    texts: Option<&'static str>,
    exit: u8,
}

impl Failure {
    /// An error with texts of the command line.
    pub fn with_texts(error: Error, texts: &'static str) -> Self {
        Self { texts: Some(texts), ..Self::from(error) }
    }

    /// The same failure as one of the arguments.
    pub fn of_arguments(self) -> Self {
        Self { exit: exit::ARGUMENTS, ..self }
    }

    /// The exit code of the process.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit)
    }

    /// What to print.
    pub fn problem(&self, nameplate: &Nameplate, language: Language) -> Problem {
        let problem = nameplate.explain(language, &self.error);
        let Some(texts) = self.texts else { return problem };
        let detail = self.error.detail().unwrap_or_default();
        let text = |name: &str| messages(language).command(name, &[("detail", detail)]);
        Problem { message: text(texts), next: text(&format!("{texts}_next")), ..problem }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { exit: exit::code(&error), texts: about_demo(&error), error }
    }
}

/// The texts for an error at the demo: only the window, which starts the demo provider, has it in its configuration,
/// so that it is unknown to commands. A provider that the user configured with the id `demo` is known.
fn about_demo(error: &Error) -> Option<&'static str> {
    let is_demo = error.provider().or(error.detail()) == Some(DEMO);
    (error.code() == Code::UnknownProvider && is_demo).then_some("demo_not_running")
}
