//! Google's People API: `GET /v1/people/me?personFields=...`.

use super::userinfo::{picture, subject};
use super::{BIRTHDAY, GENDER, PHONES, PROFILE};
use crate::providers::prelude::*;

/// The number of the project of the client.
const PROJECT: &str = "417283904512";
/// The fields that a request may name.
const FIELDS: &str = "addresses ageRanges birthdays emailAddresses genders locales metadata names nicknames phoneNumbers photos urls";

/// Fields without data, and fields that the token may not read, are absent, not empty.
pub fn person(request: &Request) -> Result<Value, Refusal> {
    let grant = request.authorized().map_err(|_| unauthenticated())?.grant;
    if request.has(Fault::People403) {
        return Err(disabled());
    }
    if ![PROFILE, BIRTHDAY, GENDER, PHONES].iter().any(|scope| grant.has(scope)) {
        return Err(insufficient());
    }
    let invalid = |text: &str| error(400, "INVALID_ARGUMENT", text, json!([]));
    let wanted = request.query.get("personFields").ok_or_else(|| {
        invalid("personFields mask is required. Please specify one or more valid paths.")
    })?;
    let wanted: Vec<&str> = wanted.split(',').map(str::trim).collect();
    if let Some(unknown) =
        wanted.iter().find(|field| !FIELDS.split(' ').any(|known| known == **field))
    {
        return Err(invalid(&format!("Invalid personFields mask path: \"{unknown}\".")));
    }
    let user = request.user(&grant);
    let resource = format!("people/{}", subject(&user));
    let mut person = json!({ "resourceName": resource, "etag": "%EgUBAi43PRoEAQIFByIMZGVtbw==" });
    for field in wanted {
        let entries = entries(request, &grant, &user, field);
        if !entries.is_empty() {
            person[field] = json!(entries);
        }
    }
    Ok(person)
}

fn entries(request: &Request, grant: &Grant, user: &User, field: &str) -> Vec<Value> {
    match field {
        "photos" => photos(request, user),
        "names" if grant.has(PROFILE) => names(user),
        "nicknames" if grant.has(PROFILE) => nicknames(user),
        "birthdays" if grant.has(BIRTHDAY) => birthdays(user),
        "genders" if grant.has(GENDER) => genders(user),
        "phoneNumbers" if grant.has(PHONES) => phones(user),
        _ => Vec::new(),
    }
}

/// The primary entry of a field, of the profile.
fn primary(user: &User, mut entry: Value) -> Value {
    let source = json!({ "type": "PROFILE", "id": subject(user) });
    entry["metadata"] = json!({ "source": source, "primary": true, "verified": true });
    entry
}

/// Another entry. `primary` is absent if it is false (JSON of proto3).
fn secondary(source: &str, id: &str, mut entry: Value) -> Value {
    entry["metadata"] = json!({ "source": { "type": source, "id": id } });
    entry
}

/// An entry of a user's contacts.
fn contact(entry: Value) -> Value {
    secondary("CONTACT", "3a1b", entry)
}

/// An account without a photo has a generated letter with `default: true`.
fn photos(request: &Request, user: &User) -> Vec<Value> {
    let embedded = |name: &str| format!("{}/demo/users/{name}.png", request.state.base);
    let photo = match picture(request, user) {
        Some(url) => json!({ "url": url.replace("=s96-c", "=s100") }),
        None => json!({ "url": embedded("embed-0"), "default": true }),
    };
    vec![contact(json!({ "url": embedded("embed-2") })), primary(user, photo)]
}

fn names(user: &User) -> Vec<Value> {
    let Some(name) = user.nickname else { return Vec::new() };
    let own = json!({ "displayName": name, "givenName": name, "unstructuredName": name });
    vec![contact(json!({ "displayName": format!("{name} (contact)") })), primary(user, own)]
}

/// One user has any.
fn nicknames(user: &User) -> Vec<Value> {
    let Some(name) = user.nickname.filter(|_| user.key == "haneul") else { return Vec::new() };
    let other = json!({ "value": "sky", "type": "ALTERNATE_NAME" });
    vec![contact(other), primary(user, json!({ "value": name }))]
}

/// Two entries are common: the public one without the year is primary, that of the account has the year.
fn birthdays(user: &User) -> Vec<Value> {
    let day = user.birthday.day.map(|(month, day)| json!({ "month": month, "day": day }));
    let full = user.birthday.year.map(|year| {
        let mut date = day.clone().unwrap_or_else(|| json!({}));
        date["year"] = json!(year);
        secondary("ACCOUNT", &subject(user), json!({ "date": date }))
    });
    let public = day.map(|date| primary(user, json!({ "date": date })));
    public.into_iter().chain(full).collect()
}

fn genders(user: &User) -> Vec<Value> {
    let Some(gender) = user.gender else { return Vec::new() };
    let formatted = if gender == "female" { "여성" } else { "남성" };
    vec![primary(user, json!({ "value": gender, "formattedValue": formatted }))]
}

fn phones(user: &User) -> Vec<Value> {
    let Some(number) = user.phone else { return Vec::new() };
    let work = json!({ "value": "02-123-4567", "type": "work", "formattedType": "Work" });
    let own = json!({
        "value": number.replace("+82", "0"),
        "canonicalForm": number,
        "type": "mobile",
        "formattedType": "Mobile",
    });
    vec![contact(work), primary(user, own)]
}

/// An error of Google's APIs.
fn error(status: u16, name: &str, message: &str, details: Value) -> Refusal {
    let mut error = json!({ "code": status, "message": message, "status": name });
    if details != json!([]) {
        error["details"] = details;
    }
    Refusal::new(status, json!({ "error": error }))
}

/// Why a request failed, for the details of an error.
fn info(reason: &str, metadata: Value) -> Value {
    json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    })
}

fn method() -> Value {
    json!({ "service": "people.googleapis.com", "method": "google.people.v1.PeopleService.GetPerson" })
}

pub fn exhausted() -> Refusal {
    error(429, "RESOURCE_EXHAUSTED", "Quota exceeded", json!([]))
}

fn unauthenticated() -> Refusal {
    let text = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
    let details = json!([info("ACCESS_TOKEN_EXPIRED", method())]);
    error(401, "UNAUTHENTICATED", text, details)
}

fn insufficient() -> Refusal {
    let text = "Request had insufficient authentication scopes.";
    let details = json!([info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", method())]);
    error(403, "PERMISSION_DENIED", text, details)
}

/// The API is not enabled in the project.
fn disabled() -> Refusal {
    let url = format!(
        "https://console.developers.google.com/apis/api/people.googleapis.com/overview?project={PROJECT}"
    );
    let text = format!(
        "People API has not been used in project {PROJECT} before or it is disabled. Enable it by visiting {url} then retry. \
         If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry."
    );
    let metadata = json!({ "service": "people.googleapis.com", "serviceTitle": "People API", "consumer": format!("projects/{PROJECT}"), "containerInfo": PROJECT, "activationUrl": url });
    let details = json!([
        info("SERVICE_DISABLED", metadata),
        { "@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US", "message": text },
        { "@type": "type.googleapis.com/google.rpc.Help", "links": [{ "description": "Google developers console API activation", "url": url }] },
    ]);
    error(403, "PERMISSION_DENIED", &text, details)
}
