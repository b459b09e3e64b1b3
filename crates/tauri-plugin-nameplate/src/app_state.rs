//! What the plugin manages in the app: the engine, or the reason why it did not open.

use std::path::PathBuf;

use nameplate::{Error, Home, Nameplate, Problem, messages};

/// State of the plugin, of which an app has one.
pub struct AppState {
    home: Home,
    nameplate: Result<Nameplate, Error>,
    /// Label of the window that is shown to the person.
    pub window: String,
    /// The program that the operating system starts with a deep link.
    pub program: Option<PathBuf>,
}

impl AppState {
    pub fn new(
        home: Home,
        nameplate: Result<Nameplate, Error>,
        window: String,
        program: Option<PathBuf>,
    ) -> Self {
        Self { home, nameplate, window, program }
    }

    /// The folders and names of this run.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The engine.
    pub fn engine(&self) -> Result<&Nameplate, &Error> {
        self.nameplate.as_ref()
    }

    /// The engine, for a command.
    pub fn nameplate(&self) -> Result<&Nameplate, Box<Problem>> {
        self.engine()
            .map_err(|error| Box::new(messages(self.failed(error).language).problem(error, None)))
    }

    /// Everything that a page shows.
    pub fn snapshot(&self) -> nameplate::State {
        match self.engine() {
            Ok(nameplate) => nameplate.state().unwrap_or_else(|error| self.failed(&error)),
            Err(error) => self.failed(error),
        }
    }

    fn failed(&self, error: &Error) -> nameplate::State {
        nameplate::State::of_failure(&self.home, error)
    }
}
