//! Patterns of names: `*` is any text, `?` any character, and everything else is itself.
//!
//! A pattern holds for a whole name. What only a regular expression knows is refused: `prod-a|b` would otherwise be a
//! name that no object has, or worse, two halves of what was meant.

use std::fmt;

use thiserror::Error;

/// A pattern of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

/// A pattern that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GlobError {
    /// A character that no name has.
    #[error(
        "'{0}' cannot stand in a pattern: * is any text, ? any character, and several patterns are a list"
    )]
    Character(char),
    /// The `.*` of a regular expression.
    #[error(
        "'.*' is of a regular expression; in a pattern * alone is any text (and .?* a dot and some text)"
    )]
    RegularExpression,
}

impl Glob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A character that makes sense only in a regular expression or a list.
    pub fn parse(text: &str) -> Result<Glob, GlobError> {
        let refused = |character: &char| {
            character.is_whitespace()
                || character.is_control()
                || matches!(
                    character,
                    '|' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' | '+' | '\\' | ','
                )
        };
        if let Some(character) = text.chars().find(refused) {
            return Err(GlobError::Character(character));
        }
        if text.contains(".*") {
            return Err(GlobError::RegularExpression);
        }
        Ok(Glob(text.to_owned()))
    }

    /// Whether the whole of a name is as the pattern says; capitals count.
    pub fn matches(&self, name: &str) -> bool {
        if !self.0.contains(['*', '?']) {
            return self.0 == name;
        }
        let pattern: Vec<char> = self.0.chars().collect();
        let name: Vec<char> = name.chars().collect();
        let (mut at, mut here) = (0, 0);
        // Where the last star stands, and how much of the name it has taken.
        let mut star: Option<(usize, usize)> = None;
        while here < name.len() {
            match pattern.get(at) {
                Some('*') => {
                    star = Some((at, here));
                    at += 1;
                }
                Some(wanted) if *wanted == '?' || *wanted == name[here] => {
                    at += 1;
                    here += 1;
                }
                _ => match star {
                    Some((stands, taken)) => {
                        star = Some((stands, taken + 1));
                        at = stands + 1;
                        here = taken + 1;
                    }
                    None => return false,
                },
            }
        }
        pattern[at..].iter().all(|rest| *rest == '*')
    }

    /// Whether the pattern narrows anything down: one of stars and question marks alone does not.
    pub fn is_narrow(&self) -> bool {
        self.0.is_empty()
            || self
                .0
                .chars()
                .any(|character| !matches!(character, '*' | '?'))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_holds_for_the_whole_name() {
        for (pattern, name, holds) in [
            ("prod-a", "prod-a", true),
            ("prod-a", "prod-ab", false),
            ("prod-a", "my-prod-a", false),
            ("prod-*", "prod-a", true),
            ("prod-*", "prod-", true),
            ("prod-*", "preprod-a", false),
            ("*-db", "orders-db", true),
            ("*-db", "orders-db-2", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("web-?", "web-1", true),
            ("web-?", "web-10", false),
            ("*", "", true),
            ("?", "", false),
            ("", "", true),
            ("", "a", false),
            ("Web", "web", false),
            ("a.b", "axb", false),
            ("system:*", "system:node", true),
            ("größe-?", "größe-ß", true),
        ] {
            let glob = Glob::parse(pattern).unwrap();
            assert_eq!(glob.matches(name), holds, "{pattern} on {name}");
        }
    }

    #[test]
    fn what_only_a_regular_expression_knows_is_refused() {
        for (pattern, character) in [
            ("prod-a|b", '|'),
            ("^prod", '^'),
            ("prod$", '$'),
            ("prod-[ab]", '['),
            ("(a)", '('),
            ("a+", '+'),
            ("a\\.b", '\\'),
            ("a,b", ','),
            ("a b", ' '),
        ] {
            assert_eq!(
                Glob::parse(pattern),
                Err(GlobError::Character(character)),
                "{pattern}"
            );
        }
        assert_eq!(Glob::parse("prod-.*"), Err(GlobError::RegularExpression));
    }

    #[test]
    fn many_stars_take_no_time() {
        let glob = Glob::parse(&"a*".repeat(200)).unwrap();
        assert!(!glob.matches(&"a".repeat(199)));
        assert!(!glob.matches(&("a".repeat(5_000) + "b").replace('a', "b")));
    }
}
