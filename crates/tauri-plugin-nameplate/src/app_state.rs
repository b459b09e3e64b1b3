//! What the plugin manages in the app: the engine, or the reason why it did not open.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::OnceLock;

use nameplate::{Code, Error, Home, Nameplate, Problem, messages};
use tokio::sync::watch;

/// State of the plugin, of which an app has one.
pub struct AppState {
    home: Home,
    nameplate: OnceLock<Result<Nameplate, Error>>,
    /// What the engine's absence means until it is open.
    waiting: Error,
    opened: watch::Sender<bool>,
    /// Label of the window that is shown to the user.
    pub window: String,
    /// The program that the operating system starts with a deep link.
    pub program: Option<PathBuf>,
}

impl AppState {
    pub fn new(home: Home, window: String, program: Option<PathBuf>) -> Self {
        let waiting = Error::new(Code::StoreUpdating);
        let (opened, _) = watch::channel(false);
        Self { home, nameplate: OnceLock::new(), waiting, opened, window, program }
    }

    /// Opens the engine, or keeps the reason why it did not open, which may be a panic.
    pub fn open(&self, open: impl FnOnce() -> Result<Nameplate, Error>) {
        // Nothing of it is used after a panic, and without a response the window would wait for ever.
        let nameplate = catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|_| {
            Err(Error::new(Code::StoreFailed).with_detail("the engine panicked"))
        });
        if self.nameplate.set(nameplate).is_ok() {
            self.opened.send_replace(true);
        }
    }

    /// Whether [`AppState::open`] was called.
    pub fn is_open(&self) -> bool {
        *self.opened.borrow()
    }

    /// Waits until [`AppState::open`] was called.
    pub async fn opened(&self) {
        // It fails if the sender is gone, which is a part of this.
        let _ = self.opened.subscribe().wait_for(|opened| *opened).await;
    }

    /// The folders and names of this run.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The engine.
    pub fn engine(&self) -> Result<&Nameplate, &Error> {
        self.nameplate.get().map_or(Err(&self.waiting), Result::as_ref)
    }

    /// The engine, for a command.
    pub fn nameplate(&self) -> Result<&Nameplate, Box<Problem>> {
        let program = &self.home.identity().name;
        self.engine().map_err(|error| {
            Box::new(messages(self.failed(error).language).problem(program, error, None))
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use nameplate::AppIdentity;

    /// A panic ends the wait for the database: the window tells the failure instead.
    #[test]
    #[allow(clippy::unwrap_used, clippy::panic, reason = "the panic is what is tested")]
    fn a_panic_is_no_endless_update() {
        let dir = tempfile::tempdir().unwrap();
        let identity = AppIdentity::new("app.example", "Example", "1.0.0");
        let home = Home::own(&identity, dir.path()).unwrap();
        let state = AppState::new(home, "main".to_owned(), None);
        assert_eq!(state.engine().err().unwrap().code(), Code::StoreUpdating);
        state.open(|| panic!("as a library that meets a broken file"));
        assert!(state.is_open());
        assert_eq!(state.engine().err().unwrap().code(), Code::StoreFailed);
    }
}
