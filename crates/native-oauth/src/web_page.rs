//! A web page in the place of a response: its text, without tags and scripts.

/// What a user would see of a page or a text: no tags, no scripts, no runs of blanks.
pub(crate) fn visible(text: &str) -> String {
    if !is_page(text.as_bytes()) {
        return text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let mut seen = String::new();
    let mut left = text;
    while let Some((before, tag)) = left.split_once('<') {
        seen.push_str(before);
        seen.push(' ');
        let tag_name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
        let end = match tag_name.to_ascii_lowercase().as_str() {
            "script" => find_ignoring_case(tag, "</script"),
            "style" => find_ignoring_case(tag, "</style"),
            _ => Some(0),
        };
        let tag = end.map_or("", |end| &tag[end..]);
        left = tag.split_once('>').map_or("", |(_, after)| after);
    }
    seen.push_str(left);
    let seen = seen.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">");
    seen.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    // Without a copy of the rest, which would take quadratic time for a page of many tags.
    text.as_bytes()
        .windows(wanted.len())
        .position(|part| part.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// Whether a body is a web page.
pub(crate) fn is_page(body: &[u8]) -> bool {
    let start = body.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(body.len());
    let start = &body[start..];
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.first() == Some(&b'<')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_shown_without_tags_and_scripts() {
        for (text, shown) in [
            ("plain  text\n <b>", "plain text <b>"),
            ("  <p>Sign&nbsp;in &lt;here&gt;</p>\n", "Sign in <here>"),
            ("<title>A &amp;lt; B</title><SCRIPT>x < y</Script><p>C", "A &lt; B C"),
            ("<style>p {}</style><p>A&quot;&#39;</p>", "A\"'"),
            ("<script>never closed", ""),
            ("<p>a<", "a"),
        ] {
            assert_eq!(visible(text), shown, "{text}");
        }
        assert!(is_page(b" \n<html>") && is_page(b"\xef\xbb\xbf<html>"));
        assert!(!is_page(b"{}") && !is_page(b"") && !is_page(b"a <b>"));
    }
}
