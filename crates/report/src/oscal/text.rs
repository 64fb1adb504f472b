//! Text as OSCAL has it: strings of one line, Markdown in which nothing from outside is markup, references that are URIs,
//! names that are tokens.

use std::fmt::Write;

use crate::text::printable;

/// A string of one line that is not empty and has no blanks at its ends.
pub(super) fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = printable(&words.join(" "));
    let line = line.trim();
    if line.is_empty() {
        "-".to_owned()
    } else {
        line.to_owned()
    }
}

/// A line of Markdown that says what the text says.
pub(super) fn markup(text: &str) -> String {
    let mut escaped = String::new();
    for character in line(text).chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '<' | '>' | '[' | ']' | '~' | '^'
        ) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// A path as a reference to a file: a relative one stays relative.
pub(super) fn file_reference(path: &str) -> String {
    let mut reference = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            reference.push(char::from(byte));
        } else {
            let _ = write!(reference, "%{byte:02X}");
        }
    }
    // Two slashes at the start would name a host.
    if reference.starts_with("//") {
        reference.insert_str(0, "/.");
    }
    reference
}

/// The id of a requirement as a token. NIST's own catalogue writes `AC-6(1)` as `ac-6.1`; other frameworks have no ids in
/// OSCAL, so theirs are prefixed by the framework's.
pub(super) fn control_id(framework: &str, requirement: &str) -> String {
    let is_nist = framework == "nist-800-53";
    let mut id = if is_nist {
        String::new()
    } else {
        format!("{framework}-")
    };
    let mut gap = false;
    for character in requirement.chars() {
        if character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_') {
            if gap && !id.ends_with('-') {
                id.push(if is_nist { '.' } else { '-' });
            }
            gap = false;
            id.push(character.to_ascii_lowercase());
        } else {
            gap = true;
        }
    }
    id
}

/// The id of a requirement's objective, which a finding is about.
pub(super) fn objective_id(framework: &str, requirement: &str) -> String {
    format!("{}_obj", control_id(framework, requirement))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_tokens() {
        for (framework, requirement, token) in [
            ("nist-800-53", "AC-6", "ac-6"),
            ("nist-800-53", "AC-6(1)", "ac-6.1"),
            ("hipaa", "164.312(a)(1)", "hipaa-164.312-a-1"),
            ("hipaa", "164.308(a)(1)(ii)(B)", "hipaa-164.308-a-1-ii-b"),
            ("pss-baseline", "privileged", "pss-baseline-privileged"),
        ] {
            assert_eq!(control_id(framework, requirement), token);
        }
    }

    #[test]
    fn text_from_outside_is_no_markup() {
        assert_eq!(line("  a\n b\u{7}\t"), "a b\\u{7}");
        assert_eq!(line(" \n"), "-");
        assert_eq!(markup("a[0] <b> *c*"), "a\\[0\\] \\<b\\> \\*c\\*");
    }

    #[test]
    fn paths_are_references() {
        assert_eq!(file_reference("deploy/web.yaml"), "deploy/web.yaml");
        assert_eq!(file_reference("a b:ü#?.yaml"), "a%20b%3A%C3%BC%23%3F.yaml");
        assert_eq!(file_reference("//host/x"), "/.//host/x");
    }
}
