//! The `providers.toml` that points Nameplate at a running demo provider.

use crate::clients;

/// The file's text.
pub fn providers_toml(base: &str, bounce: &str) -> String {
    [
        "# Points Nameplate at the demo provider. The secrets are the demo's own and protect nothing.\n"
            .to_owned(),
        discord(base),
        google(base),
        kakao(base),
        facebook(base, bounce),
        github(base),
        microsoft(base),
        naver(base),
        line(base),
        company(base),
    ]
    .concat()
}

fn discord(base: &str) -> String {
    let id = clients::DISCORD;
    format!(
        r#"
[discord]
client_id = "{id}"
authorization_endpoint = "{base}/discord/oauth2/authorize"
token_endpoint = "{base}/discord/api/oauth2/token"
userinfo_endpoint = "{base}/discord/api/v10/users/@me"
revocation_endpoint = "{base}/discord/api/oauth2/token/revoke"
avatar_base = "{base}/discord/cdn"
"#
    )
}

/// Google's device flow wants a client of another type.
fn google(base: &str) -> String {
    let [id, secret] = [clients::GOOGLE, clients::GOOGLE_SECRET];
    let [device_id, device_secret] = [clients::GOOGLE_DEVICE, clients::GOOGLE_DEVICE_SECRET];
    format!(
        r#"
[google]
client_id = "{id}"
client_secret = "{secret}"
device_client_id = "{device_id}"
device_client_secret = "{device_secret}"
authorization_endpoint = "{base}/google/o/oauth2/v2/auth"
token_endpoint = "{base}/google/token"
device_authorization_endpoint = "{base}/google/device/code"
userinfo_endpoint = "{base}/google/v1/userinfo"
people_endpoint = "{base}/google/v1/people/me"
jwks_uri = "{base}/google/oauth2/v3/certs"
revocation_endpoint = "{base}/google/revoke"
"#
    )
}

fn kakao(base: &str) -> String {
    let [id, secret] = [clients::KAKAO, clients::KAKAO_SECRET];
    let ports = clients::FIXED_PORTS;
    format!(
        r#"
[kakao]
client_id = "{id}"
client_secret = "{secret}"
authorization_endpoint = "{base}/kakao/oauth/authorize"
token_endpoint = "{base}/kakao/oauth/token"
userinfo_endpoint = "{base}/kakao/v2/user/me"
jwks_uri = "{base}/kakao/.well-known/jwks.json"
revocation_endpoint = "{base}/kakao/v1/user/unlink"
redirect_ports = {ports:?}
"#
    )
}

/// The issuer that tells its endpoints itself.
fn company(base: &str) -> String {
    let id = clients::OIDC;
    format!(
        r#"
[company]
kind = "oidc"
label = "Company SSO"
issuer = "{base}/oidc"
client_id = "{id}"
"#
    )
}

fn github(base: &str) -> String {
    let [id, secret] = [clients::GITHUB, clients::GITHUB_SECRET];
    format!(
        r#"
[github]
client_id = "{id}"
client_secret = "{secret}"
authorization_endpoint = "{base}/github/login/oauth/authorize"
token_endpoint = "{base}/github/login/oauth/access_token"
device_authorization_endpoint = "{base}/github/login/device/code"
userinfo_endpoint = "{base}/github/api/user"
emails_endpoint = "{base}/github/api/user/emails"
revocation_endpoint = "{base}/github/api/credentials/revoke"
avatar_base = "{base}/github/avatars"
"#
    )
}

fn microsoft(base: &str) -> String {
    let id = clients::MICROSOFT;
    format!(
        r#"
[microsoft]
client_id = "{id}"
authorization_endpoint = "{base}/microsoft/common/oauth2/v2.0/authorize"
token_endpoint = "{base}/microsoft/common/oauth2/v2.0/token"
device_authorization_endpoint = "{base}/microsoft/common/oauth2/v2.0/devicecode"
jwks_uri = "{base}/microsoft/common/discovery/v2.0/keys"
userinfo_endpoint = "{base}/microsoft/graph/oidc/userinfo"
photo_endpoint = "{base}/microsoft/graph/v1.0/me/photo/$value"
"#
    )
}

fn naver(base: &str) -> String {
    let [id, secret] = [clients::NAVER, clients::NAVER_SECRET];
    let ports = clients::FIXED_PORTS;
    format!(
        r#"
[naver]
client_id = "{id}"
client_secret = "{secret}"
authorization_endpoint = "{base}/naver/oauth2/authorize"
token_endpoint = "{base}/naver/oauth2/token"
jwks_uri = "{base}/naver/oauth2/jwks"
userinfo_endpoint = "{base}/naver/openapi/v1/nid/me"
revocation_endpoint = "{base}/naver/oauth2.0/revoke"
redirect_ports = {ports:?}
"#
    )
}

fn line(base: &str) -> String {
    let [id, secret] = [clients::LINE, clients::LINE_SECRET];
    let ports = clients::FIXED_PORTS;
    format!(
        r#"
[line]
client_id = "{id}"
client_secret = "{secret}"
authorization_endpoint = "{base}/line/oauth2/v2.1/authorize"
token_endpoint = "{base}/line/oauth2/v2.1/token"
jwks_uri = "{base}/line/oauth2/v2.1/certs"
userinfo_endpoint = "{base}/line/oauth2/v2.1/userinfo"
revocation_endpoint = "{base}/line/oauth2/v2.1/revoke"
redirect_ports = {ports:?}
"#
    )
}

fn facebook(base: &str, bounce: &str) -> String {
    let [id, secret] = [clients::FACEBOOK, clients::FACEBOOK_SECRET];
    format!(
        r#"
[facebook]
client_id = "{id}"
client_secret = "{secret}"
authorization_endpoint = "{base}/facebook/v24.0/dialog/oauth"
token_endpoint = "{base}/facebook/graph/v24.0/oauth/access_token"
jwks_uri = "{base}/facebook/.well-known/oauth/openid/jwks/"
userinfo_endpoint = "{base}/facebook/graph/v24.0/me"
revocation_endpoint = "{base}/facebook/graph/v24.0/me/permissions"
redirect_uri = "{bounce}/bounce/facebook"
"#
    )
}
