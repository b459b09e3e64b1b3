//! `doctor`: shows the findings.

use nameplate::{Code, Error, Finding, Health, Nameplate, Result};
use serde_json::json;

use crate::output::Output;

pub fn run(nameplate: &Nameplate, output: &Output) -> Result<()> {
    let findings = nameplate.examine();
    output.event("doctor", json!({ "findings": findings }));
    findings.iter().for_each(|finding| print_finding(nameplate, output, finding));
    let has = |name| findings.iter().any(|finding| finding.name == name);
    if has("keychain_absent") {
        return Err(Error::new(Code::KeychainAbsent));
    }
    if has("config_unreadable") {
        return Err(nameplate
            .provider_setup()
            .config()
            .problem
            .clone()
            .unwrap_or(Code::ConfigUnreadable.into()));
    }
    nameplate.notices().damaged_database().map_or(Ok(()), Err)
}

fn print_finding(nameplate: &Nameplate, output: &Output, finding: &Finding) {
    let mark = match finding.health {
        Health::Well => "✓",
        Health::Weak => "!",
        Health::Ill => "✗",
    };
    let sentence = match output.messages().doctor(finding.name) {
        "" => {
            nameplate
                .explain(nameplate.preferences().language(), &Code::ConfigUnreadable.into())
                .message
        }
        sentence => sentence.to_owned(),
    };
    output.line(&format!("{mark} {sentence}"));
    if let Some(detail) = &finding.detail {
        output.quiet(&format!("  {detail}"));
    }
}
