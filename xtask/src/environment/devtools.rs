//! Commands of the Chrome DevTools Protocol, for what WebDriver cannot change: languages, and whether scripts run.

use fantoccini::wd::WebDriverCompatibleCommand;
use hyper::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A command of the Chrome DevTools Protocol, sent through chromedriver.
#[derive(Debug)]
pub struct DevTools {
    name: &'static str,
    parameters: Value,
}

impl DevTools {
    /// A command by its name, such as `Emulation.setScriptExecutionDisabled`.
    pub fn new(name: &'static str, parameters: Value) -> Self {
        Self { name, parameters }
    }
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.name, "params": self.parameters });
        (Method::POST, Some(body.to_string()))
    }
}
