//! The command line of the app, which takes a deep link and little else.

use crate::start_at_login::IN_BACKGROUND;

/// What a command line asks for instead of a window.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// The usage.
    Help,
    /// The version.
    Version,
}

/// Whether the app was started at login.
pub fn is_in_background() -> bool {
    std::env::args_os().skip(1).eq([IN_BACKGROUND])
}

/// The answer to the arguments after the program, if they are no request for a window.
pub fn answer(arguments: &[String]) -> Option<Answer> {
    match arguments {
        [one] if one == "--help" || one == "-h" => Some(Answer::Help),
        [one] if one == "--version" || one == "-V" => Some(Answer::Version),
        _ => None,
    }
}

impl Answer {
    /// The text to print.
    pub fn text(&self) -> &'static str {
        match self {
            Self::Version => concat!("nameplate-desktop ", env!("CARGO_PKG_VERSION"), "\n"),
            Self::Help => {
                "Sign in once in your browser, use the tokens anywhere.\n\n\
                 Usage: nameplate-desktop [LINK]\n\n\
                 \x20 LINK           What a browser hands over at the end of a sign-in\n\
                 \x20 --background   Start in the tray, where it is turned on\n\
                 \x20 -h, --help     Print this\n\
                 \x20 -V, --version  Print the version\n\n\
                 Environment:\n\
                 \x20 NAMEPLATE_HOME  Keep everything of this run in this folder\n\n\
                 Scripts use the command line program, nameplate.\n"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A link is never taken for an option.
    #[test]
    fn an_option_stands_alone() {
        let answer =
            |given: &[&str]| answer(&given.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(answer(&["--help"]), Some(Answer::Help));
        assert_eq!(answer(&["-V"]), Some(Answer::Version));
        for other in [&[][..], &["app.nameplate.desktop:/open"], &["--help", "x"], &["--other"]] {
            assert_eq!(answer(other), None, "{other:?}");
        }
        assert!(Answer::Version.text().starts_with("nameplate-desktop 0."));
    }
}
