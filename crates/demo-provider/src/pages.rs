//! The pages that a person sees. Plain forms, no script; the style sheet follows the system's light or dark.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};

use crate::answer;
use crate::ask::Language::{self, En, Ko};
use crate::book::{Asked, Preset};
use crate::guilds::GUILDS;
use crate::people::{PEOPLE, Person};
use crate::play::{Play, Scope};

const STYLE: &str = include_str!("pages/style.css");
// No `form-action`: browsers apply it to the redirect after a form too, and would stop the answer to the application.
const CSP: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What an error page of a provider says.
#[derive(Debug)]
pub struct Refusal<'a> {
    /// The provider's code, e.g. `redirect_uri_mismatch` or `KOE006`.
    pub code: &'a str,
    /// The headline, in English and Korean.
    pub title: (&'a str, &'a str),
    /// What went wrong, in English and Korean.
    pub text: (&'a str, &'a str),
}

/// Which time the page for a code is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Nothing was sent yet.
    First,
    /// What was sent is no code that waits.
    Wrong,
}

/// Where a person types the code that an application shows (RFC 8628 §3.3).
pub fn device(language: Language, play: &Play, code: &str, entry: Entry) -> Response {
    let headline = say(language, "Enter the code", "코드 입력");
    let (status, wrong) = match entry {
        Entry::First => (StatusCode::OK, false),
        Entry::Wrong => (StatusCode::NOT_FOUND, true),
    };
    page(
        status,
        language,
        play.name,
        &format!("{headline} · {}", play.label(language)),
        &html! {
            (head(language, play, headline))
            p.text id="hint" { (say(language, "Your application shows it. Type it only if you have just asked for it there.", "앱에 표시된 코드입니다. 방금 앱에서 직접 요청한 경우에만 입력하세요.")) }
            form method="post" action="/device" {
                input type="hidden" name="provider" value=(play.name);
                input.entry name="user_code" value=(code) required autofocus autocomplete="off" autocapitalize="characters" spellcheck="false"
                    maxlength="16" placeholder="XXXX-XXXX" aria-label=(headline) aria-describedby=(if wrong { "wrong" } else { "hint" }) aria-invalid=[wrong.then_some("true")];
                @if wrong {
                    p.code id="wrong" role="alert" { (say(language, "No application waits for this code. It may have expired.", "이 코드를 기다리는 앱이 없습니다. 만료되었을 수 있습니다.")) }
                }
                div.buttons.one { button.loud { (say(language, "Continue", "계속")) } }
            }
        },
    )
}

/// The people one can be.
pub fn login(language: Language, play: &Play, request: &str) -> Response {
    let title = format!("{} · {}", say(language, "Sign in", "로그인"), play.label(language));
    page(
        StatusCode::OK,
        language,
        play.name,
        &title,
        &html! {
            (head(language, play, say(language, "Who would you like to be?", "누구로 로그인할까요?")))
            form method="post" action="/sign-in" {
                input type="hidden" name="request" value=(request);
                ul.people {
                    @for person in &PEOPLE {
                        li {
                            button.person name="person" value=(person.key) {
                                (face(person))
                                span.words {
                                    span.name { (person.shown_name()) }
                                    span.about { (say(language, person.about.0, person.about.1)) }
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
    language: Language,
    play: &Play,
    asked: &Asked,
    request: &str,
    person: &Person,
) -> Option<Response> {
    let title =
        format!("{} · {}", say(language, "Allow access", "접근 허용"), play.label(language));
    let items: Vec<&Scope> = asked
        .scopes
        .iter()
        .filter_map(|id| play.scope(id))
        .filter(|scope| !scope.en.is_empty())
        .collect();
    let question = match language {
        En => format!("{} would like to know", asked.client.name),
        Ko => format!("{} 앱에 제공할 정보", asked.client.name),
    };
    Some(page(
        StatusCode::OK,
        language,
        play.name,
        &title,
        &html! {
            (head(language, play, &question))
            div.chosen { (face(person)) span.words { span.name { (person.shown_name()) } span.about { (person.email.map_or(person.username, |email| email.at(play.name))) } } }
            form method="post" action="/sign-in" {
                input type="hidden" name="request" value=(request);
                input type="hidden" name="person" value=(person.key);
                ul.items { @for scope in &items { (item(language, scope)) } }
                @if asked.scopes.iter().any(|id| id == "bot") { (servers(language, asked.guild)) }
                @if !asked.redirect_uri.is_empty() {
                p.to { (say(language, "The answer goes to", "응답을 받을 주소")) " " code { (asked.redirect_uri) } }
            }
                div.buttons {
                    button.quiet name="decision" value="deny" { (say(language, "Deny", "거부")) }
                    button.loud name="decision" value="allow" { (say(language, "Allow", "허용")) }
                }
            }
        },
    ))
}

/// A refusal that stays on the provider's own page: the application hears nothing.
pub fn refusal(
    status: StatusCode,
    language: Language,
    play: &Play,
    refusal: &Refusal<'_>,
) -> Response {
    let headline = say(language, refusal.title.0, refusal.title.1);
    page(
        status,
        language,
        play.name,
        headline,
        &html! {
            (head(language, play, headline))
            p.text { (say(language, refusal.text.0, refusal.text.1)) }
            p.code { (say(language, "Error", "오류")) " " code { (refusal.code) } }
            p.to { (say(language, "The application is not told. You can close this page.", "앱에는 알려지지 않습니다. 이 페이지를 닫아도 됩니다.")) }
        },
    )
}

/// A form that was sent too late or twice.
pub fn gone(language: Language) -> Response {
    let headline = say(language, "This sign-in is over", "이미 끝난 로그인입니다");
    page(
        StatusCode::GONE,
        language,
        "oidc",
        headline,
        &html! {
            header.top { h1 { (headline) } }
            p.text { (say(language, "It was already decided, or the demo provider was started again. Begin again in the application.", "이미 결정했거나 데모 제공자가 다시 시작되었습니다. 앱에서 다시 시작하세요.")) }
        },
    )
}

/// How a request ends that goes back to no application.
#[derive(Debug, Clone, Copy)]
pub enum Ending {
    /// Discord's bot alone was allowed.
    Done,
    /// A device was allowed: its application learns of it by asking.
    Connected,
    /// The person said no.
    Unchanged,
}

/// The end of a request that goes back to no application.
pub fn done(language: Language, play: &Play, ending: Ending) -> Response {
    let headline = match ending {
        Ending::Done => say(language, "Done", "완료했습니다"),
        Ending::Connected => say(language, "You are signed in", "로그인되었습니다"),
        Ending::Unchanged => say(language, "Nothing was changed", "변경된 것이 없습니다"),
    };
    let text = match ending {
        Ending::Done | Ending::Unchanged => {
            say(language, "You can close this page.", "이 페이지를 닫아도 됩니다.")
        }
        Ending::Connected => say(
            language,
            "The application goes on by itself. You can close this page.",
            "앱에서 자동으로 계속됩니다. 이 페이지를 닫아도 됩니다.",
        ),
    };
    page(
        StatusCode::OK,
        language,
        play.name,
        headline,
        &html! {
            (head(language, play, headline))
            p.text { (text) }
        },
    )
}

/// The style sheet.
pub async fn style() -> Response {
    answer::raw(StatusCode::OK, "text/css; charset=utf-8", STYLE)
}

fn head(language: Language, play: &Play, question: &str) -> Markup {
    html! {
        header.top {
            p.provider {
                span.mark aria-hidden="true" {}
                (play.label(language))
                span.demo { (say(language, "Demo", "데모")) }
            }
            h1 { (question) }
        }
    }
}

fn face(person: &Person) -> Markup {
    html! {
        @if person.colour.is_some() {
            img.face src={ "/demo/people/" (person.key) ".png" } alt="" width="44" height="44";
        } @else {
            span.face.none aria-hidden="true" { (person.shown_name().chars().next().unwrap_or('?').to_uppercase()) }
        }
    }
}

fn item(language: Language, scope: &Scope) -> Markup {
    html! {
        li {
            span { (scope.text(language)) }
            @if scope.optional {
                label.leave { input type="checkbox" name="withhold" value=(scope.id); (say(language, "Leave out", "제외")) }
            }
        }
    }
}

/// Where the bot shall go.
fn servers(language: Language, preset: Preset) -> Markup {
    let first = preset.first();
    let fixed = matches!(preset, Preset::Fixed(_));
    html! {
        label.server {
            span.about { (say(language, "Add to server", "추가할 서버")) }
            select name="guild" disabled[fixed] {
                @for guild in &GUILDS {
                    option value=(guild.id) selected[guild.id == first.id] { (guild.name) }
                }
            }
        }
    }
}

fn page(
    status: StatusCode,
    language: Language,
    provider: &str,
    title: &str,
    body: &Markup,
) -> Response {
    let tag = say(language, "en", "ko");
    let markup = html! {
        (DOCTYPE)
        html lang=(tag) data-provider=(provider) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/style.css";
            }
            body {
                main { (body) }
                footer {
                    strong { (say(language, "Demo provider", "데모 제공자")) }
                    " — "
                    (say(language, "nothing leaves this machine", "이 컴퓨터 밖으로 나가는 것은 없습니다"))
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

fn say<'a>(language: Language, en: &'a str, ko: &'a str) -> &'a str {
    match language {
        En => en,
        Ko => ko,
    }
}
