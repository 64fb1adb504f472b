//! Text that flows over pages: headings, paragraphs, lists, rows and tables.
//!
//! Whatever is drawn belongs to an element of the document's structure, so that it can be read aloud and copied in its
//! order; what is not, such as page numbers, is marked as decoration.

use pdf_writer::types::StructRole;
use pdf_writer::{Content, Name, Str};

use super::font::{Font, encode};

/// A4, in points.
pub(super) const PAGE: (f32, f32) = (595.28, 841.89);
/// From the edges of the page.
pub(super) const MARGIN: f32 = 54.0;
/// Between the margins.
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
/// Below the text is the page number.
const BOTTOM: f32 = MARGIN + 18.0;
/// Lines to lines.
const LEADING: f32 = 1.3;
/// Between the columns of a table.
const GUTTER: f32 = 8.0;

/// Shades of text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ink {
    Black,
    Soft,
    Red,
    Green,
}

impl Ink {
    fn rgb(self) -> (f32, f32, f32) {
        match self {
            Ink::Black => (0.0, 0.0, 0.0),
            Ink::Soft => (0.3, 0.3, 0.35),
            Ink::Red => (0.55, 0.05, 0.12),
            Ink::Green => (0.11, 0.4, 0.2),
        }
    }
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) font: Font,
    pub(super) size: f32,
    pub(super) ink: Ink,
}

/// Text that is read.
pub(super) const BODY: Style = Style {
    font: Font::Regular,
    size: 9.5,
    ink: Ink::Black,
};

/// Text of tables.
const CELL: Style = Style {
    font: Font::Regular,
    size: 8.5,
    ink: Ink::Black,
};

/// A cell of a table.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    text: Vec<u8>,
    style: Style,
}

impl Cell {
    pub(super) fn new(text: &str) -> Cell {
        Cell {
            text: encode(text),
            style: CELL,
        }
    }

    pub(super) fn bold(mut self) -> Cell {
        self.style.font = Font::Bold;
        self
    }

    pub(super) fn ink(mut self, ink: Ink) -> Cell {
        self.style.ink = ink;
        self
    }
}

/// A column of a table: its heading and its part of the width.
pub(super) type Column = (&'static str, f32);

/// A page in the making.
pub(super) struct Page {
    pub(super) content: Content,
    /// By number of the mark, the element it belongs to.
    pub(super) marks: Vec<usize>,
}

/// An element of the structure.
pub(super) struct Element {
    pub(super) role: StructRole,
    /// The element it is in; the first is the document.
    pub(super) parent: usize,
    /// What of it is drawn where: page and number of the mark.
    pub(super) marks: Vec<(usize, usize)>,
}

/// A heading, for the outline.
pub(super) struct Heading {
    pub(super) level: u8,
    pub(super) text: String,
    pub(super) page: usize,
    pub(super) top: f32,
}

/// A line of the table of contents, waiting for its page number.
struct Awaiting {
    text: &'static str,
    page: usize,
    y: f32,
    element: usize,
}

/// A document in the making.
pub(super) struct Layout {
    pub(super) pages: Vec<Page>,
    pub(super) elements: Vec<Element>,
    pub(super) headings: Vec<Heading>,
    contents: Vec<Awaiting>,
    y: f32,
}

impl Layout {
    pub(super) fn new() -> Layout {
        let mut layout = Layout {
            pages: Vec::new(),
            elements: vec![Element {
                role: StructRole::Document,
                parent: 0,
                marks: Vec::new(),
            }],
            headings: Vec::new(),
            contents: Vec::new(),
            y: 0.0,
        };
        layout.new_page();
        layout
    }

    fn new_page(&mut self) {
        self.pages.push(Page {
            content: Content::new(),
            marks: Vec::new(),
        });
        self.y = PAGE.1 - MARGIN;
    }

    fn at_top(&self) -> bool {
        self.y >= PAGE.1 - MARGIN
    }

    /// Goes to the next page where there is not so much room on this one.
    fn need(&mut self, height: f32) {
        if self.y - height < BOTTOM && !self.at_top() {
            self.new_page();
        }
    }

    /// Leaves room.
    pub(super) fn gap(&mut self, height: f32) {
        if !self.at_top() {
            self.y -= height;
        }
    }

    fn element(&mut self, role: StructRole, parent: usize) -> usize {
        self.elements.push(Element {
            role,
            parent,
            marks: Vec::new(),
        });
        self.elements.len() - 1
    }

    /// Draws lines of text on the last page, below a height.
    fn draw(&mut self, element: usize, (x, top): (f32, f32), style: Style, lines: &[Vec<u8>]) {
        let page = self.pages.len() - 1;
        draw(
            &mut self.pages[page],
            &mut self.elements[element],
            (element, page),
            (x, top),
            style,
            lines,
        );
    }

    /// A heading; 1 is a part of the document. It stays with what follows.
    pub(super) fn heading(&mut self, level: u8, text: &str) {
        let (size, before, role) = match level {
            0 => (20.0, 0.0, StructRole::H1),
            1 => (14.0, 22.0, StructRole::H2),
            _ => (10.5, 12.0, StructRole::H3),
        };
        let style = Style {
            font: Font::Bold,
            size,
            ink: Ink::Black,
        };
        let lines = style.font.lines(&encode(text), size, WIDTH);
        self.gap(before);
        self.need(lines.len() as f32 * size * LEADING + 4.0 * CELL.size * LEADING);
        self.headings.push(Heading {
            level,
            text: text.to_owned(),
            page: self.pages.len() - 1,
            top: self.y,
        });
        let element = self.element(role, 0);
        self.draw(element, (MARGIN, self.y), style, &lines);
        self.y -= lines.len() as f32 * size * LEADING + 4.0;
    }

    /// A paragraph.
    pub(super) fn paragraph(&mut self, text: &str) {
        self.styled(text, BODY);
    }

    pub(super) fn styled(&mut self, text: &str, style: Style) {
        let element = self.element(StructRole::P, 0);
        self.lines(element, 0.0, &encode(text), style);
        self.gap(4.0);
    }

    fn lines(&mut self, element: usize, indent: f32, text: &[u8], style: Style) {
        let lines = style.font.lines(text, style.size, WIDTH - indent);
        let mut rest = lines.as_slice();
        while !rest.is_empty() {
            self.need(style.size * LEADING);
            let (now, later) = rest.split_at(self.fitting(style.size).min(rest.len()));
            self.draw(element, (MARGIN + indent, self.y), style, now);
            self.y -= now.len() as f32 * style.size * LEADING;
            rest = later;
        }
    }

    /// How many lines fit on this page, one at least.
    fn fitting(&self, size: f32) -> usize {
        (((self.y - BOTTOM) / (size * LEADING)).floor() as usize).max(1)
    }

    /// Paragraphs with a mark before each.
    pub(super) fn list(&mut self, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        let list = self.element(StructRole::L, 0);
        for text in lines {
            let item = self.element(StructRole::LI, list);
            let label = self.element(StructRole::Lbl, item);
            let body = self.element(StructRole::LBody, item);
            self.need(BODY.size * LEADING);
            let bullet = [encode("\u{2022}")];
            self.draw(label, (MARGIN + 2.0, self.y), BODY, &bullet);
            self.lines(body, 12.0, &encode(text), BODY);
        }
        self.gap(4.0);
    }

    /// A table whose heading is said again on every page. A row stays on one page where it fits on one.
    pub(super) fn table(&mut self, columns: &[Column], rows: impl IntoIterator<Item = Vec<Cell>>) {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_none() {
            return;
        }
        let table = self.element(StructRole::Table, 0);
        self.head(columns, Some(table));
        for row in rows {
            let columns_and_lines = set(columns, &row);
            let height = height(&columns_and_lines);
            let room_of_a_page = PAGE.1 - MARGIN - BOTTOM - 2.0 * CELL.size * LEADING;
            if self.y - height < BOTTOM && (height < room_of_a_page || self.y < BOTTOM + 40.0) {
                self.new_page();
                self.head(columns, None);
            }
            let row = self.element(StructRole::TR, table);
            let cells: Vec<usize> = columns_and_lines
                .iter()
                .map(|_| self.element(StructRole::TD, row))
                .collect();
            let most = most_lines(&columns_and_lines);
            self.y -= 2.0;
            let mut from = 0;
            while from < most {
                if self.y - CELL.size * LEADING < BOTTOM {
                    self.new_page();
                    self.head(columns, None);
                }
                let to = (from + self.fitting(CELL.size)).min(most);
                for (cell, (x, style, lines)) in cells.iter().zip(&columns_and_lines) {
                    let lines = &lines[from.min(lines.len())..to.min(lines.len())];
                    if !lines.is_empty() {
                        self.draw(*cell, (*x, self.y), *style, lines);
                    }
                }
                self.y -= (to - from) as f32 * CELL.size * LEADING;
                from = to;
            }
            self.y -= 3.0;
            self.rule(0.4, 0.8);
        }
        self.gap(6.0);
    }

    /// The heading of a table. Where it is said again, on a further page, it is decoration: `table` is `None`.
    fn head(&mut self, columns: &[Column], table: Option<usize>) {
        let titles: Vec<Cell> = columns
            .iter()
            .map(|(title, _)| Cell::new(title).bold())
            .collect();
        let titles = set(columns, &titles);
        self.need(height(&titles) + 3.0 * CELL.size * LEADING);
        let row = table.map(|table| self.element(StructRole::TR, table));
        let top = self.y - 1.0;
        for (x, style, lines) in &titles {
            if let Some(row) = row {
                let cell = self.element(StructRole::TH, row);
                self.draw(cell, (*x, top), *style, lines);
            } else if let Some(page) = self.pages.last_mut() {
                page.content.begin_marked_content(Name(b"Artifact"));
                show(&mut page.content, (*x, top), *style, lines);
                page.content.end_marked_content();
            }
        }
        self.y = top - most_lines(&titles) as f32 * CELL.size * LEADING - 3.0;
        self.rule(0.8, 0.3);
    }

    /// A line over the width.
    fn rule(&mut self, width: f32, gray: f32) {
        let y = self.y;
        if let Some(page) = self.pages.last_mut() {
            page.content
                .begin_marked_content(Name(b"Artifact"))
                .save_state()
                .set_line_width(width)
                .set_stroke_gray(gray)
                .move_to(MARGIN, y)
                .line_to(MARGIN + WIDTH, y)
                .stroke()
                .restore_state()
                .end_marked_content();
        }
    }

    /// A table of contents of the parts that will follow.
    pub(super) fn contents(&mut self, titles: &[&'static str]) {
        for text in titles {
            self.need(BODY.size * LEADING);
            let element = self.element(StructRole::P, 0);
            self.contents.push(Awaiting {
                text,
                page: self.pages.len() - 1,
                y: self.y,
                element,
            });
            self.y -= BODY.size * LEADING;
        }
    }

    /// Fills in what was not known before the end: page numbers.
    pub(super) fn finish(&mut self, footer: &str) {
        for waiting in std::mem::take(&mut self.contents) {
            let found = self
                .headings
                .iter()
                .find(|heading| heading.level == 1 && heading.text == waiting.text);
            let Some(heading) = found else {
                continue;
            };
            let number = encode(&(heading.page + 1).to_string());
            let right = MARGIN + WIDTH - BODY.font.width(&number, BODY.size);
            for (x, text) in [(MARGIN, encode(waiting.text)), (right, number)] {
                draw(
                    &mut self.pages[waiting.page],
                    &mut self.elements[waiting.element],
                    (waiting.element, waiting.page),
                    (x, waiting.y),
                    BODY,
                    &[text],
                );
            }
        }
        let count = self.pages.len();
        let style = Style {
            size: 8.0,
            ink: Ink::Soft,
            ..BODY
        };
        for (number, page) in self.pages.iter_mut().enumerate() {
            let label = encode(&format!("Page {} of {count}", number + 1));
            let right = MARGIN + WIDTH - style.font.width(&label, style.size);
            page.content.begin_marked_content(Name(b"Artifact"));
            show(
                &mut page.content,
                (MARGIN, MARGIN + 10.0),
                style,
                &[encode(footer)],
            );
            show(&mut page.content, (right, MARGIN + 10.0), style, &[label]);
            page.content.end_marked_content();
        }
    }
}

/// Cells in lines, with the place and the look of each.
fn set(columns: &[Column], row: &[Cell]) -> Vec<(f32, Style, Vec<Vec<u8>>)> {
    let mut x = MARGIN;
    columns
        .iter()
        .zip(row)
        .map(|((_, part), cell)| {
            let width = part * WIDTH;
            let room = (width - GUTTER).max(10.0);
            let placed = (
                x,
                cell.style,
                cell.style.font.lines(&cell.text, cell.style.size, room),
            );
            x += width;
            placed
        })
        .collect()
}

fn most_lines(cells: &[(f32, Style, Vec<Vec<u8>>)]) -> usize {
    let counts = cells.iter().map(|(_, _, lines)| lines.len());
    counts.max().unwrap_or(0)
}

fn height(cells: &[(f32, Style, Vec<Vec<u8>>)]) -> f32 {
    most_lines(cells) as f32 * CELL.size * LEADING + 5.0
}

fn draw(
    page: &mut Page,
    element: &mut Element,
    (number, page_number): (usize, usize),
    place: (f32, f32),
    style: Style,
    lines: &[Vec<u8>],
) {
    let mark = page.marks.len();
    page.marks.push(number);
    element.marks.push((page_number, mark));
    // What an element is called is said in the structure; a mark is a span of it.
    page.content
        .begin_marked_content_with_properties(Name(b"Span"))
        .properties()
        .identify(mark as i32);
    show(&mut page.content, place, style, lines);
    page.content.end_marked_content();
}

/// Writes lines below a height.
fn show(content: &mut Content, (x, top): (f32, f32), style: Style, lines: &[Vec<u8>]) {
    let (red, green, blue) = style.ink.rgb();
    let leading = style.size * LEADING;
    content
        .begin_text()
        .set_font(Name(style.font.resource()), style.size)
        .set_fill_rgb(red, green, blue)
        .next_line(x, top - leading);
    for (number, line) in lines.iter().enumerate() {
        if number > 0 {
            content.next_line(0.0, -leading);
        }
        content.show(Str(line));
    }
    content.end_text();
}
