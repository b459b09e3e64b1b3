//! `doctor`: what is well and what is not.

use login::{Code, Error, Finding, Health, Login, Result};
use serde_json::json;

use crate::say::Say;

pub fn run(login: &Login, say: &Say) -> Result<()> {
    let findings = login.examine();
    say.event("doctor", json!({ "findings": findings }));
    findings.iter().for_each(|finding| say_finding(login, say, finding));
    let keychain = findings.iter().any(|finding| finding.name == "keychain_absent");
    let config = findings.iter().any(|finding| finding.name == "config_unreadable");
    match (keychain, config) {
        (true, _) => Err(Error::new(Code::KeychainAbsent)),
        (false, true) => {
            Err(login.config().problem.clone().unwrap_or(Code::ConfigUnreadable.into()))
        }
        (false, false) => Ok(()),
    }
}

fn say_finding(login: &Login, say: &Say, finding: &Finding) {
    let mark = match finding.health {
        Health::Well => "✓",
        Health::Weak => "!",
        Health::Ill => "✗",
    };
    let sentence = match say.words().doctor(finding.name) {
        "" => login.explain(login.language(), &Code::ConfigUnreadable.into()).message,
        sentence => sentence.to_owned(),
    };
    say.line(&format!("{mark} {sentence}"));
    if let Some(detail) = &finding.detail {
        say.quiet(&format!("  {detail}"));
    }
}
