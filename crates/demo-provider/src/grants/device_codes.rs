//! Device codes that are outstanding (RFC 8628).

use std::collections::HashMap;
use std::sync::Arc;

use super::{AuthorizationRequest, Grant};
use crate::clients::Client;
use crate::errors::TokenError;

/// What `slow_down` adds to the interval, in seconds (RFC 8628 §3.5).
const SLOW_DOWN: i64 = 5;

/// Device authorizations by their device code.
#[derive(Debug, Default)]
pub struct DeviceCodes(HashMap<String, DeviceCode>);

#[derive(Debug)]
struct DeviceCode {
    request: AuthorizationRequest,
    user_code: String,
    expires: i64,
    interval: i64,
    polled: Option<i64>,
    decision: Decision,
}

#[derive(Debug)]
enum Decision {
    Awaited,
    Allowed(Arc<Grant>),
    Denied,
    Redeemed,
}

impl DeviceCodes {
    /// Stores a request under its device code; `expires` is in Unix seconds, `interval` in seconds.
    pub fn add(
        &mut self,
        request: AuthorizationRequest,
        user_code: &str,
        expires: i64,
        interval: i64,
    ) {
        let Some(device_code) = request.device_code.clone() else { return };
        let entry = DeviceCode {
            request,
            user_code: user_code.to_owned(),
            expires,
            interval,
            polled: None,
            decision: Decision::Awaited,
        };
        self.0.insert(device_code, entry);
    }

    /// The grant, once, if the user agreed; an error with the interval in seconds. With `slow_down` the first poll is too early
    /// in any case.
    pub fn poll(
        &mut self,
        realm: &str,
        client: &Client,
        device_code: &str,
        now: i64,
        slow_down: bool,
    ) -> Result<Arc<Grant>, (TokenError, i64)> {
        let known = self
            .0
            .get_mut(device_code)
            .filter(|entry| entry.request.realm == realm && entry.request.client.id == client.id);
        let Some(entry) = known else { return Err((TokenError::DeviceCodeInvalid, 0)) };
        let first = entry.polled.is_none();
        let early = entry.polled.replace(now).is_some_and(|last| now - last < entry.interval);
        if entry.expires <= now {
            return Err((TokenError::Expired, entry.interval));
        }
        if early || (slow_down && first) {
            entry.interval += SLOW_DOWN;
            return Err((TokenError::TooSoon, entry.interval));
        }
        match &entry.decision {
            Decision::Awaited => Err((TokenError::Pending, entry.interval)),
            Decision::Denied => Err((TokenError::Denied, entry.interval)),
            Decision::Redeemed => Err((TokenError::DeviceCodeInvalid, entry.interval)),
            Decision::Allowed(grant) => {
                let grant = Arc::clone(grant);
                entry.decision = Decision::Redeemed;
                Ok(grant)
            }
        }
    }

    /// The request that waits for this user code.
    pub fn waiting(&self, realm: &str, user_code: &str, now: i64) -> Option<AuthorizationRequest> {
        let waits = |entry: &&DeviceCode| {
            entry.user_code == user_code
                && entry.request.realm == realm
                && entry.expires > now
                && matches!(entry.decision, Decision::Awaited)
        };
        self.0.values().find(waits).map(|entry| entry.request.clone())
    }

    pub fn allow(&mut self, device_code: &str, grant: Arc<Grant>) {
        self.decide(device_code, Decision::Allowed(grant));
    }

    pub fn deny(&mut self, device_code: &str) {
        self.decide(device_code, Decision::Denied);
    }

    /// The first decision counts.
    fn decide(&mut self, device_code: &str, decision: Decision) {
        let entry = self.0.get_mut(device_code);
        if let Some(entry) = entry.filter(|entry| matches!(entry.decision, Decision::Awaited)) {
            entry.decision = decision;
        }
    }
}
