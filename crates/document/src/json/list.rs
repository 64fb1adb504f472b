//! A long list of objects, read on several threads.
//!
//! The list is cut where an item seems to begin, and every piece is read by itself. That a cut was right shows
//! afterwards: the items before it end with the comma that stands there. If any was wrong, or anything in the list is,
//! nothing of this counts, and the text is read from its beginning to its end.

use std::sync::Arc;

use memchr::memmem;

use super::{Open, Parser, Result};
use crate::parse::{ITEMS, Limits, ListPart, Parsed, list_items};
use crate::problem::{Problem, ProblemKind};
use crate::source::{Source, Span};
use crate::threads::{Threads, in_parts};
use crate::tree::NodeId;

/// How many bytes a piece has, about. Enough of them to keep all threads busy to the end, and no more.
const PIECE: usize = 4 << 20;

/// The items of a list, read beside it.
pub(super) struct Items {
    /// The list's bracket.
    start: u32,
    pieces: Vec<Piece>,
}

/// Some items of a list.
struct Piece {
    part: ListPart,
    problems: Vec<Problem>,
    end: End,
}

/// Where the items of a piece end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Before the first item of the next piece.
    Cut(usize),
    /// At the bracket that closes the list.
    Bracket(usize),
}

/// Reads a text that may be one list of objects. `None` where it has to be read in one piece.
pub(crate) fn parse(source: &Arc<Source>, limits: &Limits, threads: Threads) -> Option<Parsed> {
    parse_in_pieces(source, limits, threads, PIECE)
}

fn parse_in_pieces(
    source: &Arc<Source>,
    limits: &Limits,
    threads: Threads,
    size: usize,
) -> Option<Parsed> {
    if threads == Threads::ONE || source.text().len() < 2 * size {
        return None;
    }
    let mut items = None;
    let mut beside = |start| {
        let (read, end) = Items::read(source, limits, threads, start, size)?;
        items = Some(read);
        Some(end)
    };
    let mut parser = Parser::of(source, limits);
    parser.beside = Some(&mut beside);
    let mut parsed = parser.parse(source);
    let Some(Items { start, pieces }) = items else {
        return Some(parsed);
    };
    let [document] = &parsed.documents[..] else {
        return None;
    };
    let root = parsed.tree.node(document.root?);
    let items = list_items(root)?;
    // Another list of the same name may have come after the one that was read.
    if items.span().start != start || !items.is_empty() {
        return None;
    }
    let nodes = |piece: &Piece| piece.part.tree.node_count();
    if pieces.iter().map(nodes).sum::<usize>() > limits.max_nodes {
        return None;
    }
    let mut problems = Vec::new();
    for piece in pieces {
        problems.extend(piece.problems);
        parsed.items.push(piece.part);
    }
    problems.append(&mut parsed.problems);
    parsed.problems = problems;
    Some(parsed)
}

impl Items {
    /// Reads the items of the list that opens here, and finds the bracket that closes it.
    fn read(
        source: &Arc<Source>,
        limits: &Limits,
        threads: Threads,
        start: usize,
        size: usize,
    ) -> Option<(Items, usize)> {
        let limits = &Limits {
            max_depth: limits.max_depth.checked_sub(2)?,
            ..limits.clone()
        };
        let cuts = cuts(source, limits, start + 1, size)?;
        let pieces = in_parts(
            threads,
            &cuts,
            1,
            || (),
            |(), cut| -> Option<Piece> { Piece::read(source, limits, *cut.first()?) },
        );
        let pieces: Vec<Piece> = pieces.into_iter().collect::<Option<_>>()?;
        // A piece ends where the next one begins, and only the last one where the list does.
        let nexts = cuts[1..].iter().map(|(begin, _)| End::Cut(*begin));
        let ends = pieces.iter().map(|piece| piece.end);
        if !ends.clone().take(cuts.len() - 1).eq(nexts) {
            return None;
        }
        let Some(End::Bracket(end)) = pieces.last().map(|piece| piece.end) else {
            return None;
        };
        let start = start as u32;
        Some((Items { start, pieces }, end))
    }
}

/// Where pieces begin and the next ones do, the last one none.
fn cuts(
    source: &Arc<Source>,
    limits: &Limits,
    first: usize,
    size: usize,
) -> Option<Vec<(usize, Option<usize>)>> {
    let bytes = source.text().as_bytes();
    // Items begin alike: with a comma and the blanks that stand before the second one, and its first key.
    let mut parser = Parser::new(source, limits, 64);
    parser.at = first;
    parser.skip_blanks();
    let first = parser.at;
    parser.document().ok()?;
    let end = parser.at;
    parser.skip_blanks();
    if parser.peek() != b',' {
        return None;
    }
    parser.at += 1;
    parser.skip_blanks();
    let before = parser.at - end;
    if parser.peek() != b'{' {
        return None;
    }
    parser.at += 1;
    parser.skip_blanks();
    parser.string().ok()?;
    let seam = memmem::Finder::new(&bytes[end..parser.at]);
    let mut begins = vec![first];
    let mut from = first + size;
    while let Some(found) = bytes.get(from..).and_then(|rest| seam.find(rest)) {
        let begin = from + found + before;
        begins.push(begin);
        from = begin + size;
    }
    let nexts = begins.iter().skip(1).map(|next| Some(*next));
    let nexts: Vec<Option<usize>> = nexts.chain([None]).collect();
    Some(begins.into_iter().zip(nexts).collect())
}

impl Piece {
    fn read(
        source: &Arc<Source>,
        limits: &Limits,
        (begin, next): (usize, Option<usize>),
    ) -> Option<Piece> {
        let length = next.unwrap_or(source.text().len()) - begin;
        let mut parser = Parser::new(source, limits, length / 20);
        parser.at = begin;
        let (items, end) = parser.elements(next).ok()?;
        let mut problems = Vec::new();
        parser.report_duplicates(source, 0, &mut problems);
        let part = ListPart {
            tree: Arc::new(parser.builder.finish(Arc::clone(source))),
            items,
        };
        Some(Piece {
            part,
            problems,
            end,
        })
    }
}

impl Parser<'_> {
    /// The elements of a list, up to this place or to the bracket that closes it.
    fn elements(&mut self, until: Option<usize>) -> Result<(Vec<NodeId>, End)> {
        let mut elements = Vec::new();
        loop {
            self.document()?;
            elements.extend(self.builder.root());
            self.skip_blanks();
            match self.peek() {
                b']' => return Ok((elements, End::Bracket(self.at))),
                b',' => {}
                _ => return Err(self.expected("',' or ']'")),
            }
            self.at += 1;
            self.skip_blanks();
            match until {
                Some(until) if self.at == until => return Ok((elements, End::Cut(until))),
                // It was cut within an item.
                Some(until) if self.at > until => {
                    return Err((until, ProblemKind::Syntax(String::new())));
                }
                _ => {}
            }
        }
    }

    /// Reads the list that is open here beside the tree, if it is that of the items of the document. Whether it did.
    #[cold]
    pub(super) fn read_beside(&mut self) -> bool {
        let is_items = |open: &Open| open.key.symbol == ITEMS;
        let is_of_document = self.stack.len() == 2 && self.stack.last().is_some_and(is_items);
        if !is_of_document {
            return false;
        }
        let start = self.stack.last().map_or(0, |open| open.start as usize);
        let end = self.beside.take().and_then(|beside| beside(start));
        if let Some(end) = end {
            self.at = end;
            self.builder.read_beside(Span {
                start: start as u32,
                end: end as u32 + 1,
            });
        }
        end.is_some()
    }
}

#[cfg(test)]
mod tests;
