//! Markup in which nothing from outside can be markup.
//!
//! Names of elements and attributes, and markup that is written as it stands, are `'static`: what comes from a manifest
//! at run time cannot be given in their place, and everything else is escaped.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};

use crate::text::printable;
use crate::words::paragraphs;

/// Markup in the making.
#[derive(Debug, Default)]
pub(super) struct Markup {
    text: String,
}

impl Markup {
    /// Markup of our own.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Markup {
        self.text.push_str(markup);
        self
    }

    /// A text, escaped.
    pub(super) fn text(&mut self, text: &str) -> &mut Markup {
        for character in printable(text).chars() {
            match character {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\'' => self.text.push_str("&#39;"),
                other => self.text.push(other),
            }
        }
        self
    }

    /// A number or the like, escaped.
    pub(super) fn value(&mut self, value: impl Display) -> &mut Markup {
        self.text(&value.to_string())
    }

    /// The start of an element.
    pub(super) fn open(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
    ) -> &mut Markup {
        self.text.push('<');
        self.text.push_str(name);
        for (key, value) in attributes {
            let _ = write!(self.text, " {key}=\"");
            self.text(value);
            self.text.push('"');
        }
        self.text.push('>');
        self
    }

    /// The end of an element.
    pub(super) fn close(&mut self, name: &'static str) -> &mut Markup {
        let _ = write!(self.text, "</{name}>");
        self
    }

    /// An element with a text.
    pub(super) fn element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        text: &str,
    ) -> &mut Markup {
        self.open(name, attributes).text(text).close(name)
    }

    /// Prose of a control page: paragraphs, and code between backticks.
    pub(super) fn prose(&mut self, text: &str) -> &mut Markup {
        for paragraph in paragraphs(text) {
            self.raw("<p>");
            for (at, part) in paragraph.split('`').enumerate() {
                if at % 2 == 1 {
                    self.element("code", &[], part);
                } else {
                    self.text(part);
                }
            }
            self.raw("</p>");
        }
        self
    }

    /// Writes out what there is, so that a page takes no memory of its own size.
    pub(super) fn flush(&mut self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }
}

/// A name for `id` and `#` of a control.
pub(super) fn anchor(control: &str) -> String {
    let mut name = "control-".to_owned();
    for character in control.chars() {
        if character.is_ascii_alphanumeric() || character == '-' {
            name.push(character);
        } else {
            let _ = write!(name, "_{:x}", character as u32);
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup() {
        let mut markup = Markup::default();
        markup.element("p", &[("title", "\"><script>'&")], "</p><b>\u{202e}\u{7}`");
        assert_eq!(
            markup.text,
            "<p title=\"&quot;&gt;&lt;script&gt;&#39;&amp;\">&lt;/p&gt;&lt;b&gt;\\u{202e}\\u{7}`</p>"
        );
    }

    #[test]
    fn prose_has_paragraphs_and_code() {
        let mut markup = Markup::default();
        markup.prose("a `b<c`\nd\n\n\n e `f");
        assert_eq!(
            markup.text,
            "<p>a <code>b&lt;c</code> d</p><p>e <code>f</code></p>"
        );
    }

    #[test]
    fn anchors_are_names() {
        assert_eq!(anchor("PSC-001"), "control-PSC-001");
        assert_eq!(anchor("a b\"_"), "control-a_20b_22_5f");
    }
}
