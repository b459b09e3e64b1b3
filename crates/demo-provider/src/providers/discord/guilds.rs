//! The servers to which a user can add a bot.

use maud::{Markup, html};
use serde_json::{Value, json};

use crate::grants::{AuthorizationRequest, Grant};
use crate::language::Language;
use crate::params::Params;
use crate::provider::Selection;

/// A server.
#[derive(Debug)]
pub struct Guild {
    /// Its snowflake.
    pub id: &'static str,
    name: &'static str,
    /// The hash of its picture.
    icon: Option<&'static str>,
}

/// Every user may manage both.
static GUILDS: [Guild; 2] = [
    Guild { id: "613425648685547541", name: "Demo server", icon: None },
    Guild {
        id: "81384788765712384",
        name: "하늘의 서재",
        icon: Some("a363a84e969bcbe1353eb2fdfb2e50e6"),
    },
];

/// The choice of the server.
pub static SELECTION: Selection = Selection { control, chosen };

fn find(id: &str) -> Option<&'static Guild> {
    GUILDS.iter().find(|guild| guild.id == id)
}

/// The server of a grant with a bot.
pub fn of(grant: &Grant) -> Option<&'static Guild> {
    grant.selection.as_deref().filter(|_| grant.has("bot")).and_then(find)
}

/// The server that the request names with `guild_id`, and whether it is the only choice (`disable_guild_select`).
fn preset(pending: &AuthorizationRequest) -> (&'static Guild, bool) {
    let guild = pending.params.get("guild_id").and_then(find);
    let fixed = pending.params.get("disable_guild_select") == Some("true");
    (guild.unwrap_or(&GUILDS[0]), fixed && guild.is_some())
}

fn control(language: Language, pending: &AuthorizationRequest) -> Option<Markup> {
    let (first, fixed) = preset(pending);
    pending.has("bot").then(|| {
        html! {
            label.server {
                span.about { (language.of(("Add to server", "추가할 서버"))) }
                select name="guild" disabled[fixed] {
                    @for guild in &GUILDS {
                        option value=(guild.id) selected[guild.id == first.id] { (guild.name) }
                    }
                }
            }
        }
    })
}

fn chosen(pending: &AuthorizationRequest, form: &Params) -> Option<String> {
    let (first, fixed) = preset(pending);
    let guild = match form.get("guild") {
        Some(id) if !fixed => find(id)?,
        Some(_) | None => first,
    };
    Some(guild.id.to_owned())
}

impl Guild {
    /// The server in a token response: the documented example with empty lists.
    pub fn description(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "icon": self.icon,
            "splash": null,
            "owner_id": "53908232506183680",
            "afk_channel_id": null,
            "afk_timeout": 300,
            "verification_level": 1,
            "mfa_level": 0,
            "features": [],
            "roles": [],
            "emojis": [],
            "system_channel_id": null,
        })
    }
}
