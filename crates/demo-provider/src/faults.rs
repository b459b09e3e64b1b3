//! The faults that a test can set. Each changes one response of an otherwise correct provider.

use serde::{Deserialize, Serialize};

/// A fault. Its JSON name is the variant in snake_case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    // The authorization response.
    /// `iss` names another issuer.
    IssWrong,
    /// `iss` is missing if the provider sends one.
    IssMissing,
    /// `iss` is sent if the provider only announces it (Discord).
    IssSent,
    /// Unknown parameters, one of them with unusual characters.
    ExtraParameters,
    /// `state` is sent twice, with the same value.
    DuplicateParameters,
    /// `#_=_` is appended, as Facebook does.
    CallbackFragment,
    /// The query has an `access_token`, as in a mix-up attack.
    CallbackToken,
    /// Consent leads to `error=server_error`.
    CallbackServerError,
    /// The `error_description` of a denial has markup.
    DenialWithMarkup,

    // The token endpoint.
    /// 307 to a path that returns a token.
    TokenRedirects,
    /// 200 with HTML.
    TokenNotJson,
    /// 200 with a correct body and 4 MiB of filler.
    TokenTooLarge,
    /// 503 before the request is read: code and refresh token stay valid.
    #[serde(rename = "token_5xx")]
    Token5xx,
    /// The grant is carried out; the response is a 502.
    TokenResponseLost,
    /// 429 with `Retry-After` and the provider's own body, before the request is read.
    #[serde(rename = "token_429")]
    Token429,
    /// 403 with the HTML of a proxy, before the request is read.
    TokenProxy403,
    /// The provider's error for a wrong client secret, whatever was sent.
    TokenInvalidClient,
    /// The provider's error for an invalid refresh token, whatever was sent.
    TokenInvalidGrant,
    /// HTTP 200 with an `error` body.
    #[serde(rename = "token_error_200")]
    TokenError200,
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
    /// The generic issuer has metadata only at the path of RFC 8414, not at that of OpenID Connect.
    MetadataMoved,
    /// The revocation endpoint is missing in OpenID's metadata and named in that of RFC 8414 (django-oauth-toolkit).
    RevocationElsewhere,
    /// No metadata names a revocation endpoint.
    RevocationNowhere,
    /// The generic issuer refuses `offline_access` without `prompt=consent` instead of ignoring it (idpyoidc).
    OfflineAccessRefused,

    // Registration.
    /// An initial access token is needed (RFC 7591 §3).
    RegistrationClosed,
    /// Redirect URIs of a private-use scheme are refused.
    RegistrationRefusesScheme,

    // The profile.
    /// 200 with HTML.
    ProfileNotJson,
    /// A correct body with 4 MiB of filler.
    ProfileTooLarge,
    /// Every value, the id included, has a wrong type.
    ProfileWrongType,
    /// The body is a JSON array.
    ProfileWrongShape,
    /// Only the account's id.
    ProfileFieldsMissing,
    /// Every value except the account's id is null.
    ProfileFieldsNull,
    /// No account id.
    ProfileWithoutId,
    /// The id of another account.
    ProfileSubMismatch,
    /// 503.
    #[serde(rename = "profile_5xx")]
    Profile5xx,
    /// The provider's error for an unknown bearer token.
    #[serde(rename = "profile_401")]
    Profile401,
    /// 403 with the HTML of a proxy.
    ProfileProxy403,
    /// Every string except the account's id is empty.
    ProfileFieldsEmpty,
    /// 429 with `Retry-After` and the provider's own body.
    #[serde(rename = "profile_429")]
    Profile429,
    /// 307 to another path.
    ProfileRedirects,
    /// The account has no address.
    EmailMissing,
    /// The address is not verified.
    EmailUnverified,
    /// The account has no picture.
    PictureMissing,
    /// Google: the People API is not enabled in the project.
    #[serde(rename = "people_403")]
    People403,

    // The avatar.
    /// 404.
    #[serde(rename = "avatar_404")]
    Avatar404,
    /// 503.
    #[serde(rename = "avatar_5xx")]
    Avatar5xx,
    /// A picture followed by 24 MiB of zeros.
    AvatarTooLarge,
    /// SVG with a script.
    AvatarSvg,
    /// HTML declared as image/png.
    AvatarHtml,
    /// A picture declared as text/plain.
    AvatarWrongContentType,
    /// The first half of a picture.
    AvatarTruncated,
    /// One redirect to the picture.
    AvatarRedirectOnce,
    /// A redirect to an address of a private network.
    AvatarRedirectToPrivate,
    /// Redirects without end.
    AvatarRedirectLoop,
    /// A small, well-formed PNG with 400 million pixels.
    AvatarBomb,

    // The device grant, and single providers.
    /// `slow_down` at the first poll of each device code.
    SlowDown,
    /// Every poll says that the device code has expired.
    DeviceExpired,
    /// Device codes that live for a day.
    DeviceLivesADay,
    /// GitHub: the list of addresses is not found, as without `user:email`.
    #[serde(rename = "emails_404")]
    Emails404,

    /// Microsoft: 401 for the photo, although the bearer token is valid.
    #[serde(rename = "photo_401")]
    Photo401,

    // Revocation.
    /// 503 with `Retry-After`.
    #[serde(rename = "revoke_503")]
    Revoke503,
    /// The generic issuer: 401 `invalid_client` for every client.
    #[serde(rename = "revoke_401")]
    Revoke401,
    /// The generic issuer: only the token that was sent is revoked.
    RevokeOneToken,
    /// The generic issuer: access tokens cannot be revoked, as if they were JWTs (RFC 7009 §2.2.1).
    RevokeNoAccessToken,
    /// The generic issuer: 503 for access tokens.
    #[serde(rename = "revoke_access_503")]
    RevokeAccess503,
}
