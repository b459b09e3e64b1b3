//! Discord: one happy path, and every refusal met by a client that is wrong on purpose.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

#[path = "../common/mod.rs"]
mod common;

mod authorize;
mod profile;
mod token;

use common::Heard;
use serde_json::json;

const ME: &str = "/discord/api/v10/users/@me";
const LOOPBACK: &str = "http://127.0.0.1:42149/callback/discord";
const DEEP: &str = "app.nameplate.desktop.dev:/callback/discord";

fn refused(heard: &Heard, status: u16, error: &str, description: Option<&str>) {
    assert_eq!(heard.status.as_u16(), status, "{}", heard.text);
    let mut body = json!({ "error": error });
    if let Some(description) = description {
        body["error_description"] = json!(description);
    }
    assert_eq!(heard.body, body);
}
