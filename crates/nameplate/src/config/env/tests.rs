use super::*;

#[test]
fn only_client_variables_are_read() {
    let read =
        parse("# x\nexport DISCORD_CLIENT_ID='1'\nDISCORD_CLIENT_SECRET=\"s\"\nPATH=/evil\n\n")
            .unwrap();
    assert_eq!(read.len(), 2);
    let clients = Clients { dotenv: read, ..Clients::default() };
    let client = client("discord", |name| clients.dotenv.get(name).cloned()).unwrap();
    assert_eq!(client.id, "1");
    assert!(client.secret.is_some());
    assert_eq!(parse("oops").unwrap_err().detail(), Some("line 1: expected NAME=value"));
}

#[test]
fn id_and_secret_come_from_one_source() {
    let only_secret = |name: &str| (name == "DISCORD_CLIENT_SECRET").then(|| "s".to_owned());
    assert!(client("discord", only_secret).is_none());
    assert_eq!(id_variable("my-company"), "MY_COMPANY_CLIENT_ID");
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_noticed() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(".env");
    std::fs::write(&path, "KAKAO_CLIENT_ID=1\n").unwrap();
    for (mode, open) in [(0o644, true), (0o600, false)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(read(&path).unwrap().1, open);
    }
}

#[test]
fn only_a_file_that_is_not_there_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    assert!(read(&dir.path().join(".env")).unwrap().0.is_empty());
    assert_eq!(read(dir.path()).unwrap_err().code(), Code::ConfigUnreadable, "a folder");
    let file = dir.path().join("file");
    std::fs::write(&file, "KAKAO_CLIENT_ID = \"k\"\n# x\nKAKAO_CLIENT_SECRET='s'\n").unwrap();
    let (read, _) = read(&file).unwrap();
    assert_eq!(
        (read["KAKAO_CLIENT_ID"].as_str(), read["KAKAO_CLIENT_SECRET"].as_str()),
        ("k", "s")
    );
    assert_eq!(secret_variable("my-company"), "MY_COMPANY_CLIENT_SECRET");
}

/// An empty value counts as missing.
#[test]
fn an_empty_client_is_none() {
    let of = |id: &str, secret: &str| {
        let dotenv = [("A_B_CLIENT_ID", id), ("A_B_CLIENT_SECRET", secret)];
        let dotenv = dotenv.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Clients { dotenv, ..Clients::default() }
            .of("a-b")
            .map(|client| (client.id, client.secret.is_some()))
    };
    assert_eq!(of("c", "s"), Some(("c".into(), true)));
    assert_eq!(of("c", " "), Some(("c".into(), false)));
    assert_eq!(of(" ", "s"), None);
}
