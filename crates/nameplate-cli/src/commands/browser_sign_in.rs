//! Sign-ins in the browser: begins one, shows its progress, and waits for its end.

use std::time::Duration;

use nameplate::{
    Code, Error, Grant, Nameplate, PendingSignIn, RedirectMethod, Result, SignInOutcome,
    SignInRequest, UserCodePrompt, browser,
};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::time::{Instant, interval, sleep};

use crate::arguments::BrowserOptions;
use crate::output::Output;

/// Begins a sign-in and waits for its result, whichever process receives the response. The browser
/// may still wait for its last page: the caller reports the result and then calls
/// [`Nameplate::close`].
pub async fn until_done(
    nameplate: &Nameplate,
    output: &Output,
    request: SignInRequest,
    browser: &BrowserOptions,
) -> Result<SignInOutcome> {
    // Reports changes by other processes: the window receives deep links.
    tokio::spawn(nameplate.watch()?);
    let (provider, method) = (request.provider.clone(), request.method);
    let (begun, host) = begin(nameplate, request).await?;
    announce(nameplate, output, &provider, browser, &begun, host).await?;
    if method == Some(RedirectMethod::Manual.into()) {
        let (nameplate, output) = (nameplate.clone(), output.clone());
        let prompt = output.can_ask().then(|| output.messages().command("paste_here", &[]));
        prompt.iter().for_each(|prompt| output.line(prompt));
        tokio::spawn(async move {
            paste(&nameplate, tokio::io::stdin(), |error| output.notice(&nameplate, error)).await;
        });
    }
    let outcome = wait(nameplate, output, browser, &begun).await;
    output.progress("");
    // A failed sign-in is reported by its own error.
    if let Some(reused) = nameplate.notices().take_start_link_warning().filter(|_| outcome.is_ok())
    {
        output.notice(nameplate, &reused);
    }
    outcome
}

/// Begins the sign-in. Also returns a host that the user did not name, which is told before the browser
/// opens (S66).
async fn begin(
    nameplate: &Nameplate,
    request: SignInRequest,
) -> Result<(PendingSignIn, Option<String>)> {
    let sign_ins = nameplate.sign_ins();
    match sign_ins.begin(request.clone()).await {
        Err(error) if error.code() == Code::HostNotConfirmed => {
            let confirmed_host = error.detail().map(str::to_owned);
            let request = SignInRequest { confirmed_host: confirmed_host.clone(), ..request };
            Ok((sign_ins.begin(request).await?, confirmed_host))
        }
        begun => Ok((begun?, None)),
    }
}

/// The chosen method, else a loopback port if the provider allows it, because that needs no
/// window.
pub fn method(nameplate: &Nameplate, provider: &str, browser: &BrowserOptions) -> Option<Grant> {
    browser.method.map(Grant::from).or_else(|| default_method(nameplate, provider))
}

fn default_method(nameplate: &Nameplate, provider: &str) -> Option<Grant> {
    let config = nameplate.provider_setup().config();
    let entry = config.entry(provider).ok()?;
    // A configured https redirect page means that the provider accepts nothing else.
    let has_page = entry.methods.first() == Some(&RedirectMethod::HttpsPage.into());
    let loopback = RedirectMethod::Loopback.into();
    (!has_page && entry.methods.contains(&loopback)).then_some(loopback)
}

async fn announce(
    nameplate: &Nameplate,
    output: &Output,
    provider: &str,
    browser: &BrowserOptions,
    begun: &PendingSignIn,
    host: Option<String>,
) -> Result<()> {
    if let Some(device) = &begun.device {
        show_code(output, device, begun.expires_at);
        return Ok(());
    }
    output.event(
        "authorize",
        json!({ "url": begun.url, "redirect_uri": begun.redirect_uri, "expires_at": begun.expires_at }),
    );
    let label = match nameplate.state()?.signing_in {
        Some(signing_in) => signing_in.label,
        None => {
            let config = nameplate.provider_setup().config();
            output.messages().label(config.entry(provider)?).to_owned()
        }
    };
    let label = host.map_or(label.clone(), |host| format!("{label} ({host})"));
    let label = &label;
    if browser.no_browser {
        output.line(&output.messages().command("open_yourself", &[]));
        output.line(&begun.url);
        return Ok(());
    }
    output.line(&output.messages().command("opening", &[("provider", label)]));
    if let Err(error) = browser::open(&begun.start_url).await {
        // The user can still open the URL.
        output.line(&nameplate.explain(output.language(), &error).message);
        output.line(&output.messages().command("open_yourself", &[]));
        output.line(&begun.url);
    }
    Ok(())
}

/// Shows a user code; no browser is opened, because it may be entered on another device.
fn show_code(output: &Output, device: &UserCodePrompt, expires_at: i64) {
    let UserCodePrompt { user_code, verification_uri, verification_uri_complete } = device;
    output.event(
        "device",
        json!({
            "user_code": user_code,
            "verification_uri": verification_uri,
            "verification_uri_complete": verification_uri_complete,
            "expires_at": expires_at,
        }),
    );
    output.line(&output.messages().command("enter_code", &[("uri", verification_uri)]));
    output.strong(user_code);
    // RFC 8628, section 5.4.
    output.line(&output.messages().command("device_warning", &[]));
}

async fn wait(
    nameplate: &Nameplate,
    output: &Output,
    browser: &BrowserOptions,
    begun: &PendingSignIn,
) -> Result<SignInOutcome> {
    let limit = Duration::from_secs(browser.timeout.unwrap_or(u64::from(u32::MAX)));
    let ended = tokio::select! {
        ended = nameplate.sign_ins().outcome(&begun.id) => ended,
        () = count_down(output, begun, limit) => Err(Error::new(Code::TimedOut)),
        () = notices(nameplate, output) => Err(Error::new(Code::Cancelled)),
        _ = tokio::signal::ctrl_c() => Err(Error::new(Code::Cancelled)),
    };
    if ended.is_err() {
        // No response may be accepted after the end. A database error is reported by the first
        // error.
        let _ = nameplate.sign_ins().cancel().await;
    }
    ended
}

/// Reports notices; never returns.
async fn notices(nameplate: &Nameplate, output: &Output) {
    let mut news = nameplate.events();
    let mut told: Option<Error> = None;
    loop {
        let _ = news.recv().await;
        let notice = nameplate.sign_ins().current().and_then(|current| current.notice);
        if let Some(notice) = notice.as_ref().filter(|&notice| told.as_ref() != Some(notice)) {
            output.notice(nameplate, notice);
        }
        told = notice;
    }
}

/// Shows the progress, with the seconds left in the last minute; returns at the time limit.
async fn count_down(output: &Output, begun: &PendingSignIn, limit: Duration) {
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let left = u64::try_from(begun.expires_at).unwrap_or(0).saturating_sub(now.as_secs());
    let end = Instant::now() + limit.min(Duration::from_secs(left + 5));
    let mut second = interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            () = sleep(end.saturating_duration_since(Instant::now())) => return,
            _ = second.tick() => {
                let left = end.saturating_duration_since(Instant::now()).as_secs();
                let text = if left < 60 { "waiting_last" } else { "waiting" };
                output.progress(&output.messages().command(text, &[("left", &left.to_string())]));
            }
        }
    }
}

/// Reads pasted URLs until one is accepted, and reports what is wrong with others.
async fn paste(nameplate: &Nameplate, pasted: impl AsyncRead + Unpin, tell: impl Fn(&Error)) {
    let mut lines = BufReader::new(pasted).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.trim().is_empty() {
            continue;
        }
        match nameplate.sign_ins().submit(&line).await {
            Ok(()) => return,
            Err(error) => tell(&error),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test panics")]
mod tests {
    use std::sync::Mutex;

    use nameplate::Home;
    use nameplate::vault::MemoryVault;

    use super::*;

    /// Each wrong line is reported; an empty one is ignored.
    #[tokio::test]
    async fn a_wrong_line_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::own(&crate::identity::identity(), dir.path()).unwrap();
        let nameplate = Nameplate::builder(home).vault(MemoryVault::default()).open().unwrap();
        let told = Mutex::new(Vec::new());
        let pasted = "rubbish\n\nhttp://127.0.0.1:1/callback/discord?code=c&state=s\n";
        paste(&nameplate, pasted.as_bytes(), |error| told.lock().unwrap().push(error.code())).await;
        assert_eq!(*told.lock().unwrap(), [Code::NotAResponse, Code::UnknownState]);
    }
}
