//! The pages: plain forms without scripts, in light and dark, in English and Korean.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};

use crate::grants::AuthorizationRequest;
use crate::language::{Language, Text};
use crate::provider::{ErrorPage, Request, Scope};
use crate::response;
use crate::users::{USERS, User};

const STYLE: &str = include_str!("pages/style.css");
// Without `form-action`: browsers apply it to the redirect after a form too, which would stop the response to the
// application.
const CSP: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Whether the page for a user code is shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    First,
    /// No request waits for the code that was entered.
    Wrong,
}

/// How a request ends that has no redirect URI.
#[derive(Debug, Clone, Copy)]
pub enum Ending {
    Done,
    /// A device was allowed; its application learns it by polling.
    Connected,
    Unchanged,
}

/// Where the user enters the code of a device (RFC 8628 §3.3).
pub fn enter_code(request: &Request, code: &str, entry: Entry) -> Response {
    let language = request.language();
    let headline = language.of(("Enter the code", "코드 입력"));
    let wrong = entry == Entry::Wrong;
    let status = if wrong { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let hint = (
        "Your application shows it. Type it only if you have just asked for it there.",
        "앱에 표시된 코드입니다. 방금 앱에서 직접 요청한 경우에만 입력하세요.",
    );
    let error = (
        "No application waits for this code. It may have expired.",
        "이 코드를 기다리는 앱이 없습니다. 만료되었을 수 있습니다.",
    );
    page(
        request,
        status,
        &titled(request, headline),
        &html! {
            (heading(request, headline))
            p.text id="hint" { (language.of(hint)) }
            form method="post" action=(request.path) {
                input.entry name="user_code" value=(code) required autofocus autocomplete="off" autocapitalize="characters" spellcheck="false"
                    maxlength="16" placeholder="XXXX-XXXX" aria-label=(headline) aria-describedby=(if wrong { "wrong" } else { "hint" }) aria-invalid=[wrong.then_some("true")];
                @if wrong {
                    p.code id="wrong" role="alert" { (language.of(error)) }
                }
                div.buttons.one { button.loud { (language.of(("Continue", "계속"))) } }
            }
        },
    )
}

/// The users that one can sign in as.
pub fn login(request: &Request, id: &str) -> Response {
    let language = request.language();
    page(
        request,
        StatusCode::OK,
        &titled(request, language.of(("Sign in", "로그인"))),
        &html! {
            (heading(request, language.of(("Who would you like to be?", "누구로 로그인할까요?"))))
            form method="post" action=(sign_in(request)) {
                input type="hidden" name="request" value=(id);
                ul.users {
                    @for user in &USERS {
                        li {
                            button.user name="user" value=(user.key) {
                                (face(user))
                                span.words {
                                    span.name { (user.shown_name()) }
                                    span.about { (language.of(user.about)) }
                                }
                                span.arrow aria-hidden="true" {}
                            }
                        }
                    }
                }
            }
        },
    )
}

/// What the application asks for.
pub fn consent(
    request: &Request,
    pending: &AuthorizationRequest,
    id: &str,
    user: &User,
) -> Response {
    let (language, provider) = (request.language(), request.provider);
    let scopes = pending.scopes.iter().filter_map(|id| provider.scope(id));
    let scopes: Vec<&Scope> = scopes.filter(|scope| !scope.text.0.is_empty()).collect();
    let address = user.email.as_ref().map_or(user.username, provider.address);
    let selection = provider.authorization.selection;
    let question = ("Nameplate would like to know", "Nameplate 앱에 제공할 정보");
    page(
        request,
        StatusCode::OK,
        &titled(request, language.of(("Allow access", "접근 허용"))),
        &html! {
            (heading(request, language.of(question)))
            div.chosen { (face(user)) span.words { span.name { (user.shown_name()) } span.about { (address) } } }
            form method="post" action=(sign_in(request)) {
                input type="hidden" name="request" value=(id);
                input type="hidden" name="user" value=(user.key);
                ul.items { @for scope in scopes { (item(language, scope)) } }
                @if let Some(control) = selection.and_then(|selection| (selection.control)(language, pending)) { (control) }
                @if !pending.redirect_uri.is_empty() {
                    p.to { (language.of(("The response goes to", "응답을 받을 주소"))) " " code { (pending.redirect_uri) } }
                }
                div.buttons {
                    button.quiet name="decision" value="deny" { (language.of(("Deny", "거부"))) }
                    button.loud name="decision" value="allow" { (language.of(("Allow", "허용"))) }
                }
            }
        },
    )
}

/// An error that the application is not told of.
pub fn error(request: &Request, error: &ErrorPage) -> Response {
    let language = request.language();
    let headline = language.of(request.provider.authorization.page_title);
    let hint = (
        "The application is not told. You can close this page.",
        "앱에는 알려지지 않습니다. 이 페이지를 닫아도 됩니다.",
    );
    page(
        request,
        error.status,
        headline,
        &html! {
            (heading(request, headline))
            p.text { (error.text) }
            p.code { (language.of(("Error", "오류"))) " " code { (error.code) } }
            p.to { (language.of(hint)) }
        },
    )
}

/// A form that was sent too late or twice.
pub fn gone(request: &Request) -> Response {
    let text = (
        "It was already decided, or the demo provider was started again. Begin again in the application.",
        "이미 결정했거나 데모 제공자가 다시 시작되었습니다. 앱에서 다시 시작하세요.",
    );
    notice(request, StatusCode::GONE, ("This sign-in is over", "이미 끝난 로그인입니다"), text)
}

/// The end of a request that has no redirect URI.
pub fn end(request: &Request, ending: Ending) -> Response {
    let close = ("You can close this page.", "이 페이지를 닫아도 됩니다.");
    let continues = (
        "The application goes on by itself. You can close this page.",
        "앱에서 자동으로 계속됩니다. 이 페이지를 닫아도 됩니다.",
    );
    let (headline, text) = match ending {
        Ending::Done => (("Done", "완료했습니다"), close),
        Ending::Connected => (("You are signed in", "로그인되었습니다"), continues),
        Ending::Unchanged => (("Nothing was changed", "변경된 것이 없습니다"), close),
    };
    notice(request, StatusCode::OK, headline, text)
}

fn notice(request: &Request, status: StatusCode, headline: Text, text: Text) -> Response {
    let language = request.language();
    let headline = language.of(headline);
    let body = html! { (heading(request, headline)) p.text { (language.of(text)) } };
    page(request, status, headline, &body)
}

/// The style sheet, with the provider's colours.
pub async fn style(request: Request) -> Response {
    let (colours, dark) = request.provider.colours;
    let sheet = format!(
        "{STYLE}:root {{ {colours} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    );
    response::raw(200, "text/css; charset=utf-8", sheet)
}

fn sign_in(request: &Request) -> String {
    format!("/{}/sign-in", request.provider.name)
}

fn titled(request: &Request, headline: &str) -> String {
    format!("{headline} · {}", request.language().of(request.provider.label))
}

fn heading(request: &Request, headline: &str) -> Markup {
    let language = request.language();
    html! {
        header.top {
            p.provider {
                span.mark aria-hidden="true" {}
                (language.of(request.provider.label))
                span.demo { (language.of(("Demo", "데모"))) }
            }
            h1 { (headline) }
        }
    }
}

fn face(user: &User) -> Markup {
    html! {
        @if user.colour.is_some() {
            img.face src={ "/demo/users/" (user.key) ".png" } alt="" width="44" height="44";
        } @else {
            span.face.none aria-hidden="true" { (user.shown_name().chars().next().unwrap_or('?').to_uppercase()) }
        }
    }
}

fn item(language: Language, scope: &Scope) -> Markup {
    html! {
        li {
            span { (language.of(scope.text)) }
            @if scope.optional {
                label.leave { input type="checkbox" name="withhold" value=(scope.id); (language.of(("Leave out", "제외"))) }
            }
        }
    }
}

fn page(request: &Request, status: StatusCode, title: &str, body: &Markup) -> Response {
    let language = request.language();
    let name = request.provider.name;
    let markup = html! {
        (DOCTYPE)
        html lang=(language.of(("en", "ko"))) data-provider=(name) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href={ "/" (name) "/style.css" };
            }
            body {
                main { (body) }
                footer {
                    strong { (language.of(("Demo provider", "데모 제공자"))) }
                    " — "
                    (language.of(("nothing leaves this machine", "이 컴퓨터 밖으로 나가는 것은 없습니다")))
                }
            }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, markup.into_string()).into_response()
}
