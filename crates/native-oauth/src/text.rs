//! Text that comes from outside, made safe to display.

/// Whether a character shows nothing itself but changes how a terminal or a window shows the rest:
/// controls (C0 and C1), line and paragraph separators, marks that set the direction of text,
/// characters without a width, fillers, variation selectors, and tags. U+FE0F is none: it makes emoji of
/// symbols.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0e}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e007f}'
                | '\u{e0100}'..='\u{e01ef}'
        )
}

/// A text without hidden characters.
pub fn sanitized(text: &str) -> String {
    text.chars().filter(|c| !is_hidden(*c)).collect()
}

/// One line of at most `longest` characters, without hidden ones and without space around it.
pub fn line(text: &str, longest: usize) -> String {
    let kept: String = text.chars().filter(|c| !is_hidden(*c)).take(longest).collect();
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S62: characters that control a terminal, change the direction of text or have no width are removed;
    /// letters, accents, emoji and spaces stay.
    #[test]
    fn hidden_characters_go() {
        let hidden = "\0\u{7}\u{1b}\u{7f}\u{9b}\u{85}\n\r\t\u{61c}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2060}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}\u{e0041}";
        assert!(hidden.chars().all(is_hidden));
        assert_eq!(sanitized(&format!("a{hidden}b")), "ab");
        let kept = "하늘 Zoë e\u{301} नमस्ते أحمد 👍🏽 ❤\u{fe0f} O'Neil-Łuk\u{a0}x";
        assert_eq!(sanitized(kept), kept);
    }

    /// S62: what Unicode calls default-ignorable or a filler shows nothing. U+FE0F stays, which makes
    /// emoji of symbols.
    #[test]
    fn characters_without_a_shape_go() {
        let single = ['\u{ad}', '\u{34f}', '\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'];
        let ranges = [
            '\u{17b4}'..='\u{17b5}',
            '\u{180b}'..='\u{180f}',
            '\u{2061}'..='\u{2064}',
            '\u{206a}'..='\u{206f}',
            '\u{fe00}'..='\u{fe0e}',
            '\u{1d173}'..='\u{1d17a}',
            '\u{e0000}'..='\u{e007f}',
            '\u{e0100}'..='\u{e01ef}',
        ];
        for c in single.into_iter().chain(ranges.into_iter().flatten()) {
            assert!(is_hidden(c), "{c:?}");
        }
        assert!(!is_hidden('\u{fe0f}'));
    }

    #[test]
    fn a_line_is_short() {
        assert_eq!(line(" \u{202e}nari\n ", 100), "nari");
        assert_eq!(line(&"x".repeat(10), 3), "xxx");
    }
}
