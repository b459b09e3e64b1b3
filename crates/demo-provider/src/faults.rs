//! The faults a test can ask for: each bends one answer of an otherwise correct provider.

use serde::{Deserialize, Serialize};

/// One way to misbehave. The JSON name is the variant in snake_case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    // The answer to the redirect URI.
    /// `iss` names another issuer.
    IssWrong,
    /// `iss` is left out where the provider sends one.
    IssMissing,
    /// `iss` is sent where the provider only announces it (Discord).
    IssSent,
    /// `state` is somebody else's.
    StateWrong,
    /// `state` is left out.
    StateMissing,
    /// Parameters nobody has heard of, one of them with strange characters.
    ExtraParameters,
    /// `state` stands there twice, with the same value.
    DuplicateParameters,
    /// `#_=_` after the answer, as Facebook appends it.
    CallbackFragment,
    /// An `access_token` in the query, as a mix-up attacker would place it.
    CallbackToken,
    /// Consent ends in `error=server_error`.
    CallbackServerError,
    /// A denial whose `error_description` carries markup.
    DenialWithMarkup,

    // The token endpoint.
    /// 307 to a path that would answer with a token.
    TokenRedirects,
    /// 200 with HTML.
    TokenNotJson,
    /// 200 with a correct body behind four MiB of filler.
    TokenTooLarge,
    /// 503 before anything was looked at: code and refresh token stay good.
    #[serde(rename = "token_5xx")]
    Token5xx,
    /// The grant is carried out, the answer is lost behind a 502.
    TokenAnswerLost,
    /// 429 with `Retry-After` and the provider's own body; nothing was looked at.
    #[serde(rename = "token_429")]
    Token429,
    /// 403 with the HTML of a proxy; nothing was looked at.
    TokenProxy403,
    /// 401 `invalid_client`, whatever was sent.
    TokenInvalidClient,
    /// 400 `invalid_grant` in the provider's own words, whatever was sent.
    TokenInvalidGrant,
    /// HTTP 200 with an `error` body.
    #[serde(rename = "token_error_200")]
    TokenError200,
    /// No answer at all while the connection stays open.
    TokenHangs,
    /// No `expires_in`.
    TokenWithoutExpiresIn,
    /// `expires_in` as a string.
    TokenExpiresInString,
    /// No `scope`.
    TokenWithoutScope,
    /// No `refresh_token`.
    TokenWithoutRefreshToken,
    /// No `access_token`.
    TokenWithoutAccessToken,
    /// `token_type` is `mac`.
    TokenTypeMac,
    /// `token_type` is `BEARER`.
    TokenTypeUpper,
    /// No `token_type`.
    TokenWithoutType,
    /// No `id_token` although `openid` was granted.
    IdTokenMissing,
    /// The id_token has no `picture`, as Google's sometimes has none.
    IdTokenWithoutPicture,

    // Keys and metadata.
    /// 503 for the key set.
    #[serde(rename = "jwks_5xx")]
    Jwks5xx,
    /// A key set without keys.
    JwksEmpty,
    /// 503 for the discovery document.
    #[serde(rename = "discovery_5xx")]
    Discovery5xx,
    /// HTML for the discovery document.
    DiscoveryNotJson,
    /// The generic issuer's metadata stands at the address of RFC 8414 alone; OpenID's is not found.
    MetadataMoved,
    /// OpenID's document leaves the revocation endpoint out; RFC 8414's names it (django-oauth-toolkit).
    RevocationElsewhere,
    /// No document names a revocation endpoint.
    RevocationNowhere,
    /// The generic issuer refuses `offline_access` without `prompt=consent` instead of ignoring it (idpyoidc).
    OfflineAccessRefused,

    // The profile.
    /// 200 with HTML.
    ProfileNotJson,
    /// A correct body behind four MiB of filler.
    ProfileTooLarge,
    /// Every value, the id included, has a type it should not have.
    ProfileWrongType,
    /// The body is a JSON array.
    ProfileWrongShape,
    /// Nothing but the account's id.
    ProfileFieldsMissing,
    /// Every value but the account's id is null.
    ProfileFieldsNull,
    /// No account id.
    ProfileWithoutId,
    /// The id of somebody else.
    ProfileSubMismatch,
    /// 503.
    #[serde(rename = "profile_5xx")]
    Profile5xx,
    /// 401 in the provider's own words.
    #[serde(rename = "profile_401")]
    Profile401,
    /// 403 with the HTML of a proxy.
    ProfileProxy403,
    /// Every text but the account's id is empty.
    ProfileFieldsEmpty,
    /// 429 with `Retry-After` and the provider's own body.
    #[serde(rename = "profile_429")]
    Profile429,
    /// 307 to another path.
    ProfileRedirects,
    /// No answer at all while the connection stays open.
    ProfileHangs,
    /// The account has no address, whatever the person has.
    EmailMissing,
    /// The address is not verified, whatever the person did.
    EmailUnverified,
    /// The account has no picture, whatever the person has.
    PictureMissing,
    /// Google: the People API is not enabled in the project.
    #[serde(rename = "people_403")]
    People403,
    /// Google: People answers with nothing but the resource name.
    PeopleEmpty,

    // The avatar.
    /// 404.
    #[serde(rename = "avatar_404")]
    Avatar404,
    /// 503.
    #[serde(rename = "avatar_5xx")]
    Avatar5xx,
    /// A real picture with 24 MiB behind it.
    AvatarTooLarge,
    /// SVG with a script in it.
    AvatarSvg,
    /// HTML that says it is image/png.
    AvatarHtml,
    /// A real picture that says it is text/plain: fine for who looks at the bytes.
    AvatarWrongContentType,
    /// The first half of a picture.
    AvatarTruncated,
    /// One redirect to the picture: allowed.
    AvatarRedirectOnce,
    /// A redirect to an address of a private network.
    AvatarRedirectToPrivate,
    /// Redirects without end.
    AvatarRedirectLoop,
    /// A well-formed PNG of few bytes and 400 million pixels.
    AvatarBomb,
    /// No answer at all while the connection stays open.
    AvatarHangs,

    // The device grant and what only some providers have.
    /// `slow_down` at the first poll of each device code.
    SlowDown,
    /// Every poll says that the device code is over.
    DeviceExpired,
    /// Device codes that live for a day.
    DeviceLivesADay,
    /// 503 for the device authorization endpoint.
    #[serde(rename = "device_5xx")]
    Device5xx,
    /// GitHub: the list of addresses is not found, as without `user:email`.
    #[serde(rename = "emails_404")]
    Emails404,

    /// Microsoft: 401 for the photo, whose bearer is good.
    #[serde(rename = "photo_401")]
    Photo401,

    // Revocation.
    /// 503 with `Retry-After`.
    #[serde(rename = "revoke_503")]
    Revoke503,
    /// The generic issuer: 401 `invalid_client`, whoever asks.
    #[serde(rename = "revoke_401")]
    Revoke401,
    /// The generic issuer: revoking ends that one token and no other.
    RevokeOneToken,
    /// The generic issuer: access tokens are not revoked, as where they are JWTs (RFC 7009 §2.2.1).
    RevokeNoAccessToken,
    /// The generic issuer: 503 for access tokens alone.
    #[serde(rename = "revoke_access_503")]
    RevokeAccess503,
}
