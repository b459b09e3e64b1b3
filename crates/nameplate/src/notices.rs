//! Notices: errors and results without a caller that could receive them, shown until dismissed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Code, Error};
use crate::event::Events;
use crate::extra_grant::ExtraGranted;
use crate::home::Home;
use crate::store::Store;
use crate::waits::Waits;

/// What a user interface shows beside the accounts: the last problem, a revocation that was refused
/// in the background, a damaged database, a bot that was added, and what is being waited for.
///
/// A command that fails returns its error; [`Notices::report`] is for errors that a window shows at
/// no input. What is shown is part of the [`State`](crate::State).
pub struct Notices {
    home: Home,
    store: Store,
    events: Events,
    waits: Waits,
    shown: Mutex<Shown>,
}

/// What is shown until it is dismissed.
#[derive(Default)]
struct Shown {
    problem: Option<Error>,
    /// A provider refused to revoke what was signed out of earlier.
    refused_revocation: Option<Error>,
    bot: Option<ExtraGranted>,
}

impl Notices {
    pub(crate) fn new(home: Home, store: Store, events: Events, waits: Waits) -> Self {
        Self { home, store, events, waits, shown: Mutex::default() }
    }

    /// The problem to show: the last reported one, else a refused revocation, else a damaged
    /// database.
    pub fn problem(&self) -> Option<Error> {
        let shown = self.shown();
        let problem = shown.problem.clone().or_else(|| shown.refused_revocation.clone());
        drop(shown);
        problem.or_else(|| self.damaged_database())
    }

    /// Shows an error.
    pub fn report(&self, error: Error) {
        self.set_problem(Some(error));
        self.events.changed();
    }

    /// Dismisses the problem that is shown.
    pub fn dismiss_problem(&self) {
        let mut shown = self.shown();
        let dismissed = shown.problem.take().or_else(|| shown.refused_revocation.take());
        drop(shown);
        if dismissed.is_none()
            && let Err(error) = self.store.dismiss_damaged_file(&self.home)
        {
            tracing::warn!(code = %error.code(), "a message could not be dismissed");
        }
        self.events.changed();
    }

    /// The damaged database that was set aside last, by any process, until the message is dismissed
    /// or the file is moved or deleted ([`Code::StoreSetAside`]).
    pub fn damaged_database(&self) -> Option<Error> {
        let file = self.store.damaged_file(&self.home).ok()??;
        Some(Error::new(Code::StoreSetAside).with_detail(file.display()))
    }

    /// What an operation of this process has waited for longer than two seconds: a locked keychain
    /// or another process.
    pub fn waiting_for(&self) -> Option<Error> {
        self.waits.latest()
    }

    /// Removes and returns the last refused revocation.
    pub fn take_refused_revocation(&self) -> Option<Error> {
        self.shown().refused_revocation.take()
    }

    /// Removes and returns the warning that the start link of a successful sign-in was opened twice
    /// ([`Code::StartLinkReused`]).
    pub fn take_start_link_warning(&self) -> Option<Error> {
        self.shown().problem.take_if(|problem| problem.code() == Code::StartLinkReused)
    }

    /// Dismisses the bot that was added.
    pub fn dismiss_bot(&self) {
        self.shown().bot = None;
        self.events.changed();
    }

    /// As [`Notices::report`], without an event.
    pub(crate) fn set_problem(&self, problem: Option<Error>) {
        self.shown().problem = problem;
    }

    /// Dismisses the problem that is shown, if it is solved.
    pub(crate) fn solve(&self, is_solved: impl Fn(&Error) -> bool) {
        let solved = self.shown().problem.take_if(|problem| is_solved(problem));
        if solved.is_some() {
            self.events.changed();
        }
    }

    pub(crate) fn set_refused_revocation(&self, error: Error) {
        self.shown().refused_revocation = Some(error);
        self.events.changed();
    }

    pub(crate) fn set_bot(&self, bot: ExtraGranted) {
        self.shown().bot = Some(bot);
    }

    pub(crate) fn bot(&self) -> Option<ExtraGranted> {
        self.shown().bot.clone()
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
