//! Items and expressions of a page as variables and a validation.

use plimsoll_catalog::{Applies, Control, Start};

use crate::constant::constant;
use crate::items::{Base, Items, all_start_at};
use crate::kinds::Kinds;
use crate::refusal::Refusal;
use crate::rewrite::{Names, rewrite};

/// The variables and the validation of a policy, as text.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Names and expressions, each seeing those before it.
    pub(crate) variables: Vec<(String, String)>,
    /// True where the object is as it should be.
    pub(crate) expression: String,
    /// What is wrong with it: an expression of type string. `None` where there is only the title.
    pub(crate) message: Option<String>,
}

/// The pod template of every kind that has one. Its type differs by kind, so that no one type can be checked.
const POD: &str = "object.kind == 'Pod' ? dyn(object) :\n\
    object.kind == 'PodTemplate' ? dyn(object).template :\n\
    object.kind == 'CronJob' ? dyn(object).spec.jobTemplate.spec.template :\n\
    dyn(object).spec.template";

/// All containers, in the order in which a scan judges them.
const CONTAINERS: &str = "variables.pod.spec.?initContainers.orValue([]) +\n\
    variables.pod.spec.?containers.orValue([]) +\n\
    variables.pod.spec.?ephemeralContainers.orValue([])";

/// Names that are taken, beside those of parameters.
const TAKEN: [&str; 5] = ["pod", "containers", "failing", "message", "object"];

/// Texts of a page with the names of a policy.
struct Page<'c> {
    control: &'c Control,
    object: &'static str,
    minor: u32,
}

impl Page<'_> {
    fn names<'n>(&self, item: &'n str, container: &'n str) -> Names<'n> {
        Names {
            item,
            container,
            object: self.object,
            minor: self.minor,
        }
    }

    /// `when` and `known`; `None` where every item is judged.
    fn judged(&self, names: Names<'_>) -> Result<Option<String>, Refusal> {
        let mut parts = Vec::new();
        for text in [self.control.when_text(), self.control.known_text()] {
            if !text.is_empty() {
                parts.push(format!("({})", rewrite(text, names)?));
            }
        }
        Ok((!parts.is_empty()).then(|| parts.join(" && ")))
    }

    /// That an item is judged, and not as it should be. What is judged comes first, and alone: where it fails, so does the
    /// policy, and the other half of an `&&` must not hide it.
    fn fails(&self, names: Names<'_>) -> Result<String, Refusal> {
        let expect = rewrite(self.control.expect_text(), names)?;
        Ok(match self.judged(names)? {
            Some(judged) => format!("{judged} ? !({expect}) : false"),
            None => format!("!({expect})"),
        })
    }

    fn message(&self, names: Names<'_>) -> Result<String, Refusal> {
        rewrite(self.control.message_text(), names)
    }
}

impl Shape {
    pub(crate) fn of(control: &Control, kinds: &Kinds, minor: u32) -> Result<Shape, Refusal> {
        let workloads = control.applies == Applies::Workloads;
        let page = Page {
            control,
            object: if has_one_type(kinds) {
                "object"
            } else {
                "variables.object"
            },
            minor,
        };
        let mut variables = Vec::new();
        for parameter in control.parameters.list() {
            if TAKEN.contains(&parameter.name.as_str()) {
                return Err(Refusal::Form(format!(
                    "the name of its parameter '{}' is taken",
                    parameter.name
                )));
            }
            variables.push((parameter.name.clone(), constant(&parameter.value)));
        }
        variables.push(("object".to_owned(), "dyn(object)".to_owned()));
        if workloads {
            variables.push(("pod".to_owned(), POD.to_owned()));
            variables.push(("containers".to_owned(), CONTAINERS.to_owned()));
        }
        let (failing, expression, message) = page.validation()?;
        variables.extend(failing.map(|failing| ("failing".to_owned(), failing)));
        // Lines would be taken for a mistake, and so would more than 5 KiB.
        variables.push((
            "message".to_owned(),
            format!("{}.replace('\\n', ' ')", bracketed(&message)),
        ));
        let mut shape = Shape {
            variables,
            expression,
            message: Some(
                "variables.message.size() > 1000 ? variables.message.substring(0, 1000) + ' ...' : variables.message"
                    .to_owned(),
            ),
        };
        shape.drop_unused();
        Ok(shape)
    }

    /// Leaves the message to the title.
    pub(crate) fn without_message(&mut self) {
        self.message = None;
        self.drop_unused();
    }

    /// Variables that nothing names are left out.
    fn drop_unused(&mut self) {
        let mut at = self.variables.len();
        while at > 0 {
            at -= 1;
            let reference = format!("variables.{}", self.variables[at].0);
            let names = |text: &String| {
                text.match_indices(&reference).any(|(start, found)| {
                    let next = text[start + found.len()..].chars().next();
                    !next.is_some_and(|next| next.is_ascii_alphanumeric() || next == '_')
                })
            };
            let used = names(&self.expression)
                || self.message.as_ref().is_some_and(names)
                || self.variables[at + 1..].iter().any(|(_, text)| names(text));
            if !used {
                self.variables.remove(at);
            }
        }
    }
}

impl Page<'_> {
    /// The list of what fails where there can be several, that there is nothing, and what to say of it.
    fn validation(&self) -> Result<(Option<String>, String, String), Refusal> {
        let each = &self.control.each;
        if let [only] = each.as_slice()
            && only.path.segments.is_empty()
        {
            return match only.start {
                Start::Object => self.single(self.object),
                Start::Pod => self.single("variables.pod"),
                Start::Components => Err(Refusal::Components),
                Start::Containers => {
                    let names = self.names("item", "item");
                    self.flat("variables.containers", names)
                }
            };
        }
        if all_start_at(each, &[Start::Object, Start::Pod]) {
            let (lists, nested) = self.lists(&[Start::Object, Start::Pod], "")?;
            // No item is in a container, and no expression can name one.
            let names = self.names("item", "dyn(null)");
            return if nested {
                self.nested(&lists, names)
            } else {
                self.flat(&lists, names)
            };
        }
        self.by_container()
    }

    /// One item, always there.
    fn single(&self, item: &str) -> Result<(Option<String>, String, String), Refusal> {
        let names = self.names(item, "dyn(null)");
        let expect = rewrite(self.control.expect_text(), names)?;
        let expression = match self.judged(names)? {
            Some(judged) => format!("{judged} ? ({expect}) : true"),
            None => expect,
        };
        Ok((None, expression, self.message(names)?))
    }

    /// A list of items.
    fn flat(
        &self,
        list: &str,
        names: Names<'_>,
    ) -> Result<(Option<String>, String, String), Refusal> {
        let failing = format!("{}.filter(item, {})", bracketed(list), self.fails(names)?);
        let message = format!(
            "variables.failing.map(item, {}).join('; ')",
            self.message(names)?
        );
        Ok((
            Some(failing),
            "variables.failing.size() == 0".to_owned(),
            message,
        ))
    }

    /// A list of lists of items.
    fn nested(
        &self,
        lists: &str,
        names: Names<'_>,
    ) -> Result<(Option<String>, String, String), Refusal> {
        let failing = format!(
            "{}.map(items, items.filter(item, {})).filter(items, items.size() > 0)",
            bracketed(lists),
            self.fails(names)?
        );
        let message = format!(
            "variables.failing.map(items, items.map(item, {}).join('; ')).join('; ')",
            self.message(names)?
        );
        Ok((
            Some(failing),
            "variables.failing.size() == 0".to_owned(),
            message,
        ))
    }

    /// Items in containers, and those of the pod, which are in none: `container` is null there.
    fn by_container(&self) -> Result<(Option<String>, String, String), Refusal> {
        let (inside, nested) = self.lists(&[Start::Containers], "container")?;
        if nested {
            return Err(Refusal::Form(
                "its items are in lists within lists of containers".to_owned(),
            ));
        }
        let (containers, list) = if all_start_at(&self.control.each, &[Start::Containers]) {
            ("variables.containers".to_owned(), inside)
        } else {
            let (outside, nested) = self.lists(&[Start::Object, Start::Pod], "")?;
            if nested {
                return Err(Refusal::Form(
                    "its items are in lists within lists and in containers".to_owned(),
                ));
            }
            (
                "([dyn(null)] + variables.containers)".to_owned(),
                format!("container == null ? {outside} : {inside}"),
            )
        };
        let names = self.names("item", "container");
        let failing = format!(
            "{containers}.map(container, {{'container': dyn(container), 'items': dyn({}.filter(item, {}))}})\
             .filter(found, found.items.size() > 0)",
            bracketed(&list),
            self.fails(names)?
        );
        let message = format!(
            "variables.failing.map(found, found.items.map(item, {}).join('; ')).join('; ')",
            self.message(self.names("item", "found.container"))?
        );
        Ok((
            Some(failing),
            "variables.failing.size() == 0".to_owned(),
            message,
        ))
    }

    /// The lists of the paths that start at one of these, put together; and whether they are lists of lists.
    fn lists(&self, starts: &[Start], container: &str) -> Result<(String, bool), Refusal> {
        let mut all = Vec::new();
        for each in self
            .control
            .each
            .iter()
            .filter(|each| starts.contains(&each.start))
        {
            let base = match each.start {
                Start::Object => self.object,
                Start::Pod => "variables.pod",
                Start::Containers => container,
                Start::Components => return Err(Refusal::Components),
            };
            let mixed = each.start == Start::Object && self.object != "object";
            all.push((
                base,
                Items::of(
                    Base {
                        expression: base,
                        mixed,
                    },
                    &each.path,
                )?,
            ));
        }
        let nested = all
            .iter()
            .any(|(_, items)| matches!(items, Items::Lists(_)));
        let shown: Vec<String> = all
            .into_iter()
            .map(|(base, items)| {
                let (text, is_lists) = match items {
                    Items::Base => (format!("[{base}]"), false),
                    Items::List(list) => (list, false),
                    Items::Lists(lists) => (lists, true),
                };
                if nested && !is_lists {
                    format!("[{text}]")
                } else {
                    text
                }
            })
            .collect();
        Ok((shown.join(" + "), nested))
    }
}

/// An expression that something is read of. What is one word needs no brackets.
fn bracketed(expression: &str) -> String {
    if expression.contains(' ') {
        format!("({expression})")
    } else {
        expression.to_owned()
    }
}

/// Whether the API server can check the types of what is read of an object. Of several kinds none has all the fields that
/// are asked for, and data of a Secret have the type bytes there, but are text when they are read.
fn has_one_type(kinds: &Kinds) -> bool {
    match kinds.served.as_slice() {
        [one] => kinds.left_out.is_empty() && one.kind != "Secret",
        _ => false,
    }
}
