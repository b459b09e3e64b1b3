//! The https redirect page in Chromium: what it passes on, what it refuses, and what stays in the browser.

use crate::fake_handler;
use crate::fixture::run;
use crate::static_file_server::StaticHost;
use anyhow::{Context, Result, ensure};
use fantoccini::Locator;
use serde_json::{Value, json};
use std::fs;
use url::form_urlencoded;
use xtask::environment::Services;
use xtask::environment::browser::SCHEME;
use xtask::environment::devtools::DevTools;
use xtask::environment::page::Page;
use xtask::project;

/// The link of the page, as it is released.
const TO: &str = "app.nameplate.desktop:/callback/facebook";

/// The known parameters of a response are passed on, each once, in this order.
#[tokio::test]
async fn the_https_redirect_page_passes_on_a_response() -> Result<()> {
    with_page("the_https_redirect_page_passes_on_a_response", async |page, host| {
        for (query, taken) in [
            ("code=AQD_x-9&state=s.t#_=_", "code=AQD_x-9&state=s.t"),
            ("state=s&code=4%2F0A%2Bb&iss=https%3A%2F%2Fid.example", "code=4%2F0A%2Bb&state=s&iss=https%3A%2F%2Fid.example"),
            (
                "error=access_denied&error_code=200&error_description=Permissions+error.&error_reason=user_denied&state=s#_=_",
                "state=s&error=access_denied&error_description=Permissions+error.&error_code=200&error_reason=user_denied",
            ),
            ("error=server_error&error_uri=https%3A%2F%2Fe.example%2F%3Fa%3Db&state=s", "state=s&error=server_error&error_uri=https%3A%2F%2Fe.example%2F%3Fa%3Db"),
            ("error_code=1349048&error_message=Can%27t+load&state=s", "state=s&error_code=1349048&error_message=Can%27t+load"),
            // RFC 6749, section 3.1: an empty parameter counts as absent, an unknown one is ignored.
            ("code=c&state=s&error=&scope=a&scope=b&redirect_uri=https%3A%2F%2Fevil.example&scheme=evil&provider=evil", "code=c&state=s"),
        ] {
            open(page, host, &format!("/redirect/facebook?{query}")).await?;
            ensure!(offered(page).await? == Some(format!("{TO}?{taken}")), "{query}: {:?}", offered(page).await?);
        }
        // A path with a slash at its end, and a path that looks like a host.
        for path in ["/facebook/", "//evil.example/facebook"] {
            open(page, host, &format!("{path}?code=c&state=s")).await?;
            ensure!(offered(page).await? == Some(format!("{TO}?code=c&state=s")), "{path}");
            ensure!(address(page).await? == host.url(path));
        }
        Ok(())
    })
    .await
}

/// S16: repeated parameters, long addresses, addresses without a response and wrong paths are refused.
#[tokio::test]
async fn the_https_redirect_page_refuses_invalid_responses() -> Result<()> {
    with_page("the_https_redirect_page_refuses_invalid_responses", async |page, host| {
        let fits = "x".repeat(8 * 1024 - TO.len() - "?code=".len());
        open(page, host, &format!("/redirect/facebook?code={fits}")).await?;
        ensure!(offered(page).await?.is_some_and(|link| link.len() == 8 * 1024));
        for (path, outcome) in [
            ("/redirect/facebook?code=c&code=c&state=s".to_owned(), "twice"),
            ("/redirect/facebook?code=c&state=s&c%6Fde=d".to_owned(), "twice"),
            ("/redirect/facebook?code=c&state=s&error_reason=&error_reason=x".to_owned(), "twice"),
            (format!("/redirect/facebook?code={fits}x"), "long"),
            // Longer only after encoding.
            (format!("/redirect/facebook?code={}&state=s", ":/".repeat(2000)), "long"),
            (format!("/redirect/facebook?code=c&state=s&other={}", "x".repeat(8 * 1024)), "long"),
            ("/redirect/facebook".to_owned(), "absent"),
            ("/redirect/facebook?state=s&access_token=t".to_owned(), "absent"),
            ("/redirect/facebook?code=&error=&state=s".to_owned(), "absent"),
            ("/redirect/facebook?state=s#code=c".to_owned(), "absent"),
            ("/?code=c&state=s".to_owned(), "misplaced"),
            ("/redirect/index.html?code=c&state=s".to_owned(), "misplaced"),
            ("/redirect/Facebook?code=c&state=s".to_owned(), "misplaced"),
            ("/redirect/face%62ook?code=c&state=s".to_owned(), "misplaced"),
            ("/redirect/%2e%2e%2fopen?code=c&state=s".to_owned(), "misplaced"),
            (format!("/{}?code=c&state=s", "x".repeat(33)), "misplaced"),
        ] {
            open(page, host, &path).await?;
            let (shown, begin) =
                (outcome_of(page).await?, path.chars().take(60).collect::<String>());
            ensure!(shown == outcome, "{begin}: {shown}, not {outcome}");
            ensure!(
                offered(page).await?.is_none() && !page.has("details:not([hidden])").await?,
                "{begin}"
            );
            ensure!(!page.text("#title").await?.is_empty() && !page.text("#say").await?.is_empty());
            ensure!(!address(page).await?.contains(['?', '#']), "{begin}");
        }
        Ok(())
    })
    .await
}

/// S18: hostile values stay text, and the scheme cannot be changed.
#[tokio::test]
async fn the_https_redirect_page_treats_hostile_values_as_text() -> Result<()> {
    with_page("the_https_redirect_page_treats_hostile_values_as_text", async |page, host| {
        for words in [
            "\"><script>document.title='evil'</script>",
            "'\"`${alert(1)}</textarea><img src=x onerror=alert(1)>",
            "javascript:alert(1)",
            "c&scheme=evil&redirect_uri=https://evil.example/#?/../",
            "한\u{202e}글\r\nX: y\0\u{fffd}",
        ] {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("state", words).append_pair("error", words).finish();
            open(page, host, &format!("/redirect/facebook?{query}&scheme=javascript")).await?;
            let link = offered(page).await?.context("no link")?;
            ensure!(link == format!("{TO}?{query}"), "{link}");
            let seen = page.script(INVENTORY, vec![]).await?;
            ensure!(seen == json!({ "scripts": 1, "images": 0, "links": 1, "title": "Sign-in did not finish · Nameplate" }), "{words}: {seen}");
        }
        Ok(())
    })
    .await
}

/// S24: the page sends no request, runs no other script, and removes the response from the address bar and the history.
#[tokio::test]
async fn the_https_redirect_page_sends_no_request() -> Result<()> {
    with_page("the_https_redirect_page_sends_no_request", async |page, host| {
        let path = "/redirect/facebook?code=c&state=s";
        open(page, host, path).await?;
        ensure!(address(page).await? == host.url("/redirect/facebook"));
        let seen = page.script(FENCES, vec![json!(host.url("/elsewhere"))]).await?;
        ensure!(seen == json!({ "fetch": "blocked", "image": "blocked", "inline": false, "styled": false }), "{seen}");
        ensure!(host.asked() == [format!("GET {path} HTTP/1.1")], "asked: {:?}", host.asked());
        page.client().back().await?;
        let before = address(page).await?;
        ensure!(!before.contains("code"), "the way back leads to {before}");
        page.client().forward().await?;
        page.client().refresh().await?;
        page.shown("body[data-outcome=absent]").await?;
        ensure!(host.asked().last().is_some_and(|line| line == "GET /redirect/facebook HTTP/1.1"));
        Ok(())
    })
    .await
}

/// N7: the page uses the first supported language of the browser; without JavaScript it shows both.
#[tokio::test]
async fn the_https_redirect_page_uses_the_browsers_language() -> Result<()> {
    with_page("the_https_redirect_page_uses_the_browsers_language", async |page, host| {
        for (languages, lang, button) in [
            ("ko-KR,ko,en", "ko", "Nameplate 열기"),
            ("en-GB,ko", "en", "Open Nameplate"),
            ("de,ko,en", "ko", "Nameplate 열기"),
            ("de,fr", "en", "Open Nameplate"),
        ] {
            let agent = json!({ "userAgent": "Chromium", "acceptLanguage": languages });
            emulate(page, "Emulation.setUserAgentOverride", agent).await?;
            open(page, host, "/redirect/facebook?code=c&state=s").await?;
            ensure!(page.text("#open").await? == button, "{languages}");
            ensure!(page.attribute("html", "lang").await?.as_deref() == Some(lang), "{languages}");
        }
        emulate(page, "Emulation.setScriptExecutionDisabled", json!({ "value": true })).await?;
        page.client().goto(&host.url("/redirect/facebook?code=c&state=s")).await?;
        let said = page.client().find(Locator::Css("body")).await?.text().await?;
        ensure!(
            said.contains("This page needs JavaScript") && said.contains("JavaScript를 허용"),
            "{said}"
        );
        Ok(())
    })
    .await
}

/// S23: the response can be copied, and is not displayed unasked.
#[tokio::test]
async fn the_https_redirect_page_offers_the_response_to_copy() -> Result<()> {
    with_page("the_https_redirect_page_offers_the_response_to_copy", async |page, host| {
        open(page, host, "/redirect/facebook?code=secret&state=s").await?;
        let said = page.text("body").await?;
        ensure!(!said.contains("secret"), "{said}");
        page.click("#nothing").await?;
        page.click("#copy").await?;
        page.script(UNTIL_COPIED, vec![]).await?;
        emulate(page, "Browser.grantPermissions", json!({ "permissions": ["clipboardReadWrite"] }))
            .await?;
        let pasted =
            page.script("navigator.clipboard.readText().then(arguments[0])", vec![]).await?;
        ensure!(pasted == json!(format!("{TO}?code=secret&state=s")), "{pasted}");
        Ok(())
    })
    .await
}

/// S8: a click passes the response to the registered program; the scheme is one line of the page.
#[tokio::test]
async fn the_https_redirect_page_opens_the_program() -> Result<()> {
    run("the_https_redirect_page_opens_the_program", Services::WithoutKeychain, async |env| {
        fake_handler::register(env).await?;
        let line = |scheme| format!("<meta name=\"nameplate-scheme\" content=\"{scheme}\">");
        let page = shipped()?.replace(&line("app.nameplate.desktop"), &line(SCHEME));
        // The browser lets pages at these ports open the scheme without a prompt.
        let host = StaticHost::serve(page, &[53682, 53683, 53684]).await?;
        let browser = env.browser()?.page();
        open(browser, &host, "/redirect/facebook?code=c%27%22&state=s#_=_").await?;
        ensure!(env.opened()?.is_empty(), "opened without a press: {:?}", env.opened()?);
        browser.click("#open").await?;
        let handed = env.next_link().await?;
        ensure!(
            handed
                == fake_handler::received(&format!(
                    "{SCHEME}:/callback/facebook?code=c%27%22&state=s"
                )),
            "{handed}"
        );
        ensure!(env.opened()? == [SCHEME, "http"], "opened: {:?}", env.opened()?);
        Ok(())
    })
    .await
}

/// Schemes that are not reversed domains are refused.
#[tokio::test]
async fn the_https_redirect_page_refuses_foreign_schemes() -> Result<()> {
    run("the_https_redirect_page_refuses_foreign_schemes", Services::WithoutKeychain, async |env| {
        for scheme in ["javascript", "https", "App.example", "app.example:", ""] {
            let page = shipped()?
                .replace("content=\"app.nameplate.desktop\"", &format!("content=\"{scheme}\""));
            let host = StaticHost::serve(page, &[0]).await?;
            let page = env.browser()?.page();
            open(page, &host, "/redirect/facebook?code=c&state=s").await?;
            ensure!(
                outcome_of(page).await? == "misnamed" && offered(page).await?.is_none(),
                "{scheme}"
            );
        }
        Ok(())
    })
    .await
}

/// Runs a test with the released page in the browser.
async fn with_page(
    name: &str,
    test: impl AsyncFnOnce(&Page, &StaticHost) -> Result<()>,
) -> Result<()> {
    run(name, Services::WithoutKeychain, async |env| {
        let host = StaticHost::serve(shipped()?, &[0]).await?;
        test(env.browser()?.page(), &host).await
    })
    .await
}

fn shipped() -> Result<String> {
    Ok(fs::read_to_string(project::root().join("docs/https-redirect/index.html"))?)
}

async fn open(page: &Page, host: &StaticHost, path: &str) -> Result<()> {
    page.client().goto(&host.url(path)).await?;
    page.shown("body[data-outcome] h1").await.map(drop)
}

async fn address(page: &Page) -> Result<String> {
    Ok(page.client().current_url().await?.into())
}

async fn outcome_of(page: &Page) -> Result<String> {
    page.attribute("body", "data-outcome").await?.context("no outcome")
}

/// The link of the button, if it is shown; the copy field must contain the same.
async fn offered(page: &Page) -> Result<Option<String>> {
    let [link, field]: [Option<String>; 2] =
        serde_json::from_value(page.script(OFFERED, vec![]).await?)?;
    ensure!(link == field, "the button leads to {link:?}, the field holds {field:?}");
    Ok(link)
}

async fn emulate(page: &Page, name: &'static str, parameters: Value) -> Result<()> {
    page.client().issue_cmd(DevTools::new(name, parameters)).await?;
    Ok(())
}

/// The link of the button and the content of the copy field.
const OFFERED: &str = r"
const [open, field] = ['open', 'link'].map((id) => document.getElementById(id));
arguments[0]([open.hidden ? null : open.href, field.closest('details').hidden ? null : field.value]);
";

const INVENTORY: &str = r"
arguments[0]({
  scripts: document.scripts.length,
  images: document.images.length,
  links: document.links.length,
  title: document.title,
});
";

const FENCES: &str = r"
const [elsewhere, done] = arguments;
(async () => {
  const fetched = fetch(elsewhere).then(() => 'reached', () => 'blocked');
  const drawn = new Promise((tell) => {
    const image = new Image();
    image.onload = () => tell('reached');
    image.onerror = () => tell('blocked');
    image.src = elsewhere;
  });
  const add = (name, text) => {
    const element = document.createElement(name);
    element.textContent = text;
    document.head.append(element);
  };
  add('script', 'document.documentElement.dataset.inline = 1');
  add('style', 'body { opacity: 0.5 }');
  done({
    fetch: await fetched,
    image: await drawn,
    inline: 'inline' in document.documentElement.dataset,
    styled: getComputedStyle(document.body).opacity !== '1',
  });
})();
";

const UNTIL_COPIED: &str = r"
const [done] = arguments;
const button = document.getElementById('copy');
const look = () => button.textContent === 'Copied' && done(true);
new MutationObserver(look).observe(button, { childList: true });
look();
";
