//! Authorization responses at a local port (RFC 8252, section 7.3).

use native_oauth::redirect::loopback::{Peer, Reception, Visit};
use native_oauth::redirect::page::Page;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Duration, Instant};

use super::SignIns;
use crate::error::{Code, Error};
use crate::ids::UserId;
use crate::store::{AttemptRow, SignInOutcome};

/// How long a browser that tried https may take to try http, which many do by themselves.
const HTTPS_GRACE: Duration = Duration::from_secs(2);

impl SignIns {
    /// Processes the requests to a port, until it closes.
    pub(super) async fn receive(self, row: AttemptRow, mut visits: mpsc::Receiver<Visit>) {
        let mut https_until = None;
        loop {
            let visit = tokio::select! {
                visit = visits.recv() => visit,
                () = at(https_until) => {
                    https_until = None;
                    self.pending().notice = Some(Error::new(Code::HttpsForced));
                    self.context.events.changed();
                    continue;
                }
            };
            let Some(visit) = visit else { return };
            let speaks_http = match visit {
                Visit::Https => {
                    https_until.get_or_insert(Instant::now() + HTTPS_GRACE);
                    false
                }
                Visit::Started => true,
                Visit::StartedAgain => {
                    self.stop_reused(&row).await;
                    false
                }
                Visit::Response { address, peer, reply } => {
                    self.receive_response(&address, peer, reply).await
                }
            };
            if speaks_http {
                https_until = None;
                self.pending().clear_notice(Code::HttpsForced);
            }
        }
    }

    /// Claims a response, and completes the sign-in in the background; whether it was claimed.
    async fn receive_response(
        &self,
        url: &str,
        peer: Peer,
        reply: oneshot::Sender<Reception>,
    ) -> bool {
        // The owner of the socket is looked up only for responses to an attempt.
        if self.provider_of(url).is_some() && !peer.is_this_user().await {
            tracing::warn!("a response of another user of this machine was refused");
            let _ = reply.send(Reception::Refused(Page::OtherUser));
            return false;
        }
        match self.claim(url).await {
            Err(error) => {
                tracing::info!(code = %error.code(), "a response was refused");
                let _ = reply.send(Reception::Refused(page_of_refusal(error.code())));
                // Wakes `outcome`, which fails too if the database cannot be read.
                self.context.events.changed();
                false
            }
            Ok(claimed) => {
                let (ended, outcome) = watch::channel(None);
                // The browser is answered before the token request.
                let _ = reply.send(Reception::Taken(outcome));
                let sign_ins = self.clone();
                tokio::spawn(async move {
                    ended.send_replace(Some(match sign_ins.use_claimed(claimed).await {
                        Ok(SignInOutcome::SignedIn(user)) => {
                            Page::SignedIn(sign_ins.name_of(&user))
                        }
                        Ok(SignInOutcome::ExtraGranted(_)) => Page::ExtraGranted,
                        Err(error) => page_of_failure(error.code()),
                    }));
                });
                true
            }
        }
    }
}

impl SignIns {
    fn name_of(&self, user: &UserId) -> Option<String> {
        self.context.user(user.as_str()).ok().map(|user| user.nickname)
    }
}

/// The page for a response that was refused.
fn page_of_refusal(code: Code) -> Page {
    match code {
        Code::AlreadyUsed => Page::AlreadyUsed,
        Code::StartLinkReused => Page::Stopped,
        Code::StoreFailed | Code::StoreBusy => Page::NotStored,
        _ => Page::Unknown,
    }
}

/// The page for a sign-in that was denied ([`Code::AccessDenied`]) or failed in another way.
fn page_of_failure(code: Code) -> Page {
    match code {
        Code::StoreFailed | Code::StoreBusy => Page::NotStored,
        Code::StartLinkReused => Page::Stopped,
        _ => Page::Failed,
    }
}

/// Waits until a time; forever without one.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}
