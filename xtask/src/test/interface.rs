//! The interface's own tests, by vitest.

use super::Passed;
use super::number::Number;
use crate::project;
use crate::setup::command::run;
use crate::setup::interface::npm;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;

/// Runs them; requirements are in their titles.
pub fn test() -> Result<Vec<Passed>> {
    let report = project::target().join("ui-tests.json");
    let arguments = ["test", "--", "--reporter=default", "--reporter=json"];
    let mut vitest = npm(&project::root().join("ui"), &arguments);
    run(vitest.arg(format!("--outputFile.json={}", report.display())))?;
    let report: Value =
        serde_json::from_slice(&fs::read(&report).context("vitest wrote no report")?)?;
    let skipped = report.get("numPendingTests").and_then(Value::as_u64);
    ensure!(skipped == Some(0), "vitest skipped tests: {skipped:?}");
    Ok(passed(&report))
}

fn passed(report: &Value) -> Vec<Passed> {
    let files = report.get("testResults").and_then(Value::as_array).into_iter().flatten();
    files
        .filter_map(|file| file.get("assertionResults")?.as_array())
        .flatten()
        .filter(|test| test.get("status").and_then(Value::as_str) == Some("passed"))
        .filter_map(|test| test.get("fullName")?.as_str())
        .map(|title| Passed {
            name: format!("ui::{}", title.trim()),
            numbers: Number::in_text(title),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_passed_counts() {
        let report = json!({ "testResults": [{ "assertionResults": [
            { "status": "passed", "fullName": "page S56: no inline script" },
            { "status": "failed", "fullName": "page S55: broken" },
        ]}]});
        let expected = Passed {
            name: "ui::page S56: no inline script".into(),
            numbers: vec![Number::new('S', 56)],
        };
        assert_eq!(passed(&report), [expected]);
    }
}
