//! What parts of expressions came to, so that they are not evaluated again.
//!
//! A part that reads nothing but one text of the object (an image, the name of a namespace) gives the same answer for
//! every object with that text, and one that reads nothing of the object at all gives the same for all of them. Clusters
//! hold few images and many Pods.

use std::hash::Hash;

use foldhash::HashMap;

use crate::value::Value;

/// Answers that were given, kept by one thread for as long as the variables that an environment calls
/// [stable](crate::environment::Environment::with_stable) stay the same.
#[derive(Debug, Default)]
pub struct Memory {
    /// By the number of the part.
    parts: Vec<Answers>,
    texts: Texts,
}

/// Texts that were asked about, by number: many parts ask about the same ones.
#[derive(Debug, Default)]
struct Texts {
    numbers: HashMap<Box<str>, u32>,
    /// How long they are together.
    bytes: usize,
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
    by_text: HashMap<u32, Answer>,
    by_number: HashMap<i64, Answer>,
    by_place: HashMap<usize, Answer>,
}

/// An answer, and what it took to find.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    /// The cost, with the answer in its lowest bit.
    cost_and_holds: u32,
    bytes: u32,
}

impl Answer {
    /// `None` for one that cost more than can be kept.
    pub(crate) fn new(holds: bool, cost: u64, bytes: usize) -> Option<Answer> {
        let cost = u32::try_from(cost).ok().filter(|cost| cost >> 31 == 0)?;
        Some(Answer {
            cost_and_holds: cost << 1 | u32::from(holds),
            bytes: u32::try_from(bytes).ok()?,
        })
    }

    pub(crate) fn holds(self) -> bool {
        self.cost_and_holds & 1 != 0
    }

    pub(crate) fn cost(self) -> u64 {
        u64::from(self.cost_and_holds >> 1)
    }

    /// Memory of the values that were made on the way: it counts as if they were made again, or the limit of memory would
    /// be hit by one thread and not by another.
    pub(crate) fn bytes(self) -> usize {
        self.bytes as usize
    }
}

/// What an answer depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Question<'a> {
    /// Nothing.
    Always,
    /// A text.
    Text(&'a str),
    /// A number.
    Number(i64),
    /// A node of a tree, by its address.
    Place(usize),
}

/// After so many questions it shows whether answers are asked for again. One of sixteen must be: finding an answer costs
/// more than sixteen times as much as keeping it. Where all values differ nothing is kept any more.
const TRIAL: u32 = 1 << 12;

/// Of a part no more answers about numbers or places are kept than this: they are kept anew then.
const MOST: usize = 1 << 15;

/// No more texts are kept than this, and no more bytes of them: they are kept anew then.
const MOST_TEXTS: usize = 1 << 16;
const MOST_BYTES: usize = 1 << 22;

/// Longer texts are not remembered.
const LONGEST: usize = 1 << 10;

impl<'a> Question<'a> {
    /// The question about a value; `None` for values that are not remembered.
    /// An element of a document is known by its place where that is asked for.
    pub(crate) fn about(value: Value<'a>, by_place: bool) -> Option<Question<'a>> {
        match value {
            Value::String(text) => (text.len() <= LONGEST).then_some(Question::Text(text)),
            Value::Int(number) => Some(Question::Number(number)),
            Value::Node(node) if by_place => Some(Question::Place(node.address())),
            _ => None,
        }
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
            Question::Text(text) => {
                let number = self.texts.numbers.get(text);
                number
                    .and_then(|number| answers.by_text.get(number))
                    .copied()
            }
            Question::Number(number) => answers.by_number.get(&number).copied(),
            Question::Place(address) => answers.by_place.get(&address).copied(),
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
        if self.parts[part].is_idle {
            return;
        }
        match question {
            Question::Always => self.parts[part].always = Some(answer),
            Question::Text(text) => {
                let number = self.number_of(text);
                self.parts[part].by_text.insert(number, answer);
            }
            Question::Number(number) => keep_one(&mut self.parts[part].by_number, number, answer),
            Question::Place(address) => keep_one(&mut self.parts[part].by_place, address, answer),
        }
    }

    fn number_of(&mut self, text: &str) -> u32 {
        if let Some(number) = self.texts.numbers.get(text) {
            return *number;
        }
        if self.texts.numbers.len() >= MOST_TEXTS || self.texts.bytes >= MOST_BYTES {
            self.texts = Texts::default();
            for answers in &mut self.parts {
                answers.by_text.clear();
            }
        }
        let number = self.texts.numbers.len() as u32;
        self.texts.bytes += text.len();
        self.texts.numbers.insert(text.into(), number);
        number
    }
}

fn keep_one<K: Eq + Hash>(answers: &mut HashMap<K, Answer>, key: K, answer: Answer) {
    if answers.len() >= MOST {
        answers.clear();
    }
    answers.insert(key, answer);
}
