//! The examples, run as a reader would run them; this test is the user at the browser.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

#[allow(dead_code, reason = "shared with other tests")]
#[path = "engine/browser.rs"]
mod browser;

use browser::Browser;

/// What an example prints after a user has signed in at the link that it prints.
async fn sign_in(example: &str) -> String {
    let test = std::env::current_exe().unwrap();
    let examples = test.parent().unwrap().parent().unwrap().join("examples");
    let program = examples.join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    let mut child = Command::new(program).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let link = line.trim().strip_prefix("Open ").unwrap();
    let browser = Browser::new();
    let authorize = browser.get(link).await.headers["location"].to_str().unwrap().to_owned();
    let response = browser.decide(&authorize, "haneul", "allow").await;
    let page = browser.follow(&response).await;
    assert!(page.status.is_success(), "{}", page.text);
    let mut printed = String::new();
    output.read_to_string(&mut printed).unwrap();
    assert!(child.wait().unwrap().success(), "{printed}");
    printed
}

#[tokio::test]
async fn an_account_is_kept_across_a_restart() {
    let printed = sign_in("keep_account").await;
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines[0], "하늘 is signed in");
    assert_eq!(lines[1], "하늘 is still signed in as Some(\"haneul@example.com\")");
    assert!(lines[2].starts_with("with an access token for openid"), "{printed}");
}

/// The nickname is what the example's own function makes of userinfo.
#[tokio::test]
async fn a_program_defines_its_own_provider() {
    let printed = sign_in("own_provider").await;
    assert_eq!(printed.trim(), "하늘 of Example Company at Example Company");
}
