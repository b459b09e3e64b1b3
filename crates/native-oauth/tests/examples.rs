//! The examples, run as a reader would run them; this test is the user at the browser.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use native_oauth::device_authorization::UserCodePrompt;

#[allow(dead_code, reason = "shared with other tests")]
#[path = "../../nameplate/tests/engine/browser.rs"]
mod browser;

use browser::Browser;

struct Example {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Example {
    /// Starts the program that cargo has built for this test.
    fn start(name: &str) -> Self {
        let test = std::env::current_exe().unwrap();
        let examples = test.parent().unwrap().parent().unwrap().join("examples");
        let program = examples.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        let mut child = Command::new(program).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// What it prints until it ends.
    fn rest(mut self) -> String {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success());
        rest
    }
}

/// RFC 8252, section 7.3: the browser opens the printed link and ends at a page that says so.
#[tokio::test]
async fn the_loopback_example_prints_the_profile() {
    let mut example = Example::start("loopback");
    let link = example.line().strip_prefix("Open ").unwrap().to_owned();
    let browser = Browser::new();
    let authorize = browser.get(&link).await.headers["location"].to_str().unwrap().to_owned();
    let response = browser.decide(&authorize, "haneul", "allow").await;
    let page = browser.follow(&response).await;
    assert!(page.text.contains("Signed in as 하늘"), "{}", page.text);
    let printed = example.rest();
    assert!(printed.contains("haneul@example.com") && printed.contains("하늘"), "{printed}");
}

/// RFC 8628: the user enters the printed code elsewhere.
#[tokio::test]
async fn the_device_code_example_prints_the_profile() {
    let mut example = Example::start("device_code");
    let line = example.line();
    let prompt = line.strip_prefix("Open ").unwrap().split_once(" and enter ").unwrap();
    let prompt = UserCodePrompt {
        verification_uri: prompt.0.to_owned(),
        user_code: prompt.1.to_owned(),
        verification_uri_complete: None,
    };
    Browser::new().enter(&prompt, "haneul", "allow").await;
    let printed = example.rest();
    assert!(printed.contains("haneul@example.com") && printed.contains("하늘"), "{printed}");
}
