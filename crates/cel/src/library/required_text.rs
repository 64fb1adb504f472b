//! Texts of which a match of a regular expression holds at least one: where a text holds none of them there is no match,
//! and the pattern need not be compiled, which takes a thousand times as long.
//!
//! Only what is plain to see is read. Of a pattern with anything else in it nothing is said, and so of every pattern
//! that is not certain to be a regular expression: that is told when it is compiled.

/// What a match holds.
#[derive(Debug)]
pub(super) struct Required {
    /// One of these, in capitals or not; with none of them, nothing is known.
    one_of: Vec<String>,
}

/// How deep groups may lie in each other.
const DEEPEST: usize = 20;

/// A pattern of more bytes may be too large when it is compiled.
const LONGEST: usize = 1_000;

/// A text of more bytes is left to the regular expression, which is the faster way then.
const LONG_TEXT: usize = 1_000;

impl Required {
    /// What a match of a pattern in Go's syntax holds.
    pub(super) fn by(pattern: &str) -> Required {
        let mut reader = Reader {
            rest: pattern.as_bytes(),
            depth: 0,
        };
        let one_of = reader
            .alternatives()
            .filter(|_| reader.rest.is_empty() && pattern.len() <= LONGEST)
            .unwrap_or_default();
        Required { one_of }
    }

    /// Whether a text may have a match in it.
    pub(super) fn may_match(&self, text: &str) -> bool {
        // Without regard to capitals, some other letters are those of ASCII.
        self.one_of.is_empty()
            || text.len() > LONG_TEXT
            || !text.is_ascii()
            || self.one_of.iter().any(|part| holds(text, part))
    }
}

/// Whether a text holds another, in capitals or not.
fn holds(text: &str, part: &str) -> bool {
    text.as_bytes()
        .windows(part.len())
        .any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// The one of two that says more: nothing is no answer, and short texts are found everywhere.
fn better(one: Vec<String>, other: Vec<String>) -> Vec<String> {
    let shortest = |texts: &[String]| texts.iter().map(String::len).min().unwrap_or(0);
    if shortest(&other) > shortest(&one) {
        other
    } else {
        one
    }
}

/// What a part of a pattern takes.
enum Atom {
    /// This character.
    Character(u8),
    /// No characters: it can be no operand of a repetition.
    Place,
    /// Something of which this is known.
    Other(Vec<String>),
}

/// Reads a pattern. What it cannot say anything of gives `None`.
struct Reader<'p> {
    rest: &'p [u8],
    depth: usize,
}

impl Reader<'_> {
    /// `a|b|c`
    fn alternatives(&mut self) -> Option<Vec<String>> {
        let mut one_of = Vec::new();
        let mut all_known = true;
        loop {
            let of_this = self.sequence()?;
            all_known &= !of_this.is_empty();
            one_of.extend(of_this);
            if !self.eat(b"|") {
                return Some(if all_known { one_of } else { Vec::new() });
            }
        }
    }

    /// What stands between bars.
    fn sequence(&mut self) -> Option<Vec<String>> {
        let mut best = Vec::new();
        let mut run = String::new();
        while !matches!(self.rest.first(), None | Some(b'|' | b')')) {
            let atom = self.atom()?;
            let (may_be_missing, is_repeated) = self.repetition(&atom)?;
            match atom {
                Atom::Character(character) if !may_be_missing => {
                    run.push(char::from(character));
                    if !is_repeated {
                        continue;
                    }
                }
                Atom::Other(one_of) if !may_be_missing => best = better(best, one_of),
                _ => {}
            }
            best = better(best, vec![std::mem::take(&mut run)]);
        }
        Some(better(best, vec![run]))
    }

    fn atom(&mut self) -> Option<Atom> {
        let first = self.next()?;
        Some(match first {
            b'^' | b'$' => Atom::Place,
            b'.' => Atom::Other(Vec::new()),
            b'[' => {
                self.class()?;
                Atom::Other(Vec::new())
            }
            b'(' => self.group()?,
            b'\\' => self.escape()?,
            b' ' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => Atom::Character(first),
            _ if b"-_/:@,;=<>!~#%&'\"`".contains(&first) => Atom::Character(first),
            _ => return None,
        })
    }

    /// What comes after an opening parenthesis.
    fn group(&mut self) -> Option<Atom> {
        let sets_flags = [&b"?i)"[..], b"?s)", b"?m)", b"?is)"];
        if sets_flags.into_iter().any(|flags| self.eat(flags)) {
            return Some(Atom::Place);
        }
        if self.rest.first() == Some(&b'?') && !self.eat(b"?:") || self.depth == DEEPEST {
            return None;
        }
        self.depth += 1;
        let one_of = self.alternatives()?;
        self.depth -= 1;
        self.eat(b")").then_some(Atom::Other(one_of))
    }

    /// What comes after a backslash.
    fn escape(&mut self) -> Option<Atom> {
        let escaped = self.next()?;
        Some(match escaped {
            b'b' | b'B' => Atom::Place,
            b'd' | b'D' | b's' | b'S' | b'w' | b'W' | b'n' | b't' => Atom::Other(Vec::new()),
            b'x' => Atom::Character(self.hexadecimal()?),
            _ if escaped.is_ascii_punctuation() => Atom::Character(escaped),
            _ => return None,
        })
    }

    /// A character of ASCII by two digits.
    fn hexadecimal(&mut self) -> Option<u8> {
        let mut digit = || char::from(self.next()?).to_digit(16);
        let number = 16 * digit()? + digit()?;
        u8::try_from(number).ok().filter(u8::is_ascii)
    }

    /// What comes after an opening bracket.
    fn class(&mut self) -> Option<()> {
        self.eat(b"^");
        let mut is_empty = true;
        while is_empty || !self.eat(b"]") {
            is_empty = false;
            let first = self.next()?;
            let is_range = self.rest.first() == Some(&b'-') && self.rest.get(1) != Some(&b']');
            match first {
                b'\\' => match self.next()? {
                    b'x' => {
                        self.hexadecimal()?;
                    }
                    b'd' | b'D' | b's' | b'S' | b'w' | b'W' | b'n' | b't' => {}
                    escaped if escaped.is_ascii_punctuation() => {}
                    _ => return None,
                },
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' if is_range => {
                    self.next()?;
                    let last = self.next()?;
                    if !last.is_ascii_alphanumeric() || last < first {
                        return None;
                    }
                    continue;
                }
                // These begin something else.
                b'[' | b']' => return None,
                b'&' | b'~' if self.rest.first() == Some(&first) => return None,
                b' '..=b'~' => {}
                _ => return None,
            }
            // What a range of these would mean need not be known.
            if self.rest.first() == Some(&b'-') && self.rest.get(1) != Some(&b']') {
                return None;
            }
        }
        Some(())
    }

    /// Whether what was read may be missing, and whether it may come again.
    fn repetition(&mut self, atom: &Atom) -> Option<(bool, bool)> {
        let found = match self.rest.first() {
            Some(b'*') => (true, true),
            Some(b'?') => (true, false),
            Some(b'+') => (false, true),
            // How often may make it too large a pattern.
            Some(b'{' | b'}') => return None,
            _ => return Some((false, false)),
        };
        self.next();
        self.eat(b"?");
        let is_repeated_again = matches!(self.rest.first(), Some(b'*' | b'+' | b'?' | b'{'));
        let is_place = matches!(atom, Atom::Place);
        (!is_place && !is_repeated_again).then_some(found)
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn eat(&mut self, text: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::regex::compile;
    use super::*;

    #[test]
    fn what_a_match_holds_is_found() {
        for (pattern, one_of) in [
            ("(^|/)docker(:|@|$)", &["docker"][..]),
            ("(?i)abc+d?e", &["abc"]),
            ("ab*c", &["a"]),
            (r"\b(curl|wget)\b[^;\n]*\|", &["curl", "wget"]),
            (r"(?is)('|\x60)x(sh|bash)?", &["'", "`"]),
            (r"a\.b[.]cd|ef", &["a.b", "ef"]),
            ("a|b*", &[]),
            ("(abc)?", &[]),
            ("[^/:@]+:[^/]+$", &[":"]),
            // Too much for it, or no regular expression.
            ("a{2}", &[]),
            ("abc(", &[]),
            ("abc)", &[]),
            ("abc[z-a]", &[]),
            ("abc**", &[]),
            ("abc^*", &[]),
            (r"abc\pL", &[]),
            ("abc(?<!d)", &[]),
        ] {
            assert_eq!(Required::by(pattern).one_of, one_of, "{pattern}");
        }
    }

    /// Patterns, most of them regular expressions.
    fn pattern() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            8 => "[abAkK:/.]",
            1 => prop::sample::select(vec![
                "(?i)", "(?s)", "\\b", "\\w", "\\.", "\\x61", "[ab]", "[^a-b]", "[a-]", "[\\s]", "^", "$", "]", "[&&]", "[b&]",
                "[]a]", "[b-a]", "[a--b]", "\\Qa\\E", "é",
            ]).prop_map(str::to_owned),
        ];
        let repeated = (part, "|[*+?]{0,2}|\\{1\\}").prop_map(|(part, times)| part + &times);
        prop::collection::vec(repeated, 1..5)
            .prop_map(|parts| parts.concat())
            .prop_recursive(3, 12, 3, |inner| {
                (prop::collection::vec(inner, 1..4), "[*?+]?", "a?").prop_map(
                    |(parts, times, after)| format!("({}){times}{after}", parts.join("|")),
                )
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]
        #[test]
        fn where_it_is_missing_there_is_no_match(pattern in pattern(), text in "[abAkKſ\u{212a}:/.é]{0,6}") {
            let required = Required::by(&pattern);
            match compile(&pattern) {
                Ok(regex) => prop_assert!(!regex.is_match(&text) || required.may_match(&text)),
                Err(_) => prop_assert!(required.one_of.is_empty(), "{:?}", required),
            }
        }
    }
}
