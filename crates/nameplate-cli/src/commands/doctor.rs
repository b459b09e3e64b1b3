//! `doctor`: what is well and what is not.

use nameplate::{Code, Error, Finding, Health, Login, Result};
use serde_json::json;

use crate::say::Say;

pub fn run(login: &Login, say: &Say) -> Result<()> {
    let findings = login.examine();
    say.event("doctor", json!({ "findings": findings }));
    findings.iter().for_each(|finding| say_finding(login, say, finding));
    let has = |name| findings.iter().any(|finding| finding.name == name);
    if has("keychain_absent") {
        return Err(Error::new(Code::KeychainAbsent));
    }
    if has("config_unreadable") {
        return Err(login.config().problem.clone().unwrap_or(Code::ConfigUnreadable.into()));
    }
    login.set_aside().map_or(Ok(()), Err)
}

fn say_finding(login: &Login, say: &Say, finding: &Finding) {
    let mark = match finding.health {
        Health::Well => "✓",
        Health::Weak => "!",
        Health::Ill => "✗",
    };
    let sentence = match say.messages().doctor(finding.name) {
        "" => login.explain(login.language(), &Code::ConfigUnreadable.into()).message,
        sentence => sentence.to_owned(),
    };
    say.line(&format!("{mark} {sentence}"));
    if let Some(detail) = &finding.detail {
        say.quiet(&format!("  {detail}"));
    }
}
