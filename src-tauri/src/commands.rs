//! One function for each intention of the person. What fails is told by the next overview, save
//! where the person stands before an input and is told there. What opens a file or the database runs
//! off the window's own thread.

use nameplate::{
    Ask, Channel, Check, Error, Intent, Login, NewProfile, Problem, Result, SetUpReport,
    SetUpRequest, Settings, SignOutScope, TokenStorage, UserId, browser,
};
use secrecy::SecretString;
use tauri::ipc::Channel as Messages;
use tauri::{AppHandle, State};

use crate::deep_link;
use crate::door::Door;
use crate::events::Subscriber;

type Told<T = ()> = std::result::Result<T, Box<Problem>>;

#[tauri::command(async)]
pub fn overview(door: State<'_, Door>) -> nameplate::State {
    door.overview()
}

#[tauri::command]
pub fn watch_overview(subscriber: State<'_, Subscriber>, channel: Messages<nameplate::State>) {
    subscriber.replace(channel);
}

#[tauri::command]
pub async fn begin_sign_in(
    door: State<'_, Door>,
    provider: String,
    channel: Option<Channel>,
    storage: TokenStorage,
) -> Told {
    let login = door.login()?;
    let intent = login.intent_at(&provider, storage);
    begin(login, Ask { provider, intent, channel, storage }).await;
    Ok(())
}

#[tauri::command]
pub async fn open_browser(door: State<'_, Door>) -> Told {
    let login = door.login()?;
    match (login.verification_url(), login.waiting_for()) {
        (Some(url), Some(ask)) => open(login, &url, &ask.provider).await,
        // A start link works once; a new one is for a new attempt.
        (None, Some(ask)) => begin(login, ask).await,
        (_, None) => {}
    }
    Ok(())
}

#[tauri::command]
pub async fn finish(door: State<'_, Door>, answer: String) -> Told {
    let login = door.login()?;
    tell_here(login, login.answer(&answer).await)
}

#[tauri::command]
pub async fn create_profile(
    door: State<'_, Door>,
    address: String,
    password: SecretString,
    nickname: String,
    user: Option<UserId>,
) -> Told {
    let login = door.login()?;
    let new = NewProfile { address, password, nickname, user };
    tell_here(login, login.create_profile(new).await)
}

#[tauri::command]
pub async fn enter_profile(door: State<'_, Door>, account: String, password: SecretString) -> Told {
    let login = door.login()?;
    tell_here(login, login.enter_profile(&account, password).await)
}

#[tauri::command]
pub async fn cancel(door: State<'_, Door>) -> Told {
    let login = door.login()?;
    tell(login, login.cancel().await)
}

#[tauri::command(async)]
pub fn dismiss_problem(door: State<'_, Door>) -> Told {
    door.login()?.dismiss_problem();
    Ok(())
}

#[tauri::command]
pub async fn add_account(door: State<'_, Door>, user: UserId, provider: String) -> Told {
    let login = door.login()?;
    let intent = Intent::AddTo(user);
    begin(login, Ask { provider, intent, channel: None, storage: TokenStorage::Keychain }).await;
    Ok(())
}

#[tauri::command]
pub async fn sign_in_again(door: State<'_, Door>, account: String) -> Told {
    let login = door.login()?;
    begin_again(login, login.ask_again(&account, Intent::Reauthenticate)).await;
    Ok(())
}

#[tauri::command]
pub async fn ask_for_more(door: State<'_, Door>, account: String) -> Told {
    let login = door.login()?;
    begin_again(login, login.ask_again(&account, Intent::MoreScopes)).await;
    Ok(())
}

#[tauri::command]
pub async fn add_bot(door: State<'_, Door>, provider: String, permissions: Vec<u64>) -> Told {
    let login = door.login()?;
    begin_again(login, login.ask_bot(&provider, &permissions)).await;
    Ok(())
}

#[tauri::command]
pub fn dismiss_bot(door: State<'_, Door>) -> Told {
    door.login()?.dismiss_bot();
    Ok(())
}

#[tauri::command]
pub async fn sign_out(door: State<'_, Door>, account: String) -> Told {
    let login = door.login()?;
    tell(login, login.sign_out(&account, SignOutScope::Here).await)
}

#[tauri::command]
pub async fn disconnect(door: State<'_, Door>, account: String) -> Told {
    let login = door.login()?;
    tell(login, login.sign_out(&account, SignOutScope::Everywhere).await)
}

#[tauri::command]
pub async fn forget(door: State<'_, Door>) -> Told {
    let login = door.login()?;
    tell(login, login.reset().await)
}

#[tauri::command(async)]
pub fn show_user(door: State<'_, Door>, user: String) -> Told {
    let login = door.login()?;
    tell(login, login.show(&user))
}

#[tauri::command(async)]
pub fn rename_user(door: State<'_, Door>, user: String, name: String) -> Told {
    let login = door.login()?;
    tell(login, login.rename(&user, &name))
}

#[tauri::command(async)]
pub fn join(door: State<'_, Door>, account: String) -> Told {
    let login = door.login()?;
    tell(login, login.link(&account))
}

#[tauri::command(async)]
pub fn keep_apart(door: State<'_, Door>, account: String) -> Told {
    let login = door.login()?;
    tell(login, login.decline_link(&account))
}

#[tauri::command(async)]
pub fn part(door: State<'_, Door>, account: String) -> Told {
    let login = door.login()?;
    tell(login, login.unlink(&account))
}

#[tauri::command]
pub async fn read_again(door: State<'_, Door>, account: String) -> Told {
    let login = door.login()?;
    tell(login, login.refresh_profile(&account).await)
}

#[tauri::command(async)]
pub fn check_again(door: State<'_, Door>) -> Told {
    door.login()?.read_config();
    Ok(())
}

#[tauri::command]
#[allow(clippy::too_many_arguments, reason = "one for each field of the form")]
pub async fn set_up(
    door: State<'_, Door>,
    provider: String,
    client_id: String,
    client_secret: Option<SecretString>,
    issuer: Option<String>,
    label: Option<String>,
    redirect_uri: Option<String>,
    check: Check,
) -> Told<SetUpReport> {
    let login = door.login()?;
    let wish =
        SetUpRequest { provider, client_id, client_secret, issuer, label, redirect_uri, check };
    login.set_up(wish).await.map_err(|error| told(login, &error))
}

#[tauri::command(async)]
pub fn save_settings(door: State<'_, Door>, settings: Settings) -> Told {
    let login = door.login()?;
    tell(login, login.save_settings(settings))
}

#[tauri::command]
pub async fn open_register_page(door: State<'_, Door>, provider: String) -> Told {
    let login = door.login()?;
    match login.register_url(&provider) {
        Ok(url) => open(login, url, &provider).await,
        Err(error) => login.report(error),
    }
    Ok(())
}

#[tauri::command]
pub fn restart(app: AppHandle) {
    app.restart();
}

/// The receiver listens before the browser opens. For a code, the person says where it opens.
async fn begin(login: &Login, ask: Ask) {
    // A failure to begin is in the overview already.
    deep_link::register(login.home());
    let provider = ask.provider.clone();
    match login.begin(ask).await {
        Ok(begun) if begun.device.is_none() => open(login, &begun.start_url, &provider).await,
        Ok(_) | Err(_) => {}
    }
}

async fn begin_again(login: &Login, ask: Result<Ask>) {
    match ask {
        Ok(ask) => begin(login, ask).await,
        Err(error) => login.report(error),
    }
}

async fn open(login: &Login, url: &str, provider: &str) {
    if let Err(error) = browser::open(url).await {
        login.report(error.at(provider));
    }
}

/// Where the person stands before an input and is told there.
fn tell_here<T>(login: &Login, done: Result<T>) -> Told {
    done.map(drop).map_err(|error| told(login, &error))
}

fn told(login: &Login, error: &Error) -> Box<Problem> {
    Box::new(login.explain(login.language(), error))
}

fn tell(login: &Login, done: Result<()>) -> Told {
    if let Err(error) = done {
        login.report(error);
    }
    Ok(())
}
