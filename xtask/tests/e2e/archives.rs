//! What is published: the archives of the crates and of the npm package.

use crate::example_apps::{ExampleApp, asks};
use crate::fixture::{NICKNAME, run};
use anyhow::Result;
use xtask::environment::Services;
use xtask::setup::archives::{APP, OutsideApp};

/// The packed plugin, in an app outside of the repository, builds and signs in.
#[tokio::test]
async fn an_app_of_the_archives_signs_in() -> Result<()> {
    run("an_app_of_the_archives_signs_in", Services::Standard, async |env| {
        let _built = tokio::task::spawn_blocking(OutsideApp::build).await??;
        let issuer = format!("{}/oidc", env.demo().base());
        let app = ExampleApp::of_program(env, APP, &issuer).await?;
        app.sign_in(env, NICKNAME).await?;
        asks(&app, &issuer).await
    })
    .await
}
