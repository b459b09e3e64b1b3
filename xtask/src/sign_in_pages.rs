//! Submits the forms of the demo provider's pages, as a user does in the browser.

use crate::http;
use anyhow::{Context, Result, ensure};
use hyper::StatusCode;
use url::Url;

/// Signs in as haneul and allows; returns the redirect URI with the response.
pub async fn allow(authorize: &str) -> Result<Url> {
    submit(authorize, "haneul", "allow").await
}

/// Signs in and decides; returns the redirect URI with the response.
pub async fn submit(authorize: &str, user: &str, decision: &str) -> Result<Url> {
    let mut url = Url::parse(authorize)?;
    let mut response = http::fetch(authorize, &[]).await?;
    for (name, value) in [("user", user), ("decision", decision)] {
        let page = response.text();
        ensure!(response.status == StatusCode::OK, "{}: {page}", response.status);
        let button = format!("name=\"{name}\" value=\"{value}\"");
        ensure!(page.contains(&button), "no button {name}={value}");
        url = url.join(&attribute(&page, "action")?)?;
        let mut fields = hidden(&page)?;
        fields.push((name.to_owned(), value.to_owned()));
        response = http::post_form(&url, &fields).await?;
    }
    Ok(url.join(&response.location.context("the provider does not redirect")?)?)
}

/// Opens the redirect URI and follows its redirects; returns the URL of the last page.
pub async fn follow(mut url: Url) -> Result<Url> {
    loop {
        let page = http::fetch(url.as_str(), &[]).await?;
        match page.location {
            // The loopback port redirects to a page without a code in its address.
            Some(next) => url = url.join(&next)?,
            None => {
                ensure!(page.status == StatusCode::OK, "{} at the last page", page.status);
                return Ok(url);
            }
        }
    }
}

/// The hidden fields of a page's form.
fn hidden(page: &str) -> Result<Vec<(String, String)>> {
    let inputs = page.split("<input type=\"hidden\"").skip(1);
    inputs.map(|tag| Ok((attribute(tag, "name")?, attribute(tag, "value")?))).collect()
}

fn attribute(html: &str, name: &str) -> Result<String> {
    let value = html.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
    Ok(value.with_context(|| format!("no {name} in the form"))?.0.to_owned())
}
