//! The commands of the page, one for each intention of the user.
//!
//! A failure is part of the next state, except where the user stands before an input: there the
//! command returns it. A command that opens a file or the database runs off the main thread.

use nameplate::{
    AccountPage, Check, Code, CurrentSignIn, Error, Grant, Intent, Nameplate, NewProfile, Problem,
    ProviderCard, Result, SetUpReport, SetUpRequest, Settings, SignInRequest, SignOutScope,
    TokenStorage, UserId, browser,
};
use secrecy::SecretString;
use tauri::ipc::Channel as Messages;
use tauri::{AppHandle, Manager, Runtime, State, Webview};

use crate::app_state::AppState;
use crate::deep_link;
use crate::events::Subscribers;

type CommandResult<T = ()> = std::result::Result<T, Box<Problem>>;

/// The state of the engine, or the reason why it did not open.
#[tauri::command(async)]
pub fn state(state: State<'_, AppState>) -> nameplate::State {
    state.snapshot()
}

/// Sends the state to the channel after each change, until the window is gone or subscribes again.
#[tauri::command]
pub fn watch_state<R: Runtime>(
    webview: Webview<R>,
    subscribers: State<'_, Subscribers>,
    channel: Messages<nameplate::State>,
) {
    subscribers.add(webview.label(), channel);
}

/// Ends what [`watch_state`] began, by the id of its channel.
#[tauri::command(async)]
pub fn unwatch_state<R: Runtime>(
    webview: Webview<R>,
    subscribers: State<'_, Subscribers>,
    channel: u32,
) {
    subscribers.remove(webview.label(), channel);
}

/// The providers of the state.
#[tauri::command(async)]
pub fn providers(state: State<'_, AppState>) -> Vec<ProviderCard> {
    state.snapshot().providers
}

#[tauri::command]
pub async fn sign_in(
    state: State<'_, AppState>,
    provider: String,
    server: Option<String>,
    method: Option<Grant>,
    storage: Option<TokenStorage>,
    account_hint: Option<String>,
) -> CommandResult {
    let nameplate = state.nameplate()?;
    let storage = storage.unwrap_or(TokenStorage::Keychain);
    let request = nameplate.sign_ins().request(&provider, server.as_deref(), method, storage);
    let account_hint = account_hint.or_else(|| request.account_hint.clone());
    begin(&state, nameplate, SignInRequest { account_hint, ..request }).await;
    Ok(())
}

#[tauri::command]
pub async fn open_browser(state: State<'_, AppState>) -> CommandResult {
    let nameplate = state.nameplate()?;
    let Some(CurrentSignIn { request, device, .. }) = nameplate.sign_ins().current() else {
        return Ok(());
    };
    match device {
        Some(device) => open(nameplate, device.address(), &request.provider).await,
        // A start link works once; a new one is for a new attempt.
        None => begin(&state, nameplate, request).await,
    }
    Ok(())
}

/// Repeats the request that ended with `host_not_confirmed`, after the user has agreed to this host.
#[tauri::command]
pub async fn confirm_host(state: State<'_, AppState>, host: String) -> CommandResult {
    let nameplate = state.nameplate()?;
    if let Some(request) = nameplate.sign_ins().request_at_host(&host) {
        begin(&state, nameplate, request).await;
    }
    Ok(())
}

#[tauri::command]
pub async fn complete(state: State<'_, AppState>, url: String) -> CommandResult {
    let nameplate = state.nameplate()?;
    returned(nameplate, nameplate.sign_ins().submit(&url).await)
}

#[tauri::command]
pub async fn create_profile(
    state: State<'_, AppState>,
    address: String,
    password: SecretString,
    nickname: String,
    user: Option<UserId>,
) -> CommandResult {
    let nameplate = state.nameplate()?;
    let new = NewProfile { address, password, nickname, user };
    returned(nameplate, nameplate.local_profiles().create(new).await)
}

#[tauri::command]
pub async fn unlock_profile(
    state: State<'_, AppState>,
    account: String,
    password: SecretString,
) -> CommandResult {
    let nameplate = state.nameplate()?;
    returned(nameplate, nameplate.local_profiles().unlock(&account, password).await)
}

#[tauri::command]
pub async fn cancel(state: State<'_, AppState>) -> CommandResult {
    let nameplate = state.nameplate()?;
    reported(nameplate, nameplate.sign_ins().cancel().await)
}

#[tauri::command(async)]
pub fn dismiss_problem(state: State<'_, AppState>) -> CommandResult {
    state.nameplate()?.notices().dismiss_problem();
    Ok(())
}

#[tauri::command]
pub async fn add_account(
    state: State<'_, AppState>,
    user: UserId,
    provider: String,
    server: Option<String>,
) -> CommandResult {
    let nameplate = state.nameplate()?;
    let intent = Intent::AddTo(user);
    let request = SignInRequest { intent, server, ..SignInRequest::new(&provider) };
    begin(&state, nameplate, request).await;
    Ok(())
}

#[tauri::command]
pub async fn sign_in_again(state: State<'_, AppState>, account: String) -> CommandResult {
    let nameplate = state.nameplate()?;
    begin_again(
        &state,
        nameplate,
        nameplate.sign_ins().request_for_account(&account, Intent::Reauthenticate),
    )
    .await;
    Ok(())
}

#[tauri::command]
pub async fn ask_for_more(state: State<'_, AppState>, account: String) -> CommandResult {
    let nameplate = state.nameplate()?;
    begin_again(
        &state,
        nameplate,
        nameplate.sign_ins().request_for_account(&account, Intent::MoreScopes),
    )
    .await;
    Ok(())
}

#[tauri::command]
pub async fn add_bot(
    state: State<'_, AppState>,
    provider: String,
    permissions: Vec<u64>,
) -> CommandResult {
    let nameplate = state.nameplate()?;
    let request = nameplate.sign_ins().request_extra_grant(&provider, &permissions);
    begin_again(&state, nameplate, request).await;
    Ok(())
}

#[tauri::command]
pub fn dismiss_bot(state: State<'_, AppState>) -> CommandResult {
    state.nameplate()?.notices().dismiss_bot();
    Ok(())
}

#[tauri::command]
pub async fn sign_out(
    state: State<'_, AppState>,
    account: String,
    scope: Option<SignOutScope>,
) -> CommandResult {
    let nameplate = state.nameplate()?;
    let scope = scope.unwrap_or(SignOutScope::Here);
    reported(nameplate, nameplate.accounts().sign_out(&account, scope).await)
}

#[tauri::command]
pub async fn reset(state: State<'_, AppState>) -> CommandResult {
    let nameplate = state.nameplate()?;
    reported(nameplate, nameplate.accounts().reset().await)
}

#[tauri::command(async)]
pub fn switch(state: State<'_, AppState>, user: String) -> CommandResult {
    let nameplate = state.nameplate()?;
    reported(nameplate, nameplate.accounts().show(&user))
}

#[tauri::command(async)]
pub fn rename(state: State<'_, AppState>, user: String, name: String) -> CommandResult {
    let nameplate = state.nameplate()?;
    reported(nameplate, nameplate.accounts().rename(&user, &name))
}

#[tauri::command(async)]
pub fn link(state: State<'_, AppState>, account: String) -> CommandResult {
    let nameplate = state.nameplate()?;
    reported(nameplate, nameplate.accounts().link(&account))
}

#[tauri::command(async)]
pub fn decline_link(state: State<'_, AppState>, account: String) -> CommandResult {
    let nameplate = state.nameplate()?;
    reported(nameplate, nameplate.accounts().decline_link(&account))
}

#[tauri::command(async)]
pub fn unlink(state: State<'_, AppState>, account: String) -> CommandResult {
    let nameplate = state.nameplate()?;
    reported(nameplate, nameplate.accounts().unlink(&account))
}

#[tauri::command]
pub async fn refresh_profile(state: State<'_, AppState>, account: String) -> CommandResult {
    let nameplate = state.nameplate()?;
    reported(nameplate, nameplate.profiles().refresh(&account).await)
}

#[tauri::command(async)]
pub fn reload_configuration(state: State<'_, AppState>) -> CommandResult {
    state.nameplate()?.provider_setup().reload();
    Ok(())
}

#[tauri::command]
#[allow(clippy::too_many_arguments, reason = "one for each field of the form")]
pub async fn set_up(
    state: State<'_, AppState>,
    provider: String,
    client_id: String,
    client_secret: Option<SecretString>,
    issuer: Option<String>,
    label: Option<String>,
    redirect_uri: Option<String>,
    check: Check,
) -> CommandResult<SetUpReport> {
    let nameplate = state.nameplate()?;
    let request =
        SetUpRequest { provider, client_id, client_secret, issuer, label, redirect_uri, check };
    nameplate.provider_setup().set_up(request).await.map_err(|error| problem(nameplate, &error))
}

#[tauri::command(async)]
pub fn save_settings(state: State<'_, AppState>, settings: Settings) -> CommandResult {
    let nameplate = state.nameplate()?;
    reported(nameplate, nameplate.preferences().save(settings))
}

#[tauri::command]
pub async fn open_register_page(state: State<'_, AppState>, provider: String) -> CommandResult {
    let nameplate = state.nameplate()?;
    match nameplate.provider_setup().register_url(&provider) {
        Ok(url) => open(nameplate, url, &provider).await,
        Err(error) => nameplate.notices().report(error),
    }
    Ok(())
}

#[tauri::command]
pub async fn open_account_page(
    state: State<'_, AppState>,
    provider: String,
    page: AccountPage,
) -> CommandResult {
    let nameplate = state.nameplate()?;
    match nameplate.provider_setup().account_page(&provider, page) {
        Ok(url) => open(nameplate, url, &provider).await,
        Err(error) => nameplate.notices().report(error),
    }
    Ok(())
}

#[tauri::command(async)]
pub fn show_profile(state: State<'_, AppState>, account: String) -> CommandResult {
    let nameplate = state.nameplate()?;
    reported(nameplate, nameplate.profiles().show(&account))
}

/// Writes what is shown of an account to a file in the user's folder of downloads; its path.
#[tauri::command(async)]
pub fn export_account<R: Runtime>(
    app: AppHandle<R>,
    state: State<'_, AppState>,
    account: String,
) -> CommandResult<String> {
    let nameplate = state.nameplate()?;
    let folder = app.path().download_dir().or_else(|_| app.path().home_dir());
    let folder = folder.map_err(|error| Error::new(Code::StoreFailed).with_detail(error));
    let written = folder.and_then(|folder| nameplate.accounts().export(&account, &folder));
    let path = written.map_err(|error| problem(nameplate, &error))?;
    Ok(path.display().to_string())
}

#[tauri::command]
pub fn restart<R: Runtime>(app: AppHandle<R>) {
    app.restart();
}

/// The receiver listens before the browser opens. For a device code, the user opens it.
async fn begin(state: &AppState, nameplate: &Nameplate, request: SignInRequest) {
    // A failure to begin is in the state already.
    deep_link::register(state);
    let provider = request.provider.clone();
    match nameplate.sign_ins().begin(request).await {
        Ok(begun) if begun.device.is_none() => open(nameplate, &begun.start_url, &provider).await,
        Ok(_) | Err(_) => {}
    }
}

async fn begin_again(state: &AppState, nameplate: &Nameplate, request: Result<SignInRequest>) {
    match request {
        Ok(request) => begin(state, nameplate, request).await,
        Err(error) => nameplate.notices().report(error),
    }
}

async fn open(nameplate: &Nameplate, url: &str, provider: &str) {
    if let Err(error) = browser::open(url).await {
        nameplate.notices().report(error.at(provider));
    }
}

/// Returns a failure to the page.
fn returned<T>(nameplate: &Nameplate, done: Result<T>) -> CommandResult {
    done.map(drop).map_err(|error| problem(nameplate, &error))
}

pub(crate) fn problem(nameplate: &Nameplate, error: &Error) -> Box<Problem> {
    Box::new(nameplate.explain(nameplate.preferences().language(), error))
}

/// Puts a failure into the next state.
fn reported(nameplate: &Nameplate, done: Result<()>) -> CommandResult {
    if let Err(error) = done {
        nameplate.notices().report(error);
    }
    Ok(())
}
