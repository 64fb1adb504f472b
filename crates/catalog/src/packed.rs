//! Front matter and frameworks in the form that [`pack`](crate::pack) writes. Nothing is made of it but what is asked for:
//! every command begins with reading all pages of the project.

use serde_json::Value;

/// A value: its form, and what is written of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packed<'p> {
    form: u8,
    content: &'p str,
}

impl<'p> Packed<'p> {
    /// Null.
    pub(crate) const NOTHING: Packed<'static> = Packed {
        form: b'v',
        content: "null",
    };

    /// The value that a text begins with; `None` where it begins with none.
    pub(crate) fn read(text: &'p str) -> Option<Packed<'p>> {
        Values(text).next()
    }

    /// A text.
    pub(crate) fn as_str(self) -> Option<&'p str> {
        (self.form == b't').then_some(self.content)
    }

    /// A truth value.
    pub(crate) fn as_bool(self) -> Option<bool> {
        self.plain()?.parse().ok()
    }

    /// A whole number.
    pub(crate) fn as_int(self) -> Option<i64> {
        self.plain()?.parse().ok()
    }

    fn plain(self) -> Option<&'p str> {
        (self.form == b'v').then_some(self.content)
    }

    pub(crate) fn is_list(self) -> bool {
        self.form == b'l'
    }

    /// The elements of a list.
    pub(crate) fn children(self) -> impl Iterator<Item = Packed<'p>> {
        self.values(b'l')
    }

    /// The keys and values of a map.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'p str, Packed<'p>)> {
        let mut values = self.values(b'm');
        std::iter::from_fn(move || Some((values.next()?.content, values.next()?)))
    }

    /// The value under a key.
    pub(crate) fn get(self, key: &str) -> Option<Packed<'p>> {
        self.entries()
            .find(|(found, _)| *found == key)
            .map(|(_, value)| value)
    }

    /// Whether this is the value at the same place, and not just an equal one.
    pub(crate) fn is_same(self, other: Packed<'_>) -> bool {
        std::ptr::eq(self.content, other.content)
    }

    pub(crate) fn to_json(self) -> Value {
        match self.form {
            b't' => self.content.into(),
            b'l' => self.children().map(Packed::to_json).collect(),
            b'm' => self
                .entries()
                .map(|(key, value)| (key.to_owned(), value.to_json()))
                .collect(),
            _ => self.content.parse().unwrap_or(Value::Null),
        }
    }

    /// What a value of this form holds.
    fn values(self, form: u8) -> Values<'p> {
        Values(if self.form == form { self.content } else { "" })
    }
}

/// Values one behind the other.
struct Values<'p>(&'p str);

impl<'p> Iterator for Values<'p> {
    type Item = Packed<'p>;

    fn next(&mut self) -> Option<Packed<'p>> {
        let (form, digits) = self.0.as_bytes().split_first()?;
        let mut length = 0_usize;
        let mut start = 1;
        for digit in digits {
            start += 1;
            match digit {
                b'0'..=b'9' => length = length * 10 + usize::from(digit - b'0'),
                _ => break,
            }
        }
        let (content, rest) = self.0.get(start..)?.split_at_checked(length)?;
        self.0 = rest;
        Some(Packed {
            form: *form,
            content,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_document::{Format, Limits, Source, parse};

    use super::*;
    use crate::front_matter::to_json;
    use crate::pack::pack;

    #[test]
    fn what_is_packed_reads_as_it_was_written() {
        let text = "a: {b: [1, -2, 1.5, 1e300, 18446744073709551615], 'c:': null}\n\
                    text: \"t3:x \\u00e4\\n\"\nempty: ''\nflag: true\nlist: [false, {}, []]\n";
        let source = Arc::new(Source::new("", text));
        let parsed = parse(&source, Format::Yaml, &Limits::default());
        let root = parsed.tree.node(parsed.documents[0].root.unwrap());
        let mut packed = String::new();
        pack(root, &mut packed);
        let read = Packed::read(&packed).unwrap();
        assert_eq!(read.to_json(), to_json(root));
        assert_eq!(read.get("text").unwrap().as_str(), Some("t3:x \u{e4}\n"));
        assert_eq!(read.get("flag").unwrap().as_bool(), Some(true));
        assert_eq!(read.get("empty").unwrap().as_bool(), None);
        let list = read.get("a").unwrap().get("b").unwrap();
        let numbers: Vec<_> = list.children().map(Packed::as_int).collect();
        assert_eq!(numbers, [Some(1), Some(-2), None, None, None]);
        assert!(read.get("b").is_none() && list.get("b").is_none());
    }

    #[test]
    fn what_is_cut_off_is_nothing() {
        for text in ["", "t", "t3", "t3:ab", "t1:\u{e4}", ":"] {
            assert!(
                Packed::read(text).is_none_or(|read| read.content.is_empty()),
                "{text}"
            );
        }
    }
}
