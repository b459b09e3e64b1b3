//! The command that prints an access token of an account, for a terminal.

use std::path::Path;

/// The command for an account with these names, the last of which is its id; with the folder of a separate home.
///
/// An address comes from a provider: only a name that no shell changes is in the command.
pub fn of(names: &[String], home: Option<&Path>) -> String {
    let name = names.iter().find(|name| is_plain(name)).map_or("", String::as_str);
    match home {
        Some(dir) => {
            format!("nameplate --home {} token {name}", quoted(&dir.display().to_string()))
        }
        None => format!("nameplate token {name}"),
    }
}

/// Whether a shell takes it as it is, and no program takes it for an option.
fn is_plain(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@%+:,./_-".contains(c);
    !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain)
}

/// As one argument, in the quotes of POSIX shells (XCU, section 2.2.2).
fn quoted(text: &str) -> String {
    match is_plain(text) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(names: &[&str], home: Option<&str>) -> String {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        of(&names, home.map(Path::new))
    }

    #[test]
    fn a_command_names_the_account_and_the_home() {
        let names = ["discord:mira@example.com", "discord", "0a1b"];
        assert_eq!(command(&names, None), "nameplate token discord:mira@example.com");
        assert_eq!(command(&["0a1b"], Some("/tmp/x")), "nameplate --home /tmp/x token 0a1b");
        assert_eq!(
            command(&["0a1b"], Some("/tmp/it's mine")),
            r"nameplate --home '/tmp/it'\''s mine' token 0a1b"
        );
    }

    /// What a hostile provider calls an address runs nothing when the command is pasted.
    #[test]
    fn an_address_adds_no_command() {
        for address in
            ["a@b;rm -rf ~", "$(id)@b", "`id`@b", "a@b\nid", "a'@b", "하늘@b", "a b@c", "a@b>x"]
        {
            let names = [&format!("discord:{address}"), address, "0a1b"];
            assert_eq!(command(&names, None), "nameplate token 0a1b", "{address}");
        }
        assert_eq!(command(&["-x@b", "0a1b"], None), "nameplate token 0a1b");
    }
}
