//! Discord's profile, its OpenID endpoints and its avatars.

use crate::date;
use crate::providers::prelude::*;

/// `email` without `identify` is not enough.
pub fn me(request: &Request) -> Result<Value, Refusal> {
    let grant = request.granted("identify")?;
    let user = request.user(&grant);
    let mut profile = public(&user);
    let more = json!({
        "flags": 64,
        "banner": null,
        "accent_color": null,
        "avatar_decoration_data": null,
        "collectibles": null,
        "primary_guild": null,
        "mfa_enabled": false,
        "locale": "ko",
    });
    merge(&mut profile, more);
    if grant.has("identify.premium") {
        profile["premium_type"] = json!(0);
    }
    if grant.has("email") {
        profile["email"] = json!(user.email.map(|email| email.address));
        profile["verified"] = json!(user.email.is_some_and(|email| email.verified));
    }
    Ok(profile)
}

fn public(user: &User) -> Value {
    json!({
        "id": user.number.to_string(),
        "username": user.username,
        "avatar": avatar_hash(user),
        "discriminator": user.discriminator,
        "global_name": user.nickname,
        "public_flags": 64,
    })
}

/// 32 hexadecimal digits; `a_` marks an animated picture.
fn avatar_hash(user: &User) -> Option<String> {
    let [r, g, b] = user.colour?.map(u64::from);
    let prefix = if user.animated { "a_" } else { "" };
    Some(format!("{prefix}{:016x}{:016x}", user.number, r << 40 | g << 20 | b))
}

/// What a token is for.
pub fn authorization(request: &Request) -> Result<Value, Refusal> {
    let token = request.authorized()?;
    let grant = token.grant;
    let mut body = json!({
        "application": { "id": grant.client.id, "name": "Nameplate", "icon": null, "description": "", "bot_public": true, "bot_require_code_grant": false },
        "scopes": grant.scopes,
        "expires": date::rfc3339(token.expires),
    });
    if grant.has("identify") {
        body["user"] = public(&request.user(&grant));
    }
    Ok(body)
}

pub fn userinfo(request: &Request) -> Result<Value, Refusal> {
    let grant = request.granted("openid")?;
    let user = request.user(&grant);
    let picture = avatar_hash(&user)
        .map(|hash| request.url(&format!("/cdn/avatars/{}/{hash}.png", user.number)));
    let mut claims = json!({
        "sub": user.number.to_string(),
        "preferred_username": user.username,
        "nickname": user.nickname,
        "picture": picture,
        "locale": "ko",
    });
    if grant.has("email") {
        claims["email"] = json!(user.email.map(|email| email.address));
        claims["email_verified"] = json!(user.email.is_some_and(|email| email.verified));
    }
    Ok(claims)
}

/// `avatars/{id}/{hash}.{extension}?size=`. Animated WebP is not available here: the encoder has no animation.
pub async fn avatar(Path((id, file)): Path<(String, String)>, request: Request) -> Response {
    let find = || {
        let (hash, extension) = file.rsplit_once('.')?;
        let format = ImageFormat::from_extension(extension)?;
        let known = USERS.iter().find(|user| user.number.to_string() == id)?;
        let user = request.faulted(request.state.user(known.key)?);
        // Only an animated picture is available as GIF.
        let available =
            avatar_hash(&user)? == hash && (format != ImageFormat::Gif || user.animated);
        available.then(|| picture_of(&user, size(&request), format))?
    };
    pictures::respond(&request, find())
}

/// A power of two from 16 to 4096 there; drawn with up to 512 pixels here.
fn size(request: &Request) -> u32 {
    let size = request.query.get("size").and_then(|size| size.parse::<u32>().ok());
    size.filter(|size| size.is_power_of_two()).unwrap_or(128).clamp(16, 512)
}

/// PNG only.
pub async fn default_avatar(Path(file): Path<String>, request: Request) -> Response {
    let index = file.strip_suffix(".png").and_then(|index| index.parse().ok());
    pictures::respond(&request, index.and_then(embed))
}
