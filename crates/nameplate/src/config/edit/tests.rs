use super::*;

const EDIT: Edit<'_> = Edit {
    entry: "discord",
    client_id: "new",
    issuer: None,
    label: None,
    redirect_uri: None,
    to_delete: ToDelete::Nothing,
};

/// Comments, order, spaces and other keys stay.
#[test]
fn what_is_not_edited_stays_as_it_was() {
    let text = "# mine\n\n[kakao] # 카카오\nclient_id = 'k'\n\n[discord]\n# the old one\nclient_id   = \"old\" # from March\nscopes = [\n  \"identify\", # no e-mail\n]\n\n[company]\nkind = \"oidc\"\n# end\n";
    let expected = text.replace("\"old\"", "\"new\"");
    assert_eq!(edited(text, &EDIT).unwrap(), expected);
    // Other spellings of a table.
    assert_eq!(
        edited("discord = { client_id = \"old\", method = \"manual\" }\n", &EDIT).unwrap(),
        "discord = { client_id = \"new\", method = \"manual\" }\n"
    );
    assert_eq!(
        edited("discord.client_id = 'old'\n", &EDIT).unwrap(),
        "discord.client_id = \"new\"\n"
    );
}

#[test]
fn a_new_table_comes_last() {
    assert_eq!(edited("", &EDIT).unwrap(), "[discord]\nclient_id = \"new\"\n");
    let text = "[kakao]\nclient_id = \"k\"\n# end\n";
    assert_eq!(edited(text, &EDIT).unwrap(), format!("{text}\n[discord]\nclient_id = \"new\"\n"));
    let oidc = Edit {
        entry: "company",
        issuer: Some("https://id.example.com/"),
        label: Some("Company \"SSO\""),
        ..EDIT
    };
    let written = edited("", &oidc).unwrap();
    assert_eq!(
        written,
        "[company]\nkind = \"oidc\"\nissuer = \"https://id.example.com/\"\nclient_id = \"new\"\nlabel = 'Company \"SSO\"'\n"
    );
}

#[test]
fn what_is_emptied_goes() {
    let text = "[discord]\nclient_id = \"old\"\nclient_secret = \"s3cret\"\nlabel = \"Ours\"\nredirect_uri = \"https://x/discord\"\n";
    let edit =
        Edit { label: Some(""), redirect_uri: Some(" "), to_delete: ToDelete::Secret, ..EDIT };
    assert_eq!(edited(text, &edit).unwrap(), "[discord]\nclient_id = \"new\"\n");
}

/// Another issuer gets no secret, trust or endpoint of the former.
#[test]
fn what_was_the_former_issuers_goes_with_it() {
    let text = "[company]\nkind = \"oidc\"\nissuer = \"https://a.example.com\"\nclient_id = \"old\"\nclient_secret = \"s3cret\"\ndevice_client_id = \"tv\"\ndevice_client_secret = \"s3cret\"\nemail_trusted = true\ntoken_endpoint = \"https://a.example.com/token\"\nscopes = [\"openid\"]\n";
    let edit = Edit {
        entry: "company",
        issuer: Some("https://b.example.com"),
        to_delete: ToDelete::Issuer,
        ..EDIT
    };
    assert_eq!(
        edited(text, &edit).unwrap(),
        "[company]\nkind = \"oidc\"\nissuer = \"https://b.example.com\"\nclient_id = \"new\"\nscopes = [\"openid\"]\n"
    );
}

/// A value is written as a string, whatever it contains.
#[test]
fn a_value_cannot_leave_its_place() {
    let hostile = "x\"\n[google]\nclient_id = \"mine";
    let written =
        edited("[google]\nclient_id = \"theirs\"\n", &Edit { client_id: hostile, ..EDIT });
    let tables = file::parse(&written.unwrap()).unwrap().tables;
    assert_eq!(tables["google"].client().unwrap().id, "theirs");
    assert_eq!(tables["discord"].client().unwrap().id, hostile);
}

#[cfg(unix)]
#[test]
fn the_file_is_private_and_a_link_stays_a_link() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let (real, link) = (dir.path().join("real.toml"), dir.path().join("providers.toml"));
    std::fs::write(&real, "old").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    write(&link, "new").unwrap();
    assert_eq!(std::fs::read_to_string(&real).unwrap(), "new");
    assert!(link.is_symlink());
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left beside it");
    let nowhere = dir.path().join("nowhere/providers.toml");
    assert_eq!(write(&nowhere, "x").unwrap_err().code(), Code::ConfigUnwritable);
}

#[test]
fn only_a_file_that_is_not_there_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(text(&dir.path().join("providers.toml")).unwrap(), "");
    assert_eq!(text(dir.path()).unwrap_err().code(), Code::ConfigUnreadable, "a folder");
    let file = dir.path().join("file");
    std::fs::write(&file, "# mine\n").unwrap();
    assert_eq!(text(&file).unwrap(), "# mine\n");
    std::fs::write(&file, "[discord\n").unwrap();
    assert_eq!(text(&file).unwrap_err().code(), Code::ConfigUnreadable, "no TOML");
}

/// A comment at the end without a line break does not swallow the new table.
#[test]
fn a_comment_at_the_end_keeps_its_line() {
    assert_eq!(edited("# end", &EDIT).unwrap(), "# end\n\n[discord]\nclient_id = \"new\"\n");
}
