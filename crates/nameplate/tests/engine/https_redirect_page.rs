//! Responses by way of an https redirect page, which passes them to the deep link.

use nameplate::{Code, RedirectMethod};

use crate::browser::parameters;
use crate::fixture::{Fixture, ask, company, complete};

/// A URL that the demo's issuer accepts and no server has: the tests do what a page would do.
const PAGE: &str = "http://127.0.0.1:9/redirect/company";
const LINK: &str = "app.nameplate.desktop.dev:/callback/company";

async fn fixture() -> Fixture {
    Fixture::with(|demo| format!("{}redirect_uri = \"{PAGE}\"\n", company(demo, "oidc"))).await
}

/// U8: a configured page is preferred; request and exchange have its URL, and the response is the
/// deep link that it opens.
#[tokio::test]
async fn a_response_comes_back_by_a_page_of_ones_own() {
    let fixture = fixture().await;
    let begun = fixture.begin("company", RedirectMethod::HttpsPage).await;
    assert_eq!(begun.redirect_uri, PAGE);
    assert_eq!(parameters(&begun.url)["redirect_uri"], PAGE);
    let shown = fixture.state();
    assert_eq!(shown.signing_in.unwrap().methods[0], RedirectMethod::HttpsPage.into());
    let registered = &shown.providers.iter().find(|card| card.id == "company").unwrap();
    assert_eq!(registered.redirect_uris[0], PAGE);
    let response = fixture.grant(&begun).await;
    let handed_over = response.replacen(PAGE, LINK, 1);
    assert!(handed_over.starts_with(LINK));
    complete(&fixture.nameplate, &handed_over).await.unwrap();
}

/// N3: if the page cannot open the program, its URL has the response.
#[tokio::test]
async fn the_address_of_the_page_can_be_pasted() {
    let fixture = fixture().await;
    let begun = fixture.begin("company", RedirectMethod::HttpsPage).await;
    assert!(fixture.state().signing_in.unwrap().paste);
    let response = fixture.grant(&begun).await;
    complete(&fixture.nameplate, &response).await.unwrap();
}

/// S7: only the page and the deep link of this provider.
#[tokio::test]
async fn a_response_from_elsewhere_is_not_taken() {
    let fixture = fixture().await;
    let begun = fixture.begin("company", RedirectMethod::HttpsPage).await;
    let response = fixture.grant(&begun).await;
    for elsewhere in [
        "https://127.0.0.1:9/redirect/company",
        "http://127.0.0.1:9/redirect/company/",
        "http://127.0.0.1:9/redirect/discord",
        "http://localhost:9/redirect/company",
        "http://127.0.0.1:9/callback/company",
        "app.nameplate.desktop.dev:/callback/discord",
        "app.nameplate.desktop:/callback/company",
    ] {
        let sent = response.replacen(PAGE, elsewhere, 1);
        let refused = complete(&fixture.nameplate, &sent).await.unwrap_err();
        assert_eq!(refused.code(), Code::WrongRedirect, "{elsewhere}");
    }
    // An attempt by deep link is not answered by the page.
    let link = fixture.begin("company", RedirectMethod::DeepLink).await;
    let sent = fixture.grant(&link).await.replacen(LINK, PAGE, 1);
    let refused = complete(&fixture.nameplate, &sent).await.unwrap_err();
    assert_eq!(refused.code(), Code::WrongRedirect);
    complete(&fixture.nameplate, &response).await.unwrap();
}

/// Without a page there is no such method.
#[tokio::test]
async fn without_a_page_there_is_no_way_over_one() {
    let fixture = Fixture::new().await;
    for provider in ["company", "discord"] {
        let refused = fixture
            .nameplate
            .sign_ins()
            .begin(ask(provider, RedirectMethod::HttpsPage))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::MethodRefused, "{provider}");
    }
}
