use super::*;

/// Control characters and excess length are removed from a name.
#[test]
fn a_name_is_only_a_name() {
    let hostile = format!("\u{1b}]0;x\u{7}나리\n{}", "x".repeat(9000));
    let profile =
        Profile { subject: "\u{1}".into(), nickname: Some(hostile), ..Profile::default() };
    let tidy = profile.tidy();
    assert_eq!(tidy.nickname.as_ref().unwrap().chars().count(), MAX_SHOWN_CHARS);
    assert!(tidy.nickname.unwrap().starts_with("]0;x나리x"));
    assert_eq!(tidy.subject, "\u{1}");
}

/// S62: nor is anything else that is shown.
#[test]
fn no_field_steers_a_terminal() {
    let hostile = || Some("a\u{1b}[2J\u{202e}b".to_owned());
    let profile = Profile {
        nickname: hostile(),
        email: hostile(),
        birthday: hostile(),
        gender: hostile(),
        age_range: hostile(),
        phone: hostile(),
        ..Profile::default()
    };
    let Profile { nickname, email, birthday, gender, age_range, phone, .. } = profile.tidy();
    for field in [nickname, email, birthday, gender, age_range, phone] {
        assert_eq!(field.as_deref(), Some("a[2Jb"));
    }
}

/// S62: the subject itself stays exact, and is displayed without hidden characters.
#[test]
fn a_raw_subject_steers_no_terminal() {
    let subject = "\u{1b}]0;root\u{7}\u{9b}2J\u{202e}42\u{200b}";
    let profile = Profile { subject: subject.into(), ..Profile::default() }.tidy();
    assert_eq!(profile.display_name("Kakao"), "Kakao ]0;root2J42");
    assert_eq!(profile.subject, subject);
}

/// S39: an address that is not the one that the provider vouches for is not verified.
#[test]
fn a_changed_address_is_not_verified() {
    let long = format!("{}@b.c", "x".repeat(MAX_SHOWN_CHARS));
    for (email, shown, verified) in [
        ("a@b.c", Some("a@b.c"), true),
        (" a@b.c ", Some("a@b.c"), true),
        ("a\u{200b}@b.c", Some("a@b.c"), false),
        ("\u{202e}a@b.c", Some("a@b.c"), false),
        ("\u{200b}", None, false),
        (&long, Some(&long[..MAX_SHOWN_CHARS]), false),
    ] {
        let profile =
            Profile { email: Some(email.into()), email_verified: true, ..Profile::default() }
                .tidy();
        assert_eq!((profile.email.as_deref(), profile.email_verified), (shown, verified));
    }
}

/// S62: a name of blanks is no name.
#[test]
fn a_blank_name_is_absent() {
    for blank in ["\u{3164}", "\u{ffa0}\u{115f} \u{1160}", "\u{ad}", "\u{e0100}"] {
        let profile = Profile { nickname: Some(blank.into()), ..Profile::default() }.tidy();
        assert_eq!(profile.nickname, None, "{blank:?}");
    }
}

#[test]
fn a_name_is_found_for_everybody() {
    let mut profile = Profile { subject: "42".into(), ..Profile::default() };
    assert_eq!(profile.display_name("Kakao"), "Kakao 42");
    profile.email = Some("nari@example.com".into());
    assert_eq!(profile.display_name("Kakao"), "nari@example.com");
    profile.nickname = Some("  ".into());
    assert_eq!(profile.display_name("Kakao"), "nari@example.com");
    profile.nickname = Some(" 나리 ".into());
    assert_eq!(profile.display_name("Kakao"), "나리");
}
