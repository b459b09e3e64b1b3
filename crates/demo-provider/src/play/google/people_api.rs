//! Google's People API: `GET /v1/people/me?personFields=...`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::{BIRTHDAY, GENDER, PHONES, PROFILE, REALM, api_error, picture, subject};
use crate::answer;
use crate::ask::Ask;
use crate::book::Grant;
use crate::faults::Fault;
use crate::people::Person;
use crate::world::{Shared, World};

/// The number of the project that the client belongs to.
const PROJECT: &str = "417283904512";
const FIELDS: [&str; 12] = [
    "addresses",
    "ageRanges",
    "birthdays",
    "emailAddresses",
    "genders",
    "locales",
    "metadata",
    "names",
    "nicknames",
    "phoneNumbers",
    "photos",
    "urls",
];

/// The one endpoint.
pub fn routes() -> Router<Shared> {
    Router::new().route("/google/v1/people/me", get(me))
}

async fn me(State(world): State<Shared>, ask: Ask) -> Response {
    let Some(grant) = super::userinfo::bearer(&world, &ask) else {
        return unauthenticated();
    };
    if world.has(REALM, Fault::People403) {
        return disabled();
    }
    if ![PROFILE, BIRTHDAY, GENDER, PHONES].iter().any(|scope| grant.has(scope)) {
        return insufficient();
    }
    let Some(wanted) = ask.query.get("personFields") else {
        let text = "personFields mask is required. Please specify one or more valid paths.";
        return api_error(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", text, &json!([]));
    };
    let wanted: Vec<&str> = wanted.split(',').map(str::trim).collect();
    if let Some(unknown) = wanted.iter().find(|field| !FIELDS.contains(field)) {
        let text = format!("Invalid personFields mask path: \"{unknown}\".");
        return api_error(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", &text, &json!([]));
    }
    answer::json(StatusCode::OK, &person(&world, &grant, &wanted))
}

/// Fields without data, and fields that the token may not read, are absent, not empty.
fn person(world: &World, grant: &Grant, wanted: &[&str]) -> Value {
    let person = world.person_of(grant);
    let subject = subject(person);
    let mut body = json!({ "resourceName": format!("people/{subject}"), "etag": "%EgUBAi43PRoEAQIFByIMZGVtbw==" });
    if world.has(REALM, Fault::PeopleEmpty) {
        return body;
    }
    for field in wanted {
        let entries = match *field {
            "photos" => photos(world, person, &subject),
            "names" if grant.has(PROFILE) => names(person, &subject),
            "nicknames" if grant.has(PROFILE) => nicknames(person, &subject),
            "birthdays" if grant.has(BIRTHDAY) => birthdays(person, &subject),
            "genders" if grant.has(GENDER) => genders(person, &subject),
            "phoneNumbers" if grant.has(PHONES) => phones(person, &subject),
            "ageRanges" if grant.has(PROFILE) => age_ranges(person, &subject),
            _ => Vec::new(),
        };
        if !entries.is_empty() {
            body[*field] = json!(entries);
        }
    }
    body
}

/// `metadata` says whether an entry is the primary one of its field and where it comes from.
fn entry(primary: bool, source: &str, id: &str, mut value: Value) -> Value {
    let mut metadata = json!({ "source": { "type": source, "id": id } });
    if primary {
        // Absent where false, as JSON of proto3 has it.
        metadata["primary"] = json!(true);
        metadata["verified"] = json!(true);
    }
    value["metadata"] = metadata;
    value
}

/// Everybody has a photo there; without one of their own it is a generated letter with `default: true`.
fn photos(world: &World, person: &Person, id: &str) -> Vec<Value> {
    let own = picture(world, person).map(|url| json!({ "url": url.replace("=s96-c", "=s100") }));
    let generated =
        json!({ "url": format!("{}/demo/people/embed-0.png", world.base), "default": true });
    let background = entry(
        false,
        "CONTACT",
        "3a1b",
        json!({ "url": format!("{}/demo/people/embed-2.png", world.base) }),
    );
    vec![background, entry(true, "PROFILE", id, own.unwrap_or(generated))]
}

fn names(person: &Person, id: &str) -> Vec<Value> {
    let Some(name) = person.nickname else {
        return Vec::new();
    };
    let contact =
        entry(false, "CONTACT", "3a1b", json!({ "displayName": format!("{name} (contact)") }));
    vec![
        contact,
        entry(
            true,
            "PROFILE",
            id,
            json!({ "displayName": name, "givenName": name, "unstructuredName": name }),
        ),
    ]
}

fn nicknames(person: &Person, id: &str) -> Vec<Value> {
    let Some(name) = person.nickname.filter(|_| person.key == "haneul") else {
        return Vec::new();
    };
    vec![
        entry(false, "CONTACT", "3a1b", json!({ "value": "sky", "type": "ALTERNATE_NAME" })),
        entry(true, "PROFILE", id, json!({ "value": name })),
    ]
}

/// Two entries are common: the public one without the year is primary, the account's has the year.
fn birthdays(person: &Person, id: &str) -> Vec<Value> {
    let birthday = person.birthday;
    let day = birthday.day.map(|(month, day)| json!({ "month": month, "day": day }));
    let full = birthday.year.map(|year| {
        let mut date = day.clone().unwrap_or_else(|| json!({}));
        date["year"] = json!(year);
        entry(false, "ACCOUNT", id, json!({ "date": date }))
    });
    let public = day.map(|date| entry(true, "PROFILE", id, json!({ "date": date })));
    public.into_iter().chain(full).collect()
}

fn genders(person: &Person, id: &str) -> Vec<Value> {
    let Some(gender) = person.gender else {
        return Vec::new();
    };
    let formatted = if gender == "female" { "여성" } else { "남성" };
    vec![entry(true, "PROFILE", id, json!({ "value": gender, "formattedValue": formatted }))]
}

fn phones(person: &Person, id: &str) -> Vec<Value> {
    let Some(number) = person.phone else {
        return Vec::new();
    };
    vec![
        entry(
            false,
            "CONTACT",
            "3a1b",
            json!({ "value": "02-123-4567", "type": "work", "formattedType": "Work" }),
        ),
        entry(
            true,
            "PROFILE",
            id,
            json!({ "value": number.replace("+82", "0"), "canonicalForm": number, "type": "mobile", "formattedType": "Mobile" }),
        ),
    ]
}

fn age_ranges(person: &Person, id: &str) -> Vec<Value> {
    let Some(from) = person.age_from else {
        return Vec::new();
    };
    let range = if from < 20 { "LESS_THAN_EIGHTEEN" } else { "TWENTY_ONE_OR_OLDER" };
    vec![entry(true, "PROFILE", id, json!({ "ageRange": range }))]
}

fn unauthenticated() -> Response {
    let text = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
    let info = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_EXPIRED", "domain": "googleapis.com", "metadata": { "service": "people.googleapis.com", "method": "google.people.v1.PeopleService.GetPerson" } }]);
    api_error(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", text, &info)
}

fn insufficient() -> Response {
    let info = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "domain": "googleapis.com", "metadata": { "service": "people.googleapis.com", "method": "google.people.v1.PeopleService.GetPerson" } }]);
    api_error(
        StatusCode::FORBIDDEN,
        "PERMISSION_DENIED",
        "Request had insufficient authentication scopes.",
        &info,
    )
}

/// The API was never enabled in the project: what a developer meets first.
fn disabled() -> Response {
    let url = format!(
        "https://console.developers.google.com/apis/api/people.googleapis.com/overview?project={PROJECT}"
    );
    let text = format!(
        "People API has not been used in project {PROJECT} before or it is disabled. Enable it by visiting {url} then retry. \
         If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry."
    );
    let details = json!([
        { "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com", "metadata": { "service": "people.googleapis.com", "serviceTitle": "People API", "consumer": format!("projects/{PROJECT}"), "containerInfo": PROJECT, "activationUrl": url } },
        { "@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US", "message": text },
        { "@type": "type.googleapis.com/google.rpc.Help", "links": [{ "description": "Google developers console API activation", "url": url }] },
    ]);
    api_error(StatusCode::FORBIDDEN, "PERMISSION_DENIED", &text, &details)
}
