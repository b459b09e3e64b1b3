use super::*;

fn pages() -> Pages {
    Pages::new(Arc::new(PageTexts::english("Example")), "com.example.app:/open".to_owned())
}

/// S24, U14, U22: nothing is loaded from anywhere, and the one link goes back to the program.
#[test]
fn a_page_loads_nothing_and_links_only_back() {
    {
        let pages = pages();
        for page in [
            Page::SignedIn(None),
            Page::SignedIn(Some("<a href=https://x src=y>".into())),
            Page::ExtraGranted,
            Page::Received,
            Page::AlreadyUsed,
            Page::Failed,
            Page::Unknown,
            Page::Stopped,
            Page::NotStored,
            Page::OtherUser,
        ] {
            let html = pages.html(&page);
            assert_eq!(html.matches("href=\"").count(), 1);
            assert!(html.contains(r#"href="com.example.app:/open""#));
            assert_eq!(html.matches("<a").count(), 1);
            let html = html.replace("&lt;a href=https://x src=y&gt;", "");
            for loading in ["src=", "@import", "url(", "<script", "<link", "http:", "https:"] {
                assert!(!html.contains(loading), "{loading}");
            }
        }
    }
}

/// N7: in the language of its texts.
#[test]
fn a_page_has_its_texts_and_their_language() {
    let html = pages().html(&Page::SignedIn(None));
    assert!(html.contains("<html lang=\"en\">") && html.contains("<h1>You are signed in</h1>"));
    assert!(html.contains("<title>You are signed in · Example</title>"));
}

/// S24: a name is text, in one line and not longer than the page is wide.
#[test]
fn a_name_is_text() {
    let title = |name: &str| {
        let html = pages().html(&Page::SignedIn(Some(name.to_owned())));
        let (_, rest) = html.split_once("<h1>").unwrap();
        rest.split_once("</h1>").unwrap().0.to_owned()
    };
    assert_eq!(title("하늘"), "Signed in as 하늘");
    assert_eq!(
        title("</h1><b id='x'>\u{202e}\"&"),
        "Signed in as &lt;/h1&gt;&lt;b id=&#39;x&#39;&gt;&quot;&amp;"
    );
    assert!(title(&"x".repeat(500)).chars().count() < 100);
}

/// For a program in a terminal, whose page has nothing to open.
#[test]
fn without_a_uri_a_page_has_no_link() {
    let html = Pages::new(Arc::new(PageTexts::english("Example")), None).html(&Page::Failed);
    assert!(!html.contains("<a") && html.contains("<h1>Sign-in did not finish</h1>"));
}

#[test]
fn the_policy_allows_exactly_the_style_of_the_page() {
    let response = pages().respond(StatusCode::OK, Page::Failed);
    let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    assert!(!policy.contains("unsafe"));
}
