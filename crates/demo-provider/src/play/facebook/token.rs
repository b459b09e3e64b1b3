//! Facebook's token endpoint: by GET as documented, by POST as others use it.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::{ISSUER, REALM, me, refused, subject};
use crate::answer::{self, Refused};
use crate::ask::{Ask, Params};
use crate::book::{Code, Grant};
use crate::clients::{self, Client, Secret};
use crate::id_token;
use crate::random;
use crate::tokens::{self, Lives};
use crate::world::{Shared, World};

/// Hours, and nothing that renews it without the secret.
const LIVES: Lives = Lives { access: 5183, refresh: 0 };

/// `GET` or `POST /oauth/access_token`.
pub fn routes() -> Router<Shared> {
    Router::new().route("/facebook/graph/v24.0/oauth/access_token", get(by_query).post(by_form))
}

async fn by_query(State(world): State<Shared>, ask: Ask) -> Response {
    note(&world, &ask.query);
    answered(&world, &ask.query).await
}

/// What stands in an address is as secret as what stands in a body.
fn note(world: &World, given: &Params) {
    let mut ledger = world.ledger();
    for (name, value) in given.pairs() {
        ledger.received(name, value);
    }
}

async fn by_form(State(world): State<Shared>, ask: Ask) -> Response {
    let form = ask.form(&world).unwrap_or_default();
    answered(&world, &form).await
}

async fn answered(world: &World, given: &Params) -> Response {
    answer::token_endpoint(world, REALM, || exchange(world, given)).await
}

/// The codes 1, 100, 101 and 191 are documented or reported, the words around them are reports or guesses.
pub fn wrong_secret() -> Refused {
    refused(1, "Error validating client secret.")
}

/// Unknown, expired or used.
pub fn bad_code() -> Refused {
    refused(100, "This authorization code has been used or has expired.")
}

fn exchange(world: &World, given: &Params) -> Result<Value, Refused> {
    let client = given.get("client_id").and_then(|id| clients::find(REALM, id));
    let words = "Error validating application. Cannot get application info due to a system error.";
    let client = client.ok_or_else(|| refused(101, words))?;
    let proof = proof(client, given)?;
    let uri = given.get("redirect_uri");
    let uri = uri.ok_or_else(|| refused(191, "Missing redirect_uri parameter."))?;
    let value = given.get("code").unwrap_or_default();
    let mut book = world.book();
    let code = book.code(REALM, client, value, world.now()).ok_or_else(bad_code)?;
    if uri != code.redirect_uri {
        return Err(refused(
            100,
            "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
        ));
    }
    check(&code, proof, given.get("code_verifier"))?;
    book.spend(value);
    let minted = tokens::issue_access(&mut book, &code.grant, world.now(), LIVES, mint);
    drop(book);
    world.ledger().counts(REALM).authorization_code += 1;
    let mut body = json!({
        "access_token": minted.access,
        "token_type": "bearer",
        "expires_in": LIVES.access,
    });
    if code.grant.has("openid") {
        body["id_token"] = json!(id_token(world, &code.grant, &minted.access));
    }
    Ok(body)
}

/// What stands for the client at the exchange: either will do, it is reported.
enum Proof {
    Secret,
    Verifier,
}

fn proof(client: &Client, given: &Params) -> Result<Proof, Refused> {
    match (client.secret, given.get("client_secret")) {
        (Secret::Required(right), Some(secret)) if right == secret => Ok(Proof::Secret),
        (Secret::Required(_) | Secret::None, Some(_)) => Err(wrong_secret()),
        (_, None) if given.get("code_verifier").is_some() => Ok(Proof::Verifier),
        (_, None) => Err(refused(101, "Missing client_secret parameter.")),
    }
}

/// A verifier must fit where there was a challenge, also beside the secret; alone it needs one.
fn check(code: &Code, proof: Proof, verifier: Option<&str>) -> Result<(), Refused> {
    let good = match (&code.challenge, verifier, proof) {
        (Some(challenge), Some(verifier), _) => {
            crate::pkce::is_well_formed(verifier) && challenge.fits(verifier)
        }
        (_, None, Proof::Secret) => true,
        (None, Some(_), _) | (_, None, Proof::Verifier) => false,
    };
    good.then_some(()).ok_or_else(|| refused(100, "Invalid code_verifier."))
}

fn mint() -> (String, String) {
    (format!("EAA{}", random::alphanumeric(180)), String::new())
}

/// No word on whether the address is verified.
fn id_token(world: &World, grant: &Grant, access_token: &str) -> String {
    let person = world.person_of(grant);
    let mut claims = id_token::claims(world, grant, ISSUER, &subject(person), 3600);
    id_token::bind(&mut claims, access_token);
    claims["jti"] = json!(random::base64url(20));
    id_token::merge(&mut claims, me::names(person));
    if let Some(email) = me::email(world, grant) {
        claims["email"] = json!(email);
    }
    claims["picture"] = json!(me::picture_url(world, person));
    id_token::sign(world, &claims)
}
