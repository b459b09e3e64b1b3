use std::collections::BTreeSet;

use native_oauth::provider::{BUILT_IN, OIDC};

use super::*;

/// Every error code has a message and a next step in both languages.
#[test]
fn every_code_has_words_in_both_languages() {
    for code in Code::ALL {
        for language in [Language::Ko, Language::En] {
            let sentence = messages(language)
                .errors
                .get(code)
                .unwrap_or_else(|| panic!("{code} in {language:?}"));
            assert!(!sentence.say.is_empty() && !sentence.next.is_empty());
        }
    }
    assert_eq!(KO.errors.len(), Code::ALL.len());
    assert_eq!(EN.errors.len(), Code::ALL.len());
    assert!(KO.command.keys().eq(EN.command.keys()));
    assert!(KO.doctor.keys().eq(EN.doctor.keys()));
    for texts in [&KO, &EN] {
        let known = |id: &String| BUILT_IN.iter().any(|provider| provider.id == id);
        assert!(texts.labels.keys().all(known), "{:?}", texts.labels);
    }
    let extras = BUILT_IN.iter().filter_map(|provider| provider.extra_grant);
    for permission in extras.flat_map(|extra| extra.permissions) {
        let known = |texts: &Messages| texts.bot.contains_key(permission.name);
        assert!(known(&KO) && known(&EN), "{}", permission.name);
    }
}

/// A program that embeds the engine is called by its own name. The command line's own names, and the
/// documents of this project, stay.
#[test]
fn errors_and_steps_name_the_embedding_program() {
    for language in [Language::Ko, Language::En] {
        let texts = messages(language);
        for code in Code::ALL {
            let Problem { message, next, .. } = texts.problem("Notes", &Error::new(*code), None);
            let text = format!("{message} {next}");
            let names_a_command = matches!(code, Code::UnknownProvider | Code::UnknownAccount);
            let ours = text.to_ascii_lowercase().contains("nameplate");
            assert!(ours == names_a_command && !text.contains("{app}"), "{text}");
        }
    }
    let text = messages(Language::En).step("Notes", "discord_public");
    assert!(text.contains("Notes") && !text.contains("Nameplate"), "{text}");
}

/// Where a refusal is about scopes, the next step names the key of `providers.toml`.
#[test]
fn a_refused_scope_is_found_in_the_file() {
    for code in
        [Code::ScopeNotSetUp, Code::IdTokenMissing, Code::ProfileRefused, Code::KeychainTooLong]
    {
        for language in [Language::Ko, Language::En] {
            let next = &messages(language).errors[&code].next;
            assert!(next.contains("providers.toml") && next.contains("scopes"), "{next}");
        }
    }
}

/// Every step of a provider has a message in both languages, and every message is used.
#[test]
fn every_step_has_words_in_both_languages() {
    let providers = BUILT_IN.iter().copied().chain([&OIDC]);
    let used: BTreeSet<_> = providers.clone().flat_map(|one| one.set_up.steps).collect();
    for texts in [&KO, &EN] {
        assert!(texts.steps.keys().map(String::as_str).eq(used.iter().map(|key| **key)));
        assert!(texts.steps.values().all(|step| step.ends_with('.')));
    }
    let registers_itself = |one: &&native_oauth::Provider| one.set_up.steps.is_empty();
    for provider in providers.filter(|one| !registers_itself(one)) {
        assert!(provider.set_up.steps.len() > 1, "{}", provider.id);
    }
}

/// No text of the page has a placeholder left or a name that is not the program's, and a terminal is
/// not called by it.
#[test]
fn the_page_says_where_to_go_on() {
    for language in [Language::Ko, Language::En] {
        let app = messages(language).page(ReturnTo::App, "Notes");
        let terminal = messages(language).page(ReturnTo::Terminal, "Notes");
        assert!(app.signed_in.text.contains("Notes"), "{}", app.signed_in.text);
        assert_eq!(app.program, "Notes");
        assert!(app.back.contains("Notes") && app.note.contains("Notes"), "{app:?}");
        for page in [&terminal.signed_in, &terminal.failed, &terminal.unknown] {
            assert!(!page.text.contains("Notes") && !page.text.contains('{'), "{}", page.text);
        }
        assert_eq!(app.signed_in_as.matches("{name}").count(), 1);
        let all = format!("{app:?}{terminal:?}");
        assert!(!["{place}", "{app}", "Nameplate"].iter().any(|part| all.contains(part)));
    }
}

#[test]
fn the_provider_is_named() {
    let error = Error::new(Code::AccessDenied).at("company").with_detail("no thanks");
    let problem = messages(Language::En).problem("Notes", &error, Some("Company SSO"));
    assert_eq!(problem.message, "Access was declined at Company SSO.");
    assert_eq!(problem.detail.as_deref(), Some("no thanks"));
    assert_eq!(problem.remedies, [Remedy::TryAgain]);
}
