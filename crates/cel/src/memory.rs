//! What parts of expressions came to, so that they are not evaluated again.
//!
//! A part that reads nothing but one text of the object (an image, the name of a namespace) gives the same answer for
//! every object with that text, and one that reads nothing of the object at all gives the same for all of them. Clusters
//! hold few images and many Pods.

use foldhash::HashMap;
use plimsoll_document::Node;

use crate::value::Value;

/// Answers that were given, kept by one thread for as long as the variables that an environment calls
/// [stable](crate::environment::Environment::with_stable) stay the same.
#[derive(Debug, Default)]
pub struct Memory {
    /// By the number of the part.
    parts: Vec<Answers>,
}

/// The answers of one part.
#[derive(Debug, Default)]
struct Answers {
    /// How often an answer was looked for, and found.
    asked: u32,
    found: u32,
    /// Nothing is kept any more.
    is_idle: bool,
    always: Option<Answer>,
    by_text: HashMap<Box<str>, Answer>,
    by_number: HashMap<(usize, u64), Answer>,
}

/// An answer, and what it cost to find.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) holds: bool,
    pub(crate) cost: u64,
    /// Memory of the values that were made on the way: it counts as if they were made again, or the limit of memory would
    /// be hit by one thread and not by another.
    pub(crate) bytes: usize,
}

/// What an answer depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Question<'a> {
    /// Nothing.
    Always,
    /// A text.
    Text(&'a str),
    /// An object of a tree, by the tree's address and its place there; or a number.
    Number(usize, u64),
}

/// After so many questions it shows whether answers are asked for again. One of sixteen must be: finding an answer costs
/// more than sixteen times as much as keeping it. Where all values differ nothing is kept any more.
const TRIAL: u32 = 1 << 12;

/// Of a part no more answers are kept than this: they are kept anew then.
const MOST: usize = 1 << 15;

impl<'a> Question<'a> {
    /// The question about a value; `None` for values that are not remembered.
    /// An element of a document is known by its place where that is asked for.
    pub(crate) fn about(value: Value<'a>, by_place: bool) -> Option<Question<'a>> {
        match value {
            Value::String(text) => Some(Question::Text(text)),
            Value::Int(number) => Some(Question::Number(0, number as u64)),
            Value::Node(node) if by_place => Some(Question::node(node)),
            _ => None,
        }
    }

    fn node(node: Node<'a>) -> Question<'a> {
        let tree = std::ptr::from_ref(node.tree()) as usize;
        Question::Number(tree, u64::from(node.id().number()))
    }
}

impl Memory {
    /// Whether the answers of a part are asked for again: of names that are all different they are not.
    pub(crate) fn is_worth(&self, part: usize) -> bool {
        self.parts.get(part).is_none_or(|answers| !answers.is_idle)
    }

    pub(crate) fn recall(&mut self, part: usize, question: Question<'_>) -> Option<Answer> {
        let answers = self.parts.get_mut(part)?;
        let found = match question {
            Question::Always => answers.always,
            Question::Text(text) => answers.by_text.get(text).copied(),
            Question::Number(tree, number) => answers.by_number.get(&(tree, number)).copied(),
        };
        answers.asked += 1;
        answers.found += u32::from(found.is_some());
        if answers.asked == TRIAL {
            if answers.found < TRIAL / 16 {
                *answers = Answers {
                    is_idle: true,
                    ..Answers::default()
                };
                return None;
            }
            answers.asked = 0;
            answers.found = 0;
        }
        found
    }

    pub(crate) fn keep(&mut self, part: usize, question: Question<'_>, answer: Answer) {
        if self.parts.len() <= part {
            self.parts.resize_with(part + 1, Answers::default);
        }
        let answers = &mut self.parts[part];
        if answers.is_idle {
            return;
        }
        match question {
            Question::Always => answers.always = Some(answer),
            Question::Text(text) => {
                if answers.by_text.len() >= MOST {
                    answers.by_text.clear();
                }
                answers.by_text.insert(text.into(), answer);
            }
            Question::Number(tree, number) => {
                if answers.by_number.len() >= MOST {
                    answers.by_number.clear();
                }
                answers.by_number.insert((tree, number), answer);
            }
        }
    }
}
