//! The two pages between an authorization request and its answer: who are you, and do you agree.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;

use crate::answer;
use crate::ask::{Ask, Params};
use crate::book::{Asked, Grant};
use crate::faults::Fault;
use crate::pages;
use crate::people::Person;
use crate::play::{self, Outcome};
use crate::world::{Shared, World};

/// Where the pages' forms go.
pub fn routes() -> Router<Shared> {
    Router::new().route("/sign-in", post(decide))
}

/// Keeps a good request and shows the login page. `prompt` values are not needed: nobody is remembered, so
/// the people are offered every time.
pub fn begin(world: &World, ask: &Ask, asked: Asked) -> Response {
    let mut ledger = world.ledger();
    for (name, value) in [("state", &asked.state), ("nonce", &asked.nonce)] {
        ledger.received(name, value.as_deref().unwrap_or_default());
    }
    drop(ledger);
    let play = play::of(&asked.realm);
    let id = world.book().ask(asked);
    pages::login(ask.language(), play, &id)
}

/// `person` leads to the consent page, `person` with `decision` back to the application.
async fn decide(State(world): State<Shared>, ask: Ask) -> Response {
    let form = ask.form(&world).unwrap_or_default();
    let id = form.get("request").unwrap_or_default();
    let Some(asked) = world.book().asked(id).cloned() else {
        return pages::gone(ask.language());
    };
    let play = play::of(&asked.realm);
    let Some(person) = form.get("person").and_then(|key| world.person(key)) else {
        return pages::login(ask.language(), play, id);
    };
    let guild = asked.guild.chosen(form.get("guild"));
    match form.get("decision") {
        // A server that is none of the person's: the page again.
        Some("allow") if guild.is_none() => {
            pages::consent(ask.language(), play, &asked, id, person)
        }
        Some("allow") => allow(&world, &ask, id, person, &form),
        Some("deny") => deny(&world, &ask, id),
        _ => pages::consent(ask.language(), play, &asked, id, person),
    }
    .unwrap_or_else(|| pages::gone(ask.language()))
}

fn allow(
    world: &World,
    ask: &Ask,
    id: &str,
    person: &'static Person,
    form: &Params,
) -> Option<Response> {
    let asked = world.book().decide(id)?;
    let play = play::of(&asked.realm);
    if asked.redirect_uri.is_empty() && asked.device.is_none() {
        return Some(pages::done(ask.language(), play, pages::Ending::Done));
    }
    if asked.device.is_none() && world.has(&asked.realm, Fault::CallbackServerError) {
        return Some(error(
            world,
            &asked,
            "server_error",
            Some("Something went wrong at the provider"),
        ));
    }
    let scopes = granted(&asked, form);
    let bot = scopes.iter().any(|id| id == "bot");
    let guild = asked.guild.chosen(form.get("guild")).filter(|_| bot);
    let grant = Grant {
        realm: asked.realm.clone(),
        client: asked.client,
        person,
        scopes: scopes.clone(),
        nonce: asked.nonce.clone(),
        auth_time: world.now(),
        guild,
    };
    let mut book = world.book();
    book.consents(&asked.realm, asked.client, person).extend(scopes.iter().cloned());
    if let Some(device) = &asked.device {
        book.devices.allow(device, grant);
        return Some(pages::done(ask.language(), play, pages::Ending::Connected));
    }
    let code = (play.new_code)();
    book.add_code(&code, &asked, grant, world.now() + play.code_life);
    drop(book);
    let outcome = Outcome::Granted { code: &code, scopes: &scopes, person, guild };
    Some(answer::callback(world, &asked, (play.answer)(world, &asked, &outcome)))
}

/// The page offers to withhold rather than to tick, so that a client which sends only the hidden fields grants all.
fn granted(asked: &Asked, form: &Params) -> Vec<String> {
    let play = play::of(&asked.realm);
    let withheld = |id: &String| {
        play.scope(id).is_some_and(|scope| scope.optional) && form.has("withhold", id)
    };
    asked.scopes.iter().filter(|id| !withheld(id)).cloned().collect()
}

fn deny(world: &World, ask: &Ask, id: &str) -> Option<Response> {
    let asked = world.book().decide(id)?;
    let play = play::of(&asked.realm);
    if let Some(device) = &asked.device {
        world.book().devices.deny(device);
    }
    if asked.redirect_uri.is_empty() {
        return Some(pages::done(ask.language(), play, pages::Ending::Unchanged));
    }
    Some(answer::callback(world, &asked, (play.answer)(world, &asked, &Outcome::Denied)))
}

/// An error that goes to the application, with whatever else the provider sends along.
pub fn error(world: &World, asked: &Asked, error: &str, description: Option<&str>) -> Response {
    world.refused(&asked.realm);
    let play = play::of(&asked.realm);
    let mut answer = (play.answer)(world, asked, &Outcome::Denied);
    answer.retain(|(name, _)| !name.starts_with("error"));
    answer.insert(0, ("error", error.to_owned()));
    if let Some(description) = description {
        answer.insert(1, ("error_description", description.to_owned()));
    }
    answer::callback(world, asked, answer)
}

/// An error that stays on the provider's page.
pub fn refuse(world: &World, realm: &str, page: Response) -> Response {
    world.refused(realm);
    debug_assert!(page.status() != StatusCode::OK, "a refusal says so");
    page
}
