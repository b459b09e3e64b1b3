//! The command line of the app, which takes a deep link and little else.

use nameplate::text;

use crate::start_at_login::IN_BACKGROUND;

const USAGE: &str = "Usage: nameplate-desktop [--background | LINK]";

const OPTIONS: [&str; 5] = [IN_BACKGROUND, "--help", "-h", "--version", "-V"];

/// Of an argument in a message, in characters.
const LONGEST_SHOWN: usize = 60;

/// What a command line asks for instead of a window.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// The usage.
    Help,
    /// The version.
    Version,
    /// This option is unknown, or must be the only argument.
    Unknown(String),
}

/// Whether the app was started at login.
pub fn is_in_background() -> bool {
    std::env::args_os().skip(1).eq([IN_BACKGROUND])
}

/// The answer to the arguments after the program, if they are no request for a window. What comes with a link is
/// not judged here: the plugin takes a link that is the only argument, and no other.
pub fn answer(arguments: &[String], scheme: &str) -> Option<Answer> {
    // A development build has a scheme that begins with that of the installed program.
    let is_link = |argument: &String| argument.starts_with(scheme);
    match arguments {
        [one] if one == IN_BACKGROUND => None,
        [one] if one == "--help" || one == "-h" => Some(Answer::Help),
        [one] if one == "--version" || one == "-V" => Some(Answer::Version),
        several if several.iter().any(is_link) => None,
        several => {
            let mut options = several.iter().filter(|argument| argument.starts_with('-'));
            let first = options.clone().next();
            let option = options.find(|option| !OPTIONS.contains(&option.as_str())).or(first);
            option.map(|option| Answer::Unknown(text::line(option, LONGEST_SHOWN)))
        }
    }
}

impl Answer {
    /// The text to print.
    pub fn text(&self) -> String {
        match self {
            Self::Version => {
                concat!("nameplate-desktop ", env!("CARGO_PKG_VERSION"), "\n").to_owned()
            }
            Self::Help => format!(
                "Sign in once in your browser, use the tokens anywhere.\n\n\
                 {USAGE}\n\n\
                 \x20 LINK           What a browser hands over at the end of a sign-in\n\
                 \x20 --background   Start in the tray, where it is turned on\n\
                 \x20 -h, --help     Print this\n\
                 \x20 -V, --version  Print the version\n\n\
                 Environment:\n\
                 \x20 NAMEPLATE_HOME  Keep everything of this run in this folder\n\n\
                 Scripts use the command line program, nameplate.\n"
            ),
            Self::Unknown(option) => format!(
                "nameplate-desktop: unexpected argument '{option}'\n\n\
                 {USAGE}\n\n\
                 For more information, try '--help'. Sign-ins and tokens in a terminal: nameplate --help\n"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(given: &[&str]) -> Option<Answer> {
        let given: Vec<_> = given.iter().map(ToString::to_string).collect();
        answer(&given, "app.nameplate.desktop")
    }

    /// A link is never taken for an option, and what comes with it is the plugin's to ignore.
    #[test]
    fn an_option_stands_alone() {
        const LINK: &str = "app.nameplate.desktop:/open";
        assert_eq!(of(&["--help"]), Some(Answer::Help));
        assert_eq!(of(&["-V"]), Some(Answer::Version));
        for other in [
            &[][..],
            &["--background"],
            &[LINK],
            &[LINK, "--other"],
            &["--other", LINK],
            &["", LINK],
        ] {
            assert_eq!(of(other), None, "{other:?}");
        }
        assert!(Answer::Version.text().starts_with("nameplate-desktop 0."));
    }

    /// An option that is not known is not ignored: `--home DIR` would open another home than the one that was
    /// asked for.
    #[test]
    fn an_unknown_option_is_refused() {
        for (given, named) in [
            (&["--home", "/tmp/x"][..], "--home"),
            (&["--other"], "--other"),
            (&["--help", "x"], "--help"),
            (&["--background", "-q"], "-q"),
        ] {
            assert_eq!(of(given), Some(Answer::Unknown(named.to_owned())), "{given:?}");
        }
        let text = Answer::Unknown("--home".to_owned()).text();
        assert!(text.contains("'--home'") && text.contains("Usage: nameplate-desktop"), "{text}");
        assert_eq!(of(&["--a\u{1b}[2J"]), Some(Answer::Unknown("--a[2J".to_owned())));
    }
}
