//! The web stack: FastAPI, fastapi-users and httpx-oauth, as `xtask/bench/web-stack/app.py` puts them together.

use super::programs;
use super::session::Session;
use crate::environment::child_process::ChildProcess;
use crate::environment::until::until;
use crate::{http, project, sign_in_pages};
use anyhow::{Context, Result, ensure};
use hyper::StatusCode;
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::time::Instant;

/// It runs until it is dropped.
pub struct WebStack {
    _running: ChildProcess,
    base: String,
}

impl WebStack {
    /// Starts it with an empty database.
    pub async fn start(session: &Session) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = session.path("web-stack");
        fs::create_dir_all(&folder)?;
        let mut command = session.command(programs::python());
        command.arg(project::root().join("xtask/bench/web-stack/app.py"));
        command.arg(format!("{}/discord", session.demo.base())).arg(port.to_string()).arg(folder);
        let mut running = session.start("web-stack", command)?;
        running.drain();
        let base = format!("http://127.0.0.1:{port}");
        let stack = Self { _running: running, base };
        until("the web stack did not come up", async || Ok(stack.authorize().await.ok())).await?;
        Ok(stack)
    }

    /// Signs a user in who is new to it; milliseconds from the callback to the response.
    pub async fn sign_in(&self, session: &Session, delay: u64) -> Result<f64> {
        let forgotten = http::post_form(&format!("{}/forget", self.base).parse()?, &[]).await?;
        ensure!(forgotten.status == StatusCode::OK, "the web stack does not forget the user");
        let (authorize, cookie) = self.authorize().await?;
        let response = sign_in_pages::allow(&authorize).await?;
        // The demo provider leads to the one path that is registered, fastapi-users listens at another.
        let callback = response.as_str().replace("/callback/discord?", "/discord/callback?");
        session.demo.delay(delay).await?;
        let start = Instant::now();
        let answered = http::fetch(&callback, &[("cookie", &cookie)]).await?;
        let time = start.elapsed();
        session.demo.delay(0).await?;
        ensure!(answered.status == StatusCode::OK, "the web stack: {}", answered.text());
        Ok(time.as_secs_f64() * 1e3)
    }

    /// The address to open, and the cookie that belongs to it.
    async fn authorize(&self) -> Result<(String, String)> {
        let response = http::fetch(&format!("{}/discord/authorize", self.base), &[]).await?;
        let body: Value = serde_json::from_slice(&response.body)?;
        let address = body["authorization_url"].as_str().context("no address")?;
        let cookie = response.cookie.context("no cookie")?;
        let pair = cookie.split(';').next().unwrap_or_default();
        Ok((address.to_owned(), pair.to_owned()))
    }
}
