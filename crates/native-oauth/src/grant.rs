//! How a user authorizes the program, and how the response of the browser reaches it.

use serde::{Deserialize, Serialize};

/// An authorization grant (RFC 6749, section 1.3) of a user.
///
/// In JSON, in the database and in a configuration it is one word: the redirect method
/// (`"deep_link"`, `"loopback"`, `"https_page"`, `"manual"`), or `"device_code"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[cfg_attr(
    feature = "bindings",
    ts(type = r#""deep_link" | "loopback" | "https_page" | "manual" | "device_code""#)
)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Grant {
    /// An authorization code that the browser brings (RFC 6749, section 4.1).
    AuthorizationCode(RedirectMethod),
    /// A code that the user enters in any browser (RFC 8628).
    DeviceCode,
}

/// How an authorization response reaches the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectMethod {
    /// A URI of a private-use scheme, opened by the operating system (RFC 8252, section 7.1).
    DeepLink,
    /// A port of this machine (RFC 8252, section 7.3).
    Loopback,
    /// An https page of the publisher, which opens the deep link.
    HttpsPage,
    /// The user pastes the URL that the browser ended at.
    Manual,
}

impl Grant {
    /// The redirect method, if there is one.
    pub fn redirect_method(self) -> Option<RedirectMethod> {
        match self {
            Self::AuthorizationCode(method) => Some(method),
            Self::DeviceCode => None,
        }
    }

    /// Its name in JSON and in a database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode(RedirectMethod::DeepLink) => "deep_link",
            Self::AuthorizationCode(RedirectMethod::Loopback) => "loopback",
            Self::AuthorizationCode(RedirectMethod::HttpsPage) => "https_page",
            Self::AuthorizationCode(RedirectMethod::Manual) => "manual",
            Self::DeviceCode => "device_code",
        }
    }

    /// Reads what [`Grant::as_str`] wrote, its form in a configuration file, or an earlier name.
    pub fn parse(text: &str) -> Option<Self> {
        match text.replace('-', "_").as_str() {
            "deep_link" => Some(RedirectMethod::DeepLink.into()),
            "loopback" => Some(RedirectMethod::Loopback.into()),
            "https_page" | "bounce" => Some(RedirectMethod::HttpsPage.into()),
            "manual" | "paste" => Some(RedirectMethod::Manual.into()),
            "device_code" | "device" => Some(Self::DeviceCode),
            _ => None,
        }
    }
}

impl From<RedirectMethod> for Grant {
    fn from(method: RedirectMethod) -> Self {
        Self::AuthorizationCode(method)
    }
}

impl From<Grant> for &'static str {
    fn from(grant: Grant) -> Self {
        grant.as_str()
    }
}

impl TryFrom<String> for Grant {
    type Error = &'static str;

    /// # Errors
    /// A sentence that names the accepted words, and not the text.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or(
            "expected \"loopback\", \"deep-link\", \"https-page\", \"manual\" or \"device-code\"",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_grant_has_one_name() {
        for grant in [
            RedirectMethod::DeepLink.into(),
            RedirectMethod::Loopback.into(),
            RedirectMethod::HttpsPage.into(),
            RedirectMethod::Manual.into(),
            Grant::DeviceCode,
        ] {
            assert_eq!(Grant::parse(grant.as_str()), Some(grant));
            let json = serde_json::to_value(grant).unwrap();
            assert_eq!(json, grant.as_str());
            assert_eq!(serde_json::from_value::<Grant>(json).unwrap(), grant);
        }
        assert_eq!(Grant::parse("deep-link"), Some(RedirectMethod::DeepLink.into()));
        assert_eq!(Grant::parse("bounce"), Some(RedirectMethod::HttpsPage.into()));
        assert_eq!(Grant::parse("paste"), Some(RedirectMethod::Manual.into()));
        assert_eq!(Grant::parse("device"), Some(Grant::DeviceCode));
        assert_eq!(Grant::parse("carrier-pigeon"), None);
    }
}
