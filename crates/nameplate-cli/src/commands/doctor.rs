//! `doctor`: shows the findings by group, and repairs what can be repaired.

use std::path::{Path, PathBuf};

use nameplate::{Code, Error, Finding, Group, Health, Nameplate, Repair, Result};
use serde_json::{Value, json};

use super::providers::methods;
use crate::arguments::Doctor;
use crate::output::Output;

/// How much is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    Brief,
    Verbose,
}

pub async fn run(nameplate: &Nameplate, output: &Output, request: Doctor) -> Result<()> {
    let repairs = match request.fix {
        true => nameplate.doctor().repair(desktop_program().as_deref()).await,
        false => Vec::new(),
    };
    let findings = nameplate.doctor().examine();
    let described = |finding: &Finding| described(nameplate, output, finding);
    output.event(
        "doctor",
        json!({
            "findings": findings.iter().map(described).collect::<Vec<_>>(),
            "repairs": repairs.iter().map(|repair| json!({
                "finding": described(&repair.finding),
                "fixed": repair.error.is_none(),
                "error": repair.error.as_ref().map(Error::code),
            })).collect::<Vec<_>>(),
        }),
    );
    repairs.iter().for_each(|repair| print_repair(nameplate, output, repair));
    let extent = if request.verbose { Extent::Verbose } else { Extent::Brief };
    for group in Group::ALL {
        let of_group: Vec<_> = findings.iter().filter(|finding| finding.group == group).collect();
        print_group(nameplate, output, extent, group, &of_group);
    }
    blocked(nameplate, &findings).map_or(Ok(()), Err)
}

/// Why sign-in cannot work; other findings are no failure of this command.
fn blocked(nameplate: &Nameplate, findings: &[Finding]) -> Option<Error> {
    let has = |name| findings.iter().any(|finding| finding.name == name);
    if has("keychain_absent") {
        return Some(Error::new(Code::KeychainAbsent));
    }
    has("config_unreadable").then(|| {
        let problem = nameplate.provider_setup().config().problem.clone();
        problem.unwrap_or(Code::ConfigUnreadable.into())
    })
}

/// The window's program: beside this one, else in PATH.
fn desktop_program() -> Option<PathBuf> {
    let name = format!("nameplate-desktop{}", std::env::consts::EXE_SUFFIX);
    let own = std::env::current_exe().ok().and_then(|own| own.parent().map(PathBuf::from));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = own.into_iter().chain(std::env::split_paths(&path));
    folders.find_map(|folder| Some(folder.join(&name)).filter(|program| program.is_file()))
}

fn described(nameplate: &Nameplate, output: &Output, finding: &Finding) -> Value {
    let mut described = json!(finding);
    described["message"] = sentence(nameplate, output, finding).into();
    described
}

fn sentence(nameplate: &Nameplate, output: &Output, finding: &Finding) -> String {
    match output.messages().doctor(finding.name) {
        "" => nameplate.explain(output.language(), &Code::ConfigUnreadable.into()).message,
        sentence => sentence.to_owned(),
    }
}

fn print_repair(nameplate: &Nameplate, output: &Output, repair: &Repair) {
    let text = if repair.error.is_none() { "fixed" } else { "not_fixed" };
    let detail = repair.finding.detail.as_deref().unwrap_or_default();
    let finding = format!("{} ({detail})", repair.finding.name);
    output.line(&output.messages().doctor(text).replace("{finding}", &finding));
    match &repair.error {
        Some(error) if error.code() == Code::BadSetting => {
            output.quiet(&format!("  {}", output.messages().doctor("program_missing")));
        }
        Some(error) => {
            let problem = nameplate.explain(output.language(), error);
            let words = problem.detail.unwrap_or_default();
            output.quiet(&format!("  {} {words}", problem.message));
        }
        None => {}
    }
}

fn print_group(
    nameplate: &Nameplate,
    output: &Output,
    extent: Extent,
    group: Group,
    findings: &[&Finding],
) {
    let facts = match extent {
        Extent::Brief => Vec::new(),
        Extent::Verbose => facts(nameplate, output, group),
    };
    if findings.is_empty() && facts.is_empty() {
        return;
    }
    output.strong(output.messages().doctor(group.name()));
    for (at, finding) in findings.iter().enumerate() {
        // One entry for each kind of finding.
        if findings[..at].iter().any(|earlier| earlier.name == finding.name) {
            continue;
        }
        let mark = match finding.health {
            Health::Good => "✓",
            Health::Warning => "!",
            Health::Error => "✗",
        };
        output.line(&format!("  {mark} {}", sentence(nameplate, output, finding)));
        let same: Vec<_> =
            findings.iter().filter(|other| other.name == finding.name).copied().collect();
        details(extent, &same).iter().for_each(|line| output.quiet(&format!("    {line}")));
    }
    facts.iter().for_each(|fact| output.quiet(&format!("    {fact}")));
}

/// What the findings of one kind are about: briefly in one line, by the ids of the providers.
fn details(extent: Extent, findings: &[&Finding]) -> Vec<String> {
    let of = |finding: &&Finding| match extent {
        Extent::Brief => finding.provider.clone().or_else(|| finding.detail.clone()),
        Extent::Verbose => finding.detail.clone(),
    };
    let details: Vec<_> = findings.iter().filter_map(of).collect();
    match (extent, details.is_empty()) {
        (Extent::Brief, false) => vec![details.join(", ")],
        (Extent::Brief, true) | (Extent::Verbose, _) => details,
    }
}

/// What is good to know about a group although nothing is wrong.
fn facts(nameplate: &Nameplate, output: &Output, group: Group) -> Vec<String> {
    let home = nameplate.home();
    let place =
        |name, path: &Path| format!("{}: {}", output.messages().doctor(name), path.display());
    match group {
        Group::Keychain | Group::Links => Vec::new(),
        Group::Providers => {
            let config = nameplate.provider_setup().config();
            let ready = config.entries().iter().filter(|entry| entry.is_ready());
            let label = |entry| output.messages().label(entry);
            ready.map(|entry| format!("{}: {}", label(entry), methods(entry).join(", "))).collect()
        }
        Group::Files => vec![
            place("place_config", &home.providers_file()),
            place("place_data", &home.database()),
            place("place_logs", &home.logs()),
        ],
    }
}
