//! The engine as the commands reach it, or the reason why there is none.

use std::sync::Arc;

use nameplate::{Error, Home, Nameplate, Problem, messages};

/// The engine, or why it could not start.
#[derive(Clone)]
pub struct Door(Arc<(Home, Result<Nameplate, Error>)>);

impl Door {
    pub fn new(home: Home, nameplate: Result<Nameplate, Error>) -> Self {
        Self(Arc::new((home, nameplate)))
    }

    /// The engine.
    pub fn nameplate(&self) -> Result<&Nameplate, Box<Problem>> {
        let told = |error| messages(self.failed(error).language).problem(error, None);
        self.0.1.as_ref().map_err(|error| Box::new(told(error)))
    }

    /// All there is to show.
    pub fn overview(&self) -> nameplate::State {
        match &self.0.1 {
            Ok(nameplate) => nameplate.state().unwrap_or_else(|error| self.failed(&error)),
            Err(error) => self.failed(error),
        }
    }

    fn failed(&self, error: &Error) -> nameplate::State {
        nameplate::State::of_failure(&self.0.0, error)
    }
}
