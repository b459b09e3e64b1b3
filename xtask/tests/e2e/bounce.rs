//! The bounce page in the real browser: what it hands on, what it refuses, and what it leaves behind.

use crate::scene::play;
use crate::stand_in;
use crate::static_host::StaticHost;
use anyhow::{Context, Result, ensure};
use fantoccini::Locator;
use serde_json::{Value, json};
use std::fs;
use url::form_urlencoded;
use xtask::project;
use xtask::stage::Cast;
use xtask::stage::browser::SCHEME;
use xtask::stage::devtools::DevTools;
use xtask::stage::driver::Page;

/// What the page leads to, as it is shipped.
const TO: &str = "app.nameplate.desktop:/callback/facebook";

/// Whatever an answer says, these are the parameters that go on, each once, in this order.
#[tokio::test]
async fn the_bounce_page_hands_on_an_answer() -> Result<()> {
    bounce("the_bounce_page_hands_on_an_answer", async |page, host| {
        for (query, taken) in [
            ("code=AQD_x-9&state=s.t#_=_", "code=AQD_x-9&state=s.t"),
            ("state=s&code=4%2F0A%2Bb&iss=https%3A%2F%2Fid.example", "code=4%2F0A%2Bb&state=s&iss=https%3A%2F%2Fid.example"),
            (
                "error=access_denied&error_code=200&error_description=Permissions+error.&error_reason=user_denied&state=s#_=_",
                "state=s&error=access_denied&error_description=Permissions+error.&error_code=200&error_reason=user_denied",
            ),
            ("error=server_error&error_uri=https%3A%2F%2Fe.example%2F%3Fa%3Db&state=s", "state=s&error=server_error&error_uri=https%3A%2F%2Fe.example%2F%3Fa%3Db"),
            ("error_code=1349048&error_message=Can%27t+load&state=s", "state=s&error_code=1349048&error_message=Can%27t+load"),
            // RFC 6749, section 3.1: empty is absent, and what nobody knows is passed over.
            ("code=c&state=s&error=&scope=a&scope=b&redirect_uri=https%3A%2F%2Fevil.example&scheme=evil&provider=evil", "code=c&state=s"),
        ] {
            open(page, host, &format!("/bounce/facebook?{query}")).await?;
            ensure!(offered(page).await? == Some(format!("{TO}?{taken}")), "{query}: {:?}", offered(page).await?);
        }
        // A folder of its own, and a path that looks like another host's.
        for path in ["/facebook/", "//evil.example/facebook"] {
            open(page, host, &format!("{path}?code=c&state=s")).await?;
            ensure!(offered(page).await? == Some(format!("{TO}?code=c&state=s")), "{path}");
            ensure!(address(page).await? == host.url(path));
        }
        Ok(())
    })
    .await
}

/// S16: twice is refused, whichever it is; and so is what is too long, what is no answer, and a page at the wrong place.
#[tokio::test]
async fn the_bounce_page_refuses_with_a_sentence() -> Result<()> {
    bounce("the_bounce_page_refuses_with_a_sentence", async |page, host| {
        let fits = "x".repeat(8 * 1024 - TO.len() - "?code=".len());
        open(page, host, &format!("/bounce/facebook?code={fits}")).await?;
        ensure!(offered(page).await?.is_some_and(|link| link.len() == 8 * 1024));
        for (path, outcome) in [
            ("/bounce/facebook?code=c&code=c&state=s".to_owned(), "twice"),
            ("/bounce/facebook?code=c&state=s&c%6Fde=d".to_owned(), "twice"),
            ("/bounce/facebook?code=c&state=s&error_reason=&error_reason=x".to_owned(), "twice"),
            (format!("/bounce/facebook?code={fits}x"), "long"),
            // Longer only when it is written anew.
            (format!("/bounce/facebook?code={}&state=s", ":/".repeat(2000)), "long"),
            (format!("/bounce/facebook?code=c&state=s&other={}", "x".repeat(8 * 1024)), "long"),
            ("/bounce/facebook".to_owned(), "absent"),
            ("/bounce/facebook?state=s&access_token=t".to_owned(), "absent"),
            ("/bounce/facebook?code=&error=&state=s".to_owned(), "absent"),
            ("/bounce/facebook?state=s#code=c".to_owned(), "absent"),
            ("/?code=c&state=s".to_owned(), "misplaced"),
            ("/bounce/index.html?code=c&state=s".to_owned(), "misplaced"),
            ("/bounce/Facebook?code=c&state=s".to_owned(), "misplaced"),
            ("/bounce/face%62ook?code=c&state=s".to_owned(), "misplaced"),
            ("/bounce/%2e%2e%2fopen?code=c&state=s".to_owned(), "misplaced"),
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

/// S18: what others wrote is text and nothing else, and no other program can be named.
#[tokio::test]
async fn the_bounce_page_reads_hostile_words_as_text() -> Result<()> {
    bounce("the_bounce_page_reads_hostile_words_as_text", async |page, host| {
        for words in [
            "\"><script>document.title='evil'</script>",
            "'\"`${alert(1)}</textarea><img src=x onerror=alert(1)>",
            "javascript:alert(1)",
            "c&scheme=evil&redirect_uri=https://evil.example/#?/../",
            "한\u{202e}글\r\nX: y\0\u{fffd}",
        ] {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("state", words).append_pair("error", words).finish();
            open(page, host, &format!("/bounce/facebook?{query}&scheme=javascript")).await?;
            let link = offered(page).await?.context("no link")?;
            ensure!(link == format!("{TO}?{query}"), "{link}");
            let seen = page.script(INVENTORY, vec![]).await?;
            ensure!(seen == json!({ "scripts": 1, "images": 0, "links": 1, "title": "You are not signed in · Nameplate" }), "{words}: {seen}");
        }
        Ok(())
    })
    .await
}

/// S24: the page alone is asked for, in either state; no script of others runs in it, and none of its words stay in the address.
#[tokio::test]
async fn the_bounce_page_reaches_nobody() -> Result<()> {
    bounce("the_bounce_page_reaches_nobody", async |page, host| {
        let path = "/bounce/facebook?code=c&state=s";
        open(page, host, path).await?;
        ensure!(address(page).await? == host.url("/bounce/facebook"));
        let seen = page.script(FENCES, vec![json!(host.url("/elsewhere"))]).await?;
        ensure!(seen == json!({ "fetch": "blocked", "image": "blocked", "inline": false, "styled": false }), "{seen}");
        ensure!(host.asked() == [format!("GET {path} HTTP/1.1")], "asked: {:?}", host.asked());
        page.client().back().await?;
        let before = address(page).await?;
        ensure!(!before.contains("code"), "the way back leads to {before}");
        page.client().forward().await?;
        page.client().refresh().await?;
        page.shown("body[data-outcome=absent]").await?;
        ensure!(host.asked().last().is_some_and(|line| line == "GET /bounce/facebook HTTP/1.1"));
        Ok(())
    })
    .await
}

/// N7: in the first of the person's languages that the page can; without JavaScript in both.
#[tokio::test]
async fn the_bounce_page_speaks_the_persons_language() -> Result<()> {
    bounce("the_bounce_page_speaks_the_persons_language", async |page, host| {
        for (languages, lang, button) in [
            ("ko-KR,ko,en", "ko", "Nameplate 열기"),
            ("en-GB,ko", "en", "Open Nameplate"),
            ("de,ko,en", "ko", "Nameplate 열기"),
            ("de,fr", "en", "Open Nameplate"),
        ] {
            let agent = json!({ "userAgent": "Chromium", "acceptLanguage": languages });
            emulate(page, "Emulation.setUserAgentOverride", agent).await?;
            open(page, host, "/bounce/facebook?code=c&state=s").await?;
            ensure!(page.text("#open").await? == button, "{languages}");
            ensure!(page.attribute("html", "lang").await?.as_deref() == Some(lang), "{languages}");
        }
        emulate(page, "Emulation.setScriptExecutionDisabled", json!({ "value": true })).await?;
        page.client().goto(&host.url("/bounce/facebook?code=c&state=s")).await?;
        let said = page.client().find(Locator::Css("body")).await?.text().await?;
        ensure!(
            said.contains("This page needs JavaScript") && said.contains("JavaScript를 허용"),
            "{said}"
        );
        Ok(())
    })
    .await
}

/// S23: the answer is there to be copied, but not to be seen unasked.
#[tokio::test]
async fn the_bounce_page_gives_the_answer_to_paste() -> Result<()> {
    bounce("the_bounce_page_gives_the_answer_to_paste", async |page, host| {
        open(page, host, "/bounce/facebook?code=secret&state=s").await?;
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

/// S8: one press of the button, and the registered program has the answer; another scheme is one line of the page.
#[tokio::test]
async fn the_bounce_page_opens_the_program() -> Result<()> {
    play("the_bounce_page_opens_the_program", Cast::NoKeychain, async |stage| {
        stand_in::register(stage).await?;
        let line = |scheme| format!("<meta name=\"nameplate-scheme\" content=\"{scheme}\">");
        let page = shipped()?.replace(&line("app.nameplate.desktop"), &line(SCHEME));
        // The browser of the stage lets pages at these ports open the scheme without a question.
        let host = StaticHost::serve(page, &[53682, 53683, 53684]).await?;
        let browser = stage.browser()?.page();
        open(browser, &host, "/bounce/facebook?code=c%27%22&state=s#_=_").await?;
        ensure!(stage.opened()?.is_empty(), "opened without a press: {:?}", stage.opened()?);
        browser.click("#open").await?;
        let handed = stage.link().await?;
        ensure!(
            handed == stand_in::heard(&format!("{SCHEME}:/callback/facebook?code=c%27%22&state=s")),
            "{handed}"
        );
        ensure!(stage.opened()? == [SCHEME, "http"], "opened: {:?}", stage.opened()?);
        Ok(())
    })
    .await
}

/// A scheme that is none of one's own leads nowhere.
#[tokio::test]
async fn the_bounce_page_takes_no_borrowed_scheme() -> Result<()> {
    play("the_bounce_page_takes_no_borrowed_scheme", Cast::NoKeychain, async |stage| {
        for scheme in ["javascript", "https", "App.example", "app.example:", ""] {
            let page = shipped()?
                .replace("content=\"app.nameplate.desktop\"", &format!("content=\"{scheme}\""));
            let host = StaticHost::serve(page, &[0]).await?;
            let page = stage.browser()?.page();
            open(page, &host, "/bounce/facebook?code=c&state=s").await?;
            ensure!(
                outcome_of(page).await? == "misnamed" && offered(page).await?.is_none(),
                "{scheme}"
            );
        }
        Ok(())
    })
    .await
}

/// The page as it is shipped, in the browser.
async fn bounce(
    name: &str,
    scene: impl AsyncFnOnce(&Page, &StaticHost) -> Result<()>,
) -> Result<()> {
    play(name, Cast::NoKeychain, async |stage| {
        let host = StaticHost::serve(shipped()?, &[0]).await?;
        scene(stage.browser()?.page(), &host).await
    })
    .await
}

fn shipped() -> Result<String> {
    Ok(fs::read_to_string(project::root().join("docs/bounce/index.html"))?)
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

/// The link of the button, if one is shown; the field to copy holds the same.
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

/// What the browser would open, and what the person would copy.
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
