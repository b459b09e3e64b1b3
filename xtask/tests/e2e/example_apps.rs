//! The example apps, each signed in at the demo provider and at the certified issuer.

use crate::fixture::{NICKNAME, USER, run};
use crate::oidc_peer::{PERSON, consents};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use xtask::environment::until::until;
use xtask::environment::window::Window;
use xtask::environment::{Environment, Services};

/// A running example.
pub struct ExampleApp {
    pub home: PathBuf,
    pub window: Window,
}

impl ExampleApp {
    /// The example whose provider is in its `tauri.conf.json`.
    pub async fn minimal(env: &mut Environment, issuer: &str) -> Result<Self> {
        Self::of_program(env, "minimal", issuer).await
    }

    /// The same as any program; a file of the separate home names the issuer.
    pub async fn of_program(env: &mut Environment, program: &str, issuer: &str) -> Result<Self> {
        let home = home(env)?;
        let table = format!(
            "[company]\nkind = \"oidc\"\nissuer = \"{issuer}\"\nclient_id = \"demo-oidc\"\n"
        );
        env.configure(&home, &table)?;
        let folder = home.display().to_string();
        env.start_program(program, &[("MINIMAL_HOME", &folder)])?;
        Ok(Self { home, window: env.window().await? })
    }

    /// The example that defines its provider.
    pub async fn own_provider(env: &mut Environment, issuer: &str, api: &str) -> Result<Self> {
        let home = home(env)?;
        let folder = home.display().to_string();
        let variables = [
            ("OWN_PROVIDER_HOME", folder.as_str()),
            ("OWN_PROVIDER_ISSUER", issuer),
            ("OWN_PROVIDER_API", api),
        ];
        env.start_program("own-provider", &variables)?;
        Ok(Self { home, window: env.window().await? })
    }

    /// Clicks the button and opens the authorization request in the browser.
    pub async fn begin(&self, env: &mut Environment) -> Result<()> {
        self.window.page().click("#sign-in").await?;
        env.open_next_link().await.map(drop)
    }

    /// Signs in at the demo provider; the window shows this name.
    pub async fn sign_in(&self, env: &mut Environment, name: &str) -> Result<()> {
        self.begin(env).await?;
        env.browser()?.answer(USER, "allow").await?;
        self.sees(name).await
    }

    /// Waits for name and picture.
    pub async fn sees(&self, name: &str) -> Result<()> {
        let script = &self.window;
        let seen = until("", async || {
            let seen = script.script(SEEN, vec![]).await?;
            Ok((seen == json!({ "name": name, "picture": true })).then_some(()))
        });
        seen.await.with_context(|| format!("neither {name} nor a picture is shown"))
    }

    /// Asks the provider who it is; the userinfo, and what the page saw of the response.
    pub async fn ask(&self) -> Result<(Value, Value)> {
        self.window.script(WATCH_RESPONSES, vec![]).await?;
        self.window.page().click("#ask").await?;
        let answer = until("no answer is shown", async || {
            let text = self.window.script(ANSWER, vec![]).await?;
            Ok(text.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
        })
        .await?;
        let userinfo = serde_json::from_str(&answer).context(answer)?;
        Ok((userinfo, self.window.script(RESPONSE, vec![]).await?))
    }
}

/// An empty folder for an example.
fn home(env: &Environment) -> Result<PathBuf> {
    let home = env.folders().path("example");
    fs::create_dir(&home)?;
    fs::set_permissions(&home, Permissions::from_mode(0o700))?;
    Ok(home)
}

/// The page asks with the token of its account and gets a `Response`.
pub async fn asks(app: &ExampleApp, issuer: &str) -> Result<()> {
    let (userinfo, response) = app.ask().await?;
    ensure!(userinfo["sub"].is_string(), "no subject: {userinfo}");
    let expected = json!({
        "url": format!("{issuer}/userinfo"), "status": 200, "statusText": "OK", "ok": true,
        "type": "application/json", "cookie": null, "token": null, "used": true,
    });
    ensure!(response == expected, "{response}");
    Ok(())
}

/// S68: the smallest example signs in at the demo provider, and `fetch` gives its page a `Response`.
#[tokio::test]
async fn the_minimal_example_signs_in() -> Result<()> {
    run("the_minimal_example_signs_in", Services::Standard, async |env| {
        let issuer = format!("{}/oidc", env.demo().base());
        let app = ExampleApp::minimal(env, &issuer).await?;
        app.sign_in(env, NICKNAME).await?;
        asks(&app, &issuer).await
    })
    .await
}

/// The smallest example signs in at an issuer that is not ours.
#[tokio::test]
async fn the_minimal_example_signs_in_at_a_certified_issuer() -> Result<()> {
    let name = "the_minimal_example_signs_in_at_a_certified_issuer";
    run(name, Services::WithOidcPeer, async |env| {
        let issuer = env.peer()?.base().to_owned();
        let app = ExampleApp::minimal(env, &issuer).await?;
        app.begin(env).await?;
        consents(env).await?;
        app.sees(PERSON).await?;
        asks(&app, &issuer).await
    })
    .await
}

/// A provider that an app defines itself works in its window as a built-in one.
#[tokio::test]
async fn a_provider_of_ones_own_signs_in() -> Result<()> {
    run("a_provider_of_ones_own_signs_in", Services::Standard, async |env| {
        let issuer = format!("{}/oidc", env.demo().base());
        let app = ExampleApp::own_provider(env, &issuer, "http://127.0.0.1:1").await?;
        app.sign_in(env, &format!("{NICKNAME} of Example Company")).await?;
        asks(&app, &issuer).await
    })
    .await
}

/// The same at an issuer that is not ours.
#[tokio::test]
async fn a_provider_of_ones_own_signs_in_at_a_certified_issuer() -> Result<()> {
    let name = "a_provider_of_ones_own_signs_in_at_a_certified_issuer";
    run(name, Services::WithOidcPeer, async |env| {
        let issuer = env.peer()?.base().to_owned();
        let app = ExampleApp::own_provider(env, &issuer, "http://127.0.0.1:1").await?;
        app.begin(env).await?;
        consents(env).await?;
        app.sees(&format!("{PERSON} of Example Company")).await?;
        asks(&app, &issuer).await
    })
    .await
}

/// Name and picture of the page.
const SEEN: &str = r"
const [done] = arguments;
const picture = document.getElementById('picture');
done({ name: document.getElementById('name').textContent, picture: picture.complete && picture.naturalWidth > 0 });
";

/// Notes the response of a provider when the page reads its text. Those of Tauri have another scheme.
const WATCH_RESPONSES: &str = r"
const [done] = arguments;
const read = Response.prototype.text;
Response.prototype.text = async function () {
  const text = await read.call(this);
  if (this.url.startsWith('http:'))
    window.response = {
      url: this.url, status: this.status, statusText: this.statusText, ok: this.ok, used: this.bodyUsed,
      type: this.headers.get('content-type').split(';')[0], cookie: this.headers.get('set-cookie'), token: this.headers.get('authorization'),
    };
  return text;
};
done(true);
";

/// What the page shows of a response.
const ANSWER: &str = r"
const [done] = arguments;
done(document.getElementById('answer').textContent);
";

/// The noted response.
const RESPONSE: &str = r"
const [done] = arguments;
done(window.response ?? null);
";
