//! One function for each intention of the person. What fails is told by the next overview, save
//! where the person stands before an input and is told there. What opens a file or the database runs
//! off the window's own thread.

use nameplate::{
    Channel, Check, CurrentSignIn, Error, Intent, Nameplate, NewProfile, Problem, Result,
    SetUpReport, SetUpRequest, Settings, SignInRequest, SignOutScope, TokenStorage, UserId,
    browser,
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
    let nameplate = door.nameplate()?;
    let request = nameplate.sign_ins().request(&provider, channel, storage);
    begin(nameplate, request).await;
    Ok(())
}

#[tauri::command]
pub async fn open_browser(door: State<'_, Door>) -> Told {
    let nameplate = door.nameplate()?;
    let Some(CurrentSignIn { request, device, .. }) = nameplate.sign_ins().current() else {
        return Ok(());
    };
    match device {
        Some(device) => open(nameplate, device.address(), &request.provider).await,
        // A start link works once; a new one is for a new attempt.
        None => begin(nameplate, request).await,
    }
    Ok(())
}

#[tauri::command]
pub async fn finish(door: State<'_, Door>, answer: String) -> Told {
    let nameplate = door.nameplate()?;
    tell_here(nameplate, nameplate.sign_ins().submit(&answer).await)
}

#[tauri::command]
pub async fn create_profile(
    door: State<'_, Door>,
    address: String,
    password: SecretString,
    nickname: String,
    user: Option<UserId>,
) -> Told {
    let nameplate = door.nameplate()?;
    let new = NewProfile { address, password, nickname, user };
    tell_here(nameplate, nameplate.local_profiles().create(new).await)
}

#[tauri::command]
pub async fn enter_profile(door: State<'_, Door>, account: String, password: SecretString) -> Told {
    let nameplate = door.nameplate()?;
    tell_here(nameplate, nameplate.local_profiles().unlock(&account, password).await)
}

#[tauri::command]
pub async fn cancel(door: State<'_, Door>) -> Told {
    let nameplate = door.nameplate()?;
    tell(nameplate, nameplate.sign_ins().cancel().await)
}

#[tauri::command(async)]
pub fn dismiss_problem(door: State<'_, Door>) -> Told {
    door.nameplate()?.notices().dismiss_problem();
    Ok(())
}

#[tauri::command]
pub async fn add_account(door: State<'_, Door>, user: UserId, provider: String) -> Told {
    let nameplate = door.nameplate()?;
    let intent = Intent::AddTo(user);
    begin(nameplate, SignInRequest { intent, ..SignInRequest::new(&provider) }).await;
    Ok(())
}

#[tauri::command]
pub async fn sign_in_again(door: State<'_, Door>, account: String) -> Told {
    let nameplate = door.nameplate()?;
    begin_again(
        nameplate,
        nameplate.sign_ins().request_for_account(&account, Intent::Reauthenticate),
    )
    .await;
    Ok(())
}

#[tauri::command]
pub async fn ask_for_more(door: State<'_, Door>, account: String) -> Told {
    let nameplate = door.nameplate()?;
    begin_again(nameplate, nameplate.sign_ins().request_for_account(&account, Intent::MoreScopes))
        .await;
    Ok(())
}

#[tauri::command]
pub async fn add_bot(door: State<'_, Door>, provider: String, permissions: Vec<u64>) -> Told {
    let nameplate = door.nameplate()?;
    begin_again(nameplate, nameplate.sign_ins().request_bot(&provider, &permissions)).await;
    Ok(())
}

#[tauri::command]
pub fn dismiss_bot(door: State<'_, Door>) -> Told {
    door.nameplate()?.notices().dismiss_bot();
    Ok(())
}

#[tauri::command]
pub async fn sign_out(door: State<'_, Door>, account: String) -> Told {
    let nameplate = door.nameplate()?;
    tell(nameplate, nameplate.accounts().sign_out(&account, SignOutScope::Here).await)
}

#[tauri::command]
pub async fn disconnect(door: State<'_, Door>, account: String) -> Told {
    let nameplate = door.nameplate()?;
    tell(nameplate, nameplate.accounts().sign_out(&account, SignOutScope::Everywhere).await)
}

#[tauri::command]
pub async fn forget(door: State<'_, Door>) -> Told {
    let nameplate = door.nameplate()?;
    tell(nameplate, nameplate.accounts().reset().await)
}

#[tauri::command(async)]
pub fn show_user(door: State<'_, Door>, user: String) -> Told {
    let nameplate = door.nameplate()?;
    tell(nameplate, nameplate.accounts().show(&user))
}

#[tauri::command(async)]
pub fn rename_user(door: State<'_, Door>, user: String, name: String) -> Told {
    let nameplate = door.nameplate()?;
    tell(nameplate, nameplate.accounts().rename(&user, &name))
}

#[tauri::command(async)]
pub fn join(door: State<'_, Door>, account: String) -> Told {
    let nameplate = door.nameplate()?;
    tell(nameplate, nameplate.accounts().link(&account))
}

#[tauri::command(async)]
pub fn keep_apart(door: State<'_, Door>, account: String) -> Told {
    let nameplate = door.nameplate()?;
    tell(nameplate, nameplate.accounts().decline_link(&account))
}

#[tauri::command(async)]
pub fn part(door: State<'_, Door>, account: String) -> Told {
    let nameplate = door.nameplate()?;
    tell(nameplate, nameplate.accounts().unlink(&account))
}

#[tauri::command]
pub async fn read_again(door: State<'_, Door>, account: String) -> Told {
    let nameplate = door.nameplate()?;
    tell(nameplate, nameplate.accounts().refresh_profile(&account).await)
}

#[tauri::command(async)]
pub fn check_again(door: State<'_, Door>) -> Told {
    door.nameplate()?.provider_setup().reload();
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
    let nameplate = door.nameplate()?;
    let request =
        SetUpRequest { provider, client_id, client_secret, issuer, label, redirect_uri, check };
    nameplate.provider_setup().set_up(request).await.map_err(|error| told(nameplate, &error))
}

#[tauri::command(async)]
pub fn save_settings(door: State<'_, Door>, settings: Settings) -> Told {
    let nameplate = door.nameplate()?;
    tell(nameplate, nameplate.preferences().save(settings))
}

#[tauri::command]
pub async fn open_register_page(door: State<'_, Door>, provider: String) -> Told {
    let nameplate = door.nameplate()?;
    match nameplate.provider_setup().register_url(&provider) {
        Ok(url) => open(nameplate, url, &provider).await,
        Err(error) => nameplate.notices().report(error),
    }
    Ok(())
}

#[tauri::command]
pub fn restart(app: AppHandle) {
    app.restart();
}

/// The receiver listens before the browser opens. For a code, the person says where it opens.
async fn begin(nameplate: &Nameplate, request: SignInRequest) {
    // A failure to begin is in the overview already.
    deep_link::register(nameplate.home());
    let provider = request.provider.clone();
    match nameplate.sign_ins().begin(request).await {
        Ok(begun) if begun.device.is_none() => open(nameplate, &begun.start_url, &provider).await,
        Ok(_) | Err(_) => {}
    }
}

async fn begin_again(nameplate: &Nameplate, request: Result<SignInRequest>) {
    match request {
        Ok(request) => begin(nameplate, request).await,
        Err(error) => nameplate.notices().report(error),
    }
}

async fn open(nameplate: &Nameplate, url: &str, provider: &str) {
    if let Err(error) = browser::open(url).await {
        nameplate.notices().report(error.at(provider));
    }
}

/// Where the person stands before an input and is told there.
fn tell_here<T>(nameplate: &Nameplate, done: Result<T>) -> Told {
    done.map(drop).map_err(|error| told(nameplate, &error))
}

fn told(nameplate: &Nameplate, error: &Error) -> Box<Problem> {
    Box::new(nameplate.explain(nameplate.preferences().language(), error))
}

fn tell(nameplate: &Nameplate, done: Result<()>) -> Told {
    if let Err(error) = done {
        nameplate.notices().report(error);
    }
    Ok(())
}
