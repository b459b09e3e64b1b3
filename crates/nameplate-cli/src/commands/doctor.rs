//! `doctor`: shows the findings.

use nameplate::{Code, Error, Finding, Health, Login, Result};
use serde_json::json;

use crate::output::Output;

pub fn run(login: &Login, output: &Output) -> Result<()> {
    let findings = login.examine();
    output.event("doctor", json!({ "findings": findings }));
    findings.iter().for_each(|finding| print_finding(login, output, finding));
    let has = |name| findings.iter().any(|finding| finding.name == name);
    if has("keychain_absent") {
        return Err(Error::new(Code::KeychainAbsent));
    }
    if has("config_unreadable") {
        return Err(login.config().problem.clone().unwrap_or(Code::ConfigUnreadable.into()));
    }
    login.set_aside().map_or(Ok(()), Err)
}

fn print_finding(login: &Login, output: &Output, finding: &Finding) {
    let mark = match finding.health {
        Health::Well => "✓",
        Health::Weak => "!",
        Health::Ill => "✗",
    };
    let sentence = match output.messages().doctor(finding.name) {
        "" => login.explain(login.language(), &Code::ConfigUnreadable.into()).message,
        sentence => sentence.to_owned(),
    };
    output.line(&format!("{mark} {sentence}"));
    if let Some(detail) = &finding.detail {
        output.quiet(&format!("  {detail}"));
    }
}
