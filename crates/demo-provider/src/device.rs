//! The device authorization grant (RFC 8628), as far as providers do it alike: the codes, the person's page, the polls.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;

use crate::ask::Ask;
use crate::book::{Asked, Grant};
use crate::clients::Client;
use crate::faults::Fault;
use crate::world::{Shared, World};
use crate::{answer, pages, play, random, signin};

/// The grant type of the polls.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What `slow_down` adds to the interval (RFC 8628 §3.5).
const SLOWER: i64 = 5;
const USER_CODE: usize = 8;

/// The codes of one request, as its answer names them.
#[derive(Debug)]
pub struct Codes {
    /// The secret one, for the polls.
    pub device: String,
    /// The one that a person types.
    pub user: String,
}

/// What a poll meets.
#[derive(Debug)]
pub enum Polled {
    /// Nobody has decided yet.
    Pending,
    /// Too soon; the interval is this many seconds from now on.
    TooSoon(i64),
    /// The person agreed; this was the one poll that gets to know it.
    Allowed(Arc<Grant>),
    /// The person said no.
    Denied,
    /// The time is over.
    Expired,
    /// Never issued, another client's, or already redeemed.
    Unknown,
}

/// Every device authorization that is outstanding, by its device code.
#[derive(Debug, Default)]
pub struct Devices(HashMap<String, Device>);

#[derive(Debug)]
struct Device {
    asked: Asked,
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

/// Where the page with the code sends its form.
pub fn routes() -> Router<Shared> {
    Router::new().route("/device", post(entered))
}

/// Files a request; `device_code` is in the provider's own format.
pub fn begin(world: &World, asked: Asked, device_code: String, life: i64, interval: i64) -> Codes {
    // No vowels, so that no words appear, and nothing that looks like something else (RFC 8628 §6.1).
    let user = random::consonants(USER_CODE);
    let device = Device {
        asked: Asked { device: Some(device_code.clone()), ..asked },
        user_code: user.clone(),
        expires: world.now() + life,
        interval,
        polled: None,
        decision: Decision::Awaited,
    };
    world.ledger().received("device_code", &device_code);
    world.book().devices.0.insert(device_code.clone(), device);
    let (left, right) = user.split_at(USER_CODE / 2);
    Codes { device: device_code, user: format!("{left}-{right}") }
}

/// A poll of the token endpoint.
pub fn poll(world: &World, realm: &str, client: &Client, device_code: &str) -> Polled {
    if world.has(realm, Fault::DeviceExpired) {
        return Polled::Expired;
    }
    let (now, slow_down) = (world.now(), world.has(realm, Fault::SlowDown));
    let mut book = world.book();
    let known = book.devices.0.get_mut(device_code);
    let Some(device) = known.filter(|device| device.is_for(realm, client)) else {
        return Polled::Unknown;
    };
    // The fault strikes the first poll alone: a client that slows down gets on.
    let first = device.polled.is_none();
    let early = device.polled.replace(now).is_some_and(|last| now - last < device.interval);
    if device.expires <= now {
        return Polled::Expired;
    }
    if early || (slow_down && first) {
        device.interval += SLOWER;
        return Polled::TooSoon(device.interval);
    }
    match std::mem::replace(&mut device.decision, Decision::Redeemed) {
        Decision::Allowed(grant) => return Polled::Allowed(grant),
        Decision::Redeemed => return Polled::Unknown,
        undecided @ (Decision::Awaited | Decision::Denied) => device.decision = undecided,
    }
    if matches!(device.decision, Decision::Denied) { Polled::Denied } else { Polled::Pending }
}

/// The page where the code is typed; `user_code` in the address fills it in, and still has to be confirmed.
pub fn entry(ask: &Ask, realm: &str) -> Response {
    let code = ask.query.get("user_code").unwrap_or_default();
    pages::device(ask.language(), play::of(realm), code, pages::Entry::First)
}

/// The form of that page: a code that fits leads to the people.
async fn entered(State(world): State<Shared>, ask: Ask) -> Response {
    let form = ask.form(&world).unwrap_or_default();
    let realm = form.get("provider").unwrap_or_default();
    let typed = form.get("user_code").unwrap_or_default();
    let asked = world.book().devices.waiting(realm, &plain(typed), world.now());
    match asked {
        Some(asked) => signin::begin(&world, &ask, asked),
        None => {
            let play = play::of(realm);
            let page = pages::device(ask.language(), play, typed, pages::Entry::Wrong);
            signin::refuse(&world, play.name, page)
        }
    }
}

/// Small letters, blanks and hyphens are the person's own business.
fn plain(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

impl Device {
    fn is_for(&self, realm: &str, client: &Client) -> bool {
        self.asked.realm == realm && self.asked.client.id == client.id
    }
}

impl Devices {
    fn waiting(&self, realm: &str, user_code: &str, now: i64) -> Option<Asked> {
        let waits = |device: &&Device| {
            device.user_code == user_code
                && device.asked.realm == realm
                && device.expires > now
                && matches!(device.decision, Decision::Awaited)
        };
        self.0.values().find(waits).map(|device| device.asked.clone())
    }

    /// The person agreed.
    pub fn allow(&mut self, device_code: &str, grant: Grant) {
        self.decide(device_code, Decision::Allowed(Arc::new(grant)));
    }

    /// The person said no.
    pub fn deny(&mut self, device_code: &str) {
        self.decide(device_code, Decision::Denied);
    }

    /// A decision counts once.
    fn decide(&mut self, device_code: &str, decision: Decision) {
        let device = self.0.get_mut(device_code);
        if let Some(device) = device.filter(|device| matches!(device.decision, Decision::Awaited)) {
            device.decision = decision;
        }
    }
}

/// The faults of the device authorization endpoint.
pub fn before(world: &World, realm: &str) -> Option<Response> {
    world.has(realm, Fault::Device5xx).then(answer::unavailable)
}
