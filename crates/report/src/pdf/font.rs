//! The fonts that every reader of PDF has, and how wide their characters are.

use crate::text::printable;

/// A font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Font {
    /// Helvetica.
    Regular,
    /// Helvetica-Bold.
    Bold,
}

impl Font {
    pub(super) const ALL: [Font; 2] = [Font::Regular, Font::Bold];

    /// As the standard has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Font::Regular => "Helvetica",
            Font::Bold => "Helvetica-Bold",
        }
    }

    /// As pages refer to it.
    pub(super) fn resource(self) -> &'static [u8] {
        match self {
            Font::Regular => b"R",
            Font::Bold => b"B",
        }
    }

    fn width_of(self, byte: u8) -> u16 {
        let widths = match self {
            Font::Regular => &REGULAR,
            Font::Bold => &BOLD,
        };
        byte.checked_sub(32)
            .and_then(|at| widths.get(usize::from(at)))
            .copied()
            .unwrap_or(0)
    }

    /// How wide a text is.
    pub(super) fn width(self, text: &[u8], size: f32) -> f32 {
        let thousandths: u32 = text
            .iter()
            .map(|byte| u32::from(self.width_of(*byte)))
            .sum();
        thousandths as f32 * size / 1000.0
    }

    /// The text in lines no wider than there is room. A word that is wider, such as a path, goes on in the next line,
    /// after a character between its parts where there is one.
    pub(super) fn lines(self, text: &[u8], size: f32, room: f32) -> Vec<Vec<u8>> {
        let mut lines = vec![Vec::new()];
        let mut used = 0.0;
        let space = self.width(b" ", size);
        for word in text.split(|byte| *byte == b' ').filter(|w| !w.is_empty()) {
            let mut rest = word;
            while let Some(line) = lines.last_mut() {
                let gap = if line.is_empty() { 0.0 } else { space };
                let width = self.width(rest, size);
                if used + gap + width <= room {
                    if !line.is_empty() {
                        line.push(b' ');
                    }
                    line.extend_from_slice(rest);
                    used += gap + width;
                    break;
                }
                if line.is_empty() {
                    let end = self.fitting(rest, size, room);
                    line.extend_from_slice(&rest[..end]);
                    rest = &rest[end..];
                    if rest.is_empty() {
                        break;
                    }
                }
                lines.push(Vec::new());
                used = 0.0;
            }
        }
        lines
    }

    /// How many bytes of a word fit, one at least.
    fn fitting(self, word: &[u8], size: f32, room: f32) -> usize {
        let mut used = 0.0;
        let mut end = 0;
        for byte in word {
            used += f32::from(self.width_of(*byte)) * size / 1000.0;
            if used > room {
                break;
            }
            end += 1;
        }
        if end == word.len() {
            return end;
        }
        let after_a_part = word[..end]
            .iter()
            .rposition(|byte| matches!(byte, b'.' | b'/' | b'-' | b'_' | b':' | b','));
        match after_a_part {
            Some(at) if at > end / 2 => at + 1,
            _ => end.max(1),
        }
    }
}

/// A text in the encoding of the fonts. They have the letters of Western Europe; other characters are written as their
/// number.
pub(super) fn encode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{ff}' => bytes.push(character as u8),
            '\u{a0}' => bytes.push(b' '),
            '\u{20ac}' => bytes.push(0x80),
            '\u{2026}' => bytes.push(0x85),
            '\u{2018}' => bytes.push(0x91),
            '\u{2019}' => bytes.push(0x92),
            '\u{201c}' => bytes.push(0x93),
            '\u{201d}' => bytes.push(0x94),
            '\u{2022}' => bytes.push(0x95),
            '\u{2013}' => bytes.push(0x96),
            '\u{2014}' => bytes.push(0x97),
            other => bytes.extend_from_slice(format!("\\u{{{:x}}}", other as u32).as_bytes()),
        }
    }
    bytes
}

/// Widths of the characters from 32 on, in thousandths of the size.
#[rustfmt::skip]
const REGULAR: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667,
    556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556,
    556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722,
    500, 500, 500, 334, 260, 334, 584, 0, 556, 0, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 0,
    611, 0, 0, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 0, 500, 667, 278, 333, 556, 556, 556,
    556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 552, 400, 549, 333, 333, 333, 576, 537, 278, 333, 333, 365,
    556, 834, 834, 834, 611, 667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278, 722,
    722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611, 556, 556, 556, 556, 556, 556, 889,
    500, 556, 556, 556, 556, 278, 278, 278, 278, 556, 556, 556, 556, 556, 556, 556, 549, 611, 556, 556, 556, 556,
    500, 556, 500,
];

#[rustfmt::skip]
const BOLD: [u16; 224] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722,
    611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556,
    611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778,
    556, 556, 500, 389, 280, 389, 584, 0, 556, 0, 278, 556, 500, 1000, 556, 556, 333, 1000, 667, 333, 1000, 0,
    611, 0, 0, 278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944, 0, 500, 667, 278, 333, 556, 556, 556,
    556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 552, 400, 549, 333, 333, 333, 576, 556, 278, 333, 333, 365,
    556, 834, 834, 834, 611, 722, 722, 722, 722, 722, 722, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278, 722,
    722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611, 556, 556, 556, 556, 556, 556, 889,
    556, 556, 556, 556, 556, 278, 278, 278, 278, 611, 611, 611, 611, 611, 611, 611, 549, 611, 611, 611, 611, 611,
    556, 611, 556,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_lose_nothing() {
        let text = encode(
            "set spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation to false, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        );
        for room in [4.0, 40.0, 90.0, 300.0] {
            let lines = Font::Regular.lines(&text, 9.0, room);
            for line in &lines {
                assert!(line.len() == 1 || Font::Regular.width(line, 9.0) <= room);
            }
            let without_blanks = |bytes: &[u8]| -> Vec<u8> {
                bytes.iter().copied().filter(|byte| *byte != b' ').collect()
            };
            assert_eq!(without_blanks(&lines.concat()), without_blanks(&text));
        }
        assert_eq!(Font::Bold.lines(b"", 9.0, 10.0), [Vec::<u8>::new()]);
    }

    #[test]
    fn what_the_fonts_do_not_have_is_written_as_its_number() {
        assert_eq!(encode("é–日\u{202e}"), b"\xe9\x96\\u{65e5}\\u{202e}");
    }
}
