//! What begins in a terminal and ends in a browser: it is announced, waited for, and given up.

use std::time::Duration;

use nameplate::{Ask, Begun, Channel, Code, Done, Error, Login, Result, UserCodePrompt, browser};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::time::{Instant, interval, sleep};

use crate::arguments::Way;
use crate::say::Say;

/// Begins, and waits for whoever receives the answer.
pub async fn until_done(login: &Login, say: &Say, ask: Ask, way: &Way) -> Result<Done> {
    // News of other processes: a deep link is received by the window.
    tokio::spawn(login.watch()?);
    let (provider, channel) = (ask.provider.clone(), ask.channel);
    let begun = login.begin(ask).await?;
    announce(login, say, &provider, way, &begun).await?;
    if channel == Some(Channel::Paste) {
        let (login, say) = (login.clone(), say.clone());
        let prompt = say.can_ask().then(|| say.messages().command("paste_here", &[]));
        prompt.iter().for_each(|prompt| say.line(prompt));
        tokio::spawn(async move {
            paste(&login, tokio::io::stdin(), |error| say.notice(&login, error)).await;
        });
    }
    let done = wait(login, say, way, &begun).await;
    login.close().await;
    say.progress("");
    // A failed sign-in says so itself.
    if let Some(reused) = login.take_reused().filter(|_| done.is_ok()) {
        say.notice(login, &reused);
    }
    done
}

/// The channel that was asked for; else a port of this process, wherever the provider allows one:
/// it needs no window.
pub fn channel(login: &Login, provider: &str, way: &Way) -> Option<Channel> {
    way.channel.map(Channel::from).or_else(|| own_channel(login, provider))
}

fn own_channel(login: &Login, provider: &str) -> Option<Channel> {
    let config = login.config();
    let entry = config.entry(provider).ok()?;
    // A page of one's own was set up because the provider takes nothing else.
    let bounces = entry.channels.first() == Some(&Channel::Bounce);
    (!bounces && entry.channels.contains(&Channel::Loopback)).then_some(Channel::Loopback)
}

async fn announce(
    login: &Login,
    say: &Say,
    provider: &str,
    way: &Way,
    begun: &Begun,
) -> Result<()> {
    if let Some(device) = &begun.device {
        show_code(say, device, begun.expires_at);
        return Ok(());
    }
    say.event(
        "authorize",
        json!({ "url": begun.url, "redirect_uri": begun.redirect_uri, "expires_at": begun.expires_at }),
    );
    let config = login.config();
    let label = &config.entry(provider)?.label;
    if way.no_browser {
        say.line(&say.messages().command("open_yourself", &[]));
        say.line(&begun.url);
        return Ok(());
    }
    say.line(&say.messages().command("opening", &[("provider", label)]));
    if let Err(error) = browser::open(&begun.start_url).await {
        // The person can still open it: the sign-in goes on.
        say.line(&say.messages().problem(&error, None).message);
        say.line(&say.messages().command("open_yourself", &[]));
        say.line(&begun.url);
    }
    Ok(())
}

/// No browser is opened for a code: it may well be entered on another device.
fn show_code(say: &Say, device: &UserCodePrompt, expires_at: i64) {
    let UserCodePrompt { user_code, verification_uri, verification_uri_complete } = device;
    say.event(
        "device",
        json!({
            "user_code": user_code,
            "verification_uri": verification_uri,
            "verification_uri_complete": verification_uri_complete,
            "expires_at": expires_at,
        }),
    );
    say.line(&say.messages().command("enter_code", &[("uri", verification_uri)]));
    say.strong(user_code);
    // RFC 8628, section 5.4.
    say.line(&say.messages().command("device_warning", &[]));
}

async fn wait(login: &Login, say: &Say, way: &Way, begun: &Begun) -> Result<Done> {
    let limit = Duration::from_secs(way.timeout.unwrap_or(u64::from(u32::MAX)));
    let ended = tokio::select! {
        ended = login.outcome(&begun.sign_in) => ended,
        () = count_down(say, begun, limit) => Err(Error::new(Code::TimedOut)),
        () = notices(login, say) => Err(Error::new(Code::Cancelled)),
        _ = tokio::signal::ctrl_c() => Err(Error::new(Code::Cancelled)),
    };
    if ended.is_err() {
        // Whatever ended it, nothing may answer it any more; a database that fails is told by
        // what ended it.
        let _ = login.cancel().await;
    }
    ended
}

/// Tells what the person should know while waiting; never ends.
async fn notices(login: &Login, say: &Say) {
    let mut news = login.news();
    let mut told: Option<Error> = None;
    loop {
        let _ = news.recv().await;
        let notice = login.notice();
        if let Some(notice) = notice.as_ref().filter(|&notice| told.as_ref() != Some(notice)) {
            say.notice(login, notice);
        }
        told = notice;
    }
}

/// Shows that the sign-in is waited for, in the last minute with the seconds left; returns
/// at the time limit.
async fn count_down(say: &Say, begun: &Begun, limit: Duration) {
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
                say.progress(&say.messages().command(text, &[("left", &left.to_string())]));
            }
        }
    }
}

/// Takes pasted URLs until one counts, and says what is wrong with any other; the outcome is news.
async fn paste(login: &Login, pasted: impl AsyncRead + Unpin, tell: impl Fn(&Error)) {
    let mut lines = BufReader::new(pasted).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.trim().is_empty() {
            continue;
        }
        match login.answer(&line).await {
            Ok(()) => return,
            Err(error) => tell(&error),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]
mod tests {
    use std::sync::{Arc, Mutex};

    use nameplate::Home;
    use nameplate::vault::MemoryVault;

    use super::*;

    /// Whatever is pasted wrongly is told, line by line; an empty line is nothing.
    #[tokio::test]
    async fn a_wrong_line_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::own(dir.path()).unwrap();
        let login = Login::with(home, Arc::new(MemoryVault::default()), Arc::new(|| 0)).unwrap();
        let told = Mutex::new(Vec::new());
        let pasted = "rubbish\n\nhttp://127.0.0.1:1/callback/discord?code=c&state=s\n";
        paste(&login, pasted.as_bytes(), |error| told.lock().unwrap().push(error.code())).await;
        assert_eq!(*told.lock().unwrap(), [Code::NotAnAnswer, Code::UnknownState]);
    }
}
