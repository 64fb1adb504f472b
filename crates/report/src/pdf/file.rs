//! Pages as a file.

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{StructRole, TabOrder};
use pdf_writer::{Date, Filter, Finish, Name, Pdf, Rect, Ref, Settings, TextStr};
use sha2::{Digest, Sha256};

use super::font::Font;
use super::layout::{Heading, Layout, PAGE};

/// How hard streams are compressed: the default of zlib.
const COMPRESSION: u8 = 6;

/// What a file says of itself.
pub(super) struct About<'a> {
    pub(super) title: &'a str,
    pub(super) producer: &'a str,
    /// RFC 3339, in UTC.
    pub(super) time: &'a str,
}

/// Numbers of the objects of a file, by what they are.
struct Numbers {
    pages: i32,
    fonts: i32,
    outline: i32,
    items: i32,
    root: i32,
    parents: i32,
    page: i32,
    elements: i32,
}

impl Numbers {
    fn page(&self, number: usize) -> Ref {
        Ref::new(self.page + 2 * number as i32)
    }

    fn content(&self, number: usize) -> Ref {
        Ref::new(self.page + 2 * number as i32 + 1)
    }

    fn element(&self, number: usize) -> Ref {
        Ref::new(self.elements + number as i32)
    }

    fn item(&self, number: usize) -> Ref {
        Ref::new(self.items + number as i32)
    }

    fn font(&self, number: usize) -> Ref {
        Ref::new(self.fonts + number as i32)
    }
}

pub(super) fn file(layout: Layout, about: &About<'_>) -> Vec<u8> {
    let fonts = 5;
    let items = fonts + Font::ALL.len() as i32 + 2;
    let page = items + layout.headings.len() as i32;
    let numbers = Numbers {
        pages: 2,
        outline: 3,
        root: 4,
        fonts,
        parents: items - 1,
        items,
        page,
        elements: page + 2 * layout.pages.len() as i32,
    };
    let Layout {
        pages,
        elements,
        headings,
        ..
    } = layout;
    let mut pdf = Pdf::with_settings(Settings { pretty: false });
    let mut catalog = pdf.catalog(Ref::new(1));
    catalog
        .pages(Ref::new(numbers.pages))
        .outlines(Ref::new(numbers.outline))
        .lang(TextStr("en"))
        .pair(Name(b"StructTreeRoot"), Ref::new(numbers.root));
    catalog.mark_info().marked(true);
    catalog.viewer_preferences().display_doc_title(true);
    catalog.finish();
    let mut info = pdf.document_info(Ref::new(numbers.items - 2));
    info.title(TextStr(about.title))
        .producer(TextStr(about.producer));
    if let Some(date) = date(about.time) {
        info.creation_date(date);
    }
    info.finish();
    pdf.pages(Ref::new(numbers.pages))
        .kids((0..pages.len()).map(|number| numbers.page(number)))
        .count(pages.len() as i32);
    for (number, font) in Font::ALL.iter().enumerate() {
        pdf.type1_font(numbers.font(number))
            .base_font(Name(font.name().as_bytes()))
            .encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    outline(&mut pdf, &numbers, &headings);

    let mut digest = Sha256::new();
    let mut marks = Vec::new();
    for (number, page) in pages.into_iter().enumerate() {
        let content = page.content.finish();
        digest.update(content.as_slice());
        let compressed = compress_to_vec_zlib(content.as_slice(), COMPRESSION);
        pdf.stream(numbers.content(number), &compressed)
            .filter(Filter::FlateDecode);
        let mut written = pdf.page(numbers.page(number));
        written
            .media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1))
            .parent(Ref::new(numbers.pages))
            .contents(numbers.content(number))
            .struct_parents(number as i32)
            .tab_order(TabOrder::StructureOrder);
        let mut resources = written.resources();
        let mut fonts = resources.fonts();
        for (at, font) in Font::ALL.iter().enumerate() {
            fonts.pair(Name(font.resource()), numbers.font(at));
        }
        fonts.finish();
        resources.finish();
        written.finish();
        marks.push(page.marks);
    }

    let mut children: Vec<Vec<usize>> = vec![Vec::new(); elements.len()];
    for (number, element) in elements.iter().enumerate().skip(1) {
        children[element.parent].push(number);
    }
    let mut root = pdf.indirect(Ref::new(numbers.root)).dict();
    root.pair(Name(b"Type"), Name(b"StructTreeRoot"))
        .pair(Name(b"K"), numbers.element(0))
        .pair(Name(b"ParentTree"), Ref::new(numbers.parents))
        .pair(Name(b"ParentTreeNextKey"), marks.len() as i32);
    root.finish();
    let mut parents = pdf.indirect(Ref::new(numbers.parents)).dict();
    let mut list = parents.insert(Name(b"Nums")).array();
    for (number, marks) in marks.iter().enumerate() {
        list.item(number as i32);
        list.push()
            .array()
            .items(marks.iter().map(|element| numbers.element(*element)));
    }
    list.finish();
    parents.finish();
    for (number, element) in elements.iter().enumerate() {
        let mut written = pdf.struct_element(numbers.element(number));
        written.kind(element.role).parent(if number == 0 {
            Ref::new(numbers.root)
        } else {
            numbers.element(element.parent)
        });
        if element.role == StructRole::TH {
            written
                .attributes()
                .push()
                .table()
                .scope(pdf_writer::types::TableHeaderScope::Column);
        }
        // Most elements are on one page, which is said once.
        let page = element.marks.first().map(|(page, _)| *page);
        if let Some(page) = page {
            written.page(numbers.page(page));
        }
        let mut kids = written.children();
        for (on, mark) in &element.marks {
            if Some(*on) == page {
                kids.marked_content_id(*mark as i32);
            } else {
                kids.marked_content_ref()
                    .page(numbers.page(*on))
                    .marked_content_id(*mark as i32);
            }
        }
        for child in &children[number] {
            kids.struct_element(numbers.element(*child));
        }
    }
    let id = digest.finalize()[..16].to_vec();
    pdf.set_file_id((id.clone(), id));
    pdf.finish()
}

/// The outline: what a reader shows beside the pages. Headings of the second level hang below those of the first.
fn outline(pdf: &mut Pdf, numbers: &Numbers, headings: &[Heading]) {
    let mut part = None;
    let parents: Vec<Option<usize>> = headings
        .iter()
        .enumerate()
        .map(|(number, heading)| {
            if heading.level < 2 {
                part = Some(number);
                None
            } else {
                part
            }
        })
        .collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); headings.len()];
    let mut top = Vec::new();
    for (number, parent) in parents.iter().enumerate() {
        match parent {
            Some(parent) => children[*parent].push(number),
            None => top.push(number),
        }
    }
    let mut written = pdf.outline(Ref::new(numbers.outline));
    if let (Some(first), Some(last)) = (top.first(), top.last()) {
        written
            .first(numbers.item(*first))
            .last(numbers.item(*last))
            .count(top.len() as i32);
    }
    written.finish();
    let mut siblings: Vec<(Option<usize>, Option<usize>)> = vec![(None, None); headings.len()];
    for group in std::iter::once(&top).chain(&children) {
        for pair in group.windows(2) {
            siblings[pair[0]].1 = Some(pair[1]);
            siblings[pair[1]].0 = Some(pair[0]);
        }
    }
    for (number, heading) in headings.iter().enumerate() {
        let mut item = pdf.outline_item(numbers.item(number));
        item.title(TextStr(&heading.text));
        item.parent(parents[number].map_or(Ref::new(numbers.outline), |at| numbers.item(at)));
        let (previous, next) = siblings[number];
        if let Some(previous) = previous {
            item.prev(numbers.item(previous));
        }
        if let Some(next) = next {
            item.next(numbers.item(next));
        }
        if let (Some(first), Some(last)) = (children[number].first(), children[number].last()) {
            // Closed: a reader opens what they look for.
            item.first(numbers.item(*first))
                .last(numbers.item(*last))
                .count(-(children[number].len() as i32));
        }
        item.dest()
            .page(numbers.page(heading.page))
            .xyz(0.0, heading.top + 6.0, None);
    }
}

/// The moment of an RFC 3339 text in UTC.
fn date(time: &str) -> Option<Date> {
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<u8>().ok();
    Some(
        Date::new(time.get(..4)?.parse().ok()?)
            .month(number(5, 7)?)
            .day(number(8, 10)?)
            .hour(number(11, 13)?)
            .minute(number(14, 16)?)
            .second(number(17, 19)?)
            .utc_offset_hour(0),
    )
}
