//! [`Nameplate`]: opens a home and provides the services.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::accounts::{self, Accounts};
use crate::builder::Builder;
use crate::context::Context;
use crate::doctor::Doctor;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::explain::Explainer;
#[cfg(feature = "watch")]
use crate::file_watch::{self, FileWatch};
use crate::home::Home;
use crate::local_profile::LocalProfiles;
use crate::messages::Problem;
use crate::notices::Notices;
use crate::pictures::Pictures;
use crate::preferences::Preferences;
use crate::profiles::Profiles;
use crate::provider_setup::ProviderSetup;
use crate::recovery::Recovery;
use crate::revocation::Revocations;
use crate::sessions::Sessions;
use crate::settings::Language;
use crate::sign_in::SignIns;
use crate::state::State;
#[cfg(feature = "watch")]
use crate::store::{Change, Watch};

/// The accounts of one [`Home`]. A clone shares everything with the original.
///
/// Several processes may open one home. A user interface reads [`Nameplate::state`] again after each
/// event:
///
/// ```no_run
/// # async fn example(home: nameplate::Home) -> nameplate::Result<()> {
/// use nameplate::Nameplate;
///
/// let nameplate = Nameplate::builder(home).open()?;
/// tokio::spawn(nameplate.watch()?);
/// let mut events = nameplate.events();
/// nameplate.sign_ins().resume().await?;
/// loop {
///     let state = nameplate.state()?;
///     println!("{} users", state.users.len());
///     let _ = events.recv().await;
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Nameplate {
    context: Arc<Context>,
    doctor: Doctor,
    sign_ins: SignIns,
    accounts: Accounts,
    profiles: Profiles,
    sessions: Sessions,
    provider_setup: ProviderSetup,
    local_profiles: LocalProfiles,
    preferences: Preferences,
}

impl Builder {
    /// Opens the home.
    ///
    /// # Errors
    /// [`Code::StoreFailed`](crate::Code::StoreFailed) if the home cannot be used,
    /// [`Code::StoreNewer`](crate::Code::StoreNewer) if a newer version wrote its database.
    pub fn open(self) -> Result<Nameplate> {
        let context = Arc::new(Context::open(self)?);
        let shared = || Arc::clone(&context);
        let revocations = Revocations::new(shared());
        let recovery = Recovery::new(shared(), revocations.clone());
        let sessions = Sessions::new(shared(), recovery.clone());
        let pictures = Pictures::new(shared());
        let sign_ins =
            SignIns::new(shared(), revocations.clone(), recovery.clone(), pictures.clone());
        let profiles = Profiles::new(
            shared(),
            revocations.clone(),
            recovery.clone(),
            sessions.clone(),
            pictures,
        );
        let provider_setup = ProviderSetup::new(shared());
        recovery.end_sessions_of_ended_processes()?;
        Ok(Nameplate {
            local_profiles: LocalProfiles::new(shared(), recovery),
            preferences: Preferences::new(shared()),
            accounts: Accounts::new(shared(), revocations.clone(), sign_ins.clone()),
            doctor: Doctor::new(shared(), revocations, provider_setup.clone()),
            provider_setup,
            profiles,
            sign_ins,
            sessions,
            context,
        })
    }
}

impl Nameplate {
    /// Options for opening a home.
    pub fn builder(home: Home) -> Builder {
        Builder::new(home)
    }

    /// The home.
    pub fn home(&self) -> &Home {
        &self.context.home
    }

    /// Signs in at a provider.
    pub fn sign_ins(&self) -> &SignIns {
        &self.sign_ins
    }

    /// Lists accounts, links several of one user, and signs out.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Reads names and pictures.
    pub fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// Gets access tokens.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Sets providers up.
    pub fn provider_setup(&self) -> &ProviderSetup {
        &self.provider_setup
    }

    /// Creates and unlocks local profiles.
    pub fn local_profiles(&self) -> &LocalProfiles {
        &self.local_profiles
    }

    /// Finds what does not work, and repairs it.
    pub fn doctor(&self) -> &Doctor {
        &self.doctor
    }

    /// Shows and dismisses problems.
    pub fn notices(&self) -> &Notices {
        &self.context.notices
    }

    /// Reads and saves the user's settings.
    pub fn preferences(&self) -> &Preferences {
        &self.preferences
    }

    /// The present state, for a user interface. Opens no keychain item.
    ///
    /// # Errors
    /// If the database fails.
    pub fn state(&self) -> Result<State> {
        State::new(&self.context, &self.accounts, &self.sign_ins)
    }

    /// Events from now on. A receiver that lags loses the oldest; the state has everything.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.context.events.subscribe()
    }

    /// Watches the database and `providers.toml`: the future sends an event for each change by any
    /// process, as long as it is polled. It uses the operating system's file notifications.
    ///
    /// # Errors
    /// If the database cannot be watched.
    #[cfg(feature = "watch")]
    pub fn watch(&self) -> Result<impl Future<Output = ()> + Send + use<>> {
        let home = &self.context.home;
        let mut database = Watch::new(&home.database())?;
        let file = home.providers_file();
        let mut config = FileWatch::new(&file_watch::folder(&file), vec![file_watch::name(&file)])
            .inspect_err(|error| tracing::warn!(%error, "providers.toml is not watched"))
            .ok();
        let nameplate = self.clone();
        Ok(async move {
            let Self { context, sign_ins, .. } = nameplate;
            loop {
                tokio::select! {
                    change = database.changed() => {
                        // Another process may have set a damaged database aside.
                        if let Change::Replaced = change
                            && let Err(error) = context.store.open_again()
                        {
                            context.notices.report(error);
                        }
                        sign_ins.update_from_store();
                    }
                    () = written(config.as_mut()) => context.config_written(),
                }
                context.events.changed();
            }
        })
    }

    /// The messages of an error.
    pub fn explain(&self, language: Language, error: &Error) -> Problem {
        let users = self.context.users().unwrap_or_default();
        let accounts = users.iter().flat_map(|user| &user.accounts);
        let names =
            accounts.flat_map(|account| accounts::names(account).chain([account.label.clone()]));
        let config = self.context.config();
        Explainer::new(&self.context.home, &config, language).problem_among(names, error)
    }

    /// To be called after suspend, or when a window gets the focus: ends expired sign-ins, and
    /// checks whether the provider is reachable.
    pub async fn wake(&self) {
        self.sign_ins.end_expired().await;
        self.context.check_reachability().await;
    }

    /// To be called before the process ends: closes local ports, after the browsers have been told
    /// the result, which takes a few seconds at most.
    pub async fn close(&self) {
        self.sign_ins.close().await;
    }
}

/// Waits for the next write; forever where nothing is watched.
#[cfg(feature = "watch")]
async fn written(watch: Option<&mut FileWatch>) {
    match watch {
        Some(watch) => watch.written().await,
        None => std::future::pending().await,
    }
}
