//! `each` as lists of CEL.

use plimsoll_catalog::{Each, Start};
use plimsoll_document::{Path, Segment};

use crate::constant::string;
use crate::refusal::Refusal;

/// Where a path starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Base<'b> {
    /// The expression for it.
    pub(crate) expression: &'b str,
    /// Whether it is one of several kinds, so that a field may be a map in one and a list in another.
    pub(crate) mixed: bool,
}

/// The items of a path below a base: an expression that gives them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Items {
    /// The base itself: always one.
    Base,
    /// A list of items.
    List(String),
    /// A list of lists of items: CEL of the versions before 1.35 cannot make one list of them.
    Lists(String),
}

impl Items {
    /// The items of a path.
    pub(crate) fn of(base: Base<'_>, path: &Path) -> Result<Items, Refusal> {
        let parts: Vec<&[Segment]> = path
            .segments
            .split(|segment| *segment == Segment::Every)
            .collect();
        match parts.as_slice() {
            [[]] => Ok(Items::Base),
            [fields] => Ok(Items::List(one(base, fields))),
            [list, fields] => Ok(Items::List(elements(base, list, fields))),
            [outer, inner, fields] => {
                let element = Base {
                    expression: "outer",
                    mixed: false,
                };
                let inner = elements(element, inner, fields);
                Ok(Items::Lists(format!(
                    "{}.map(outer, {inner})",
                    list(base, outer)
                )))
            }
            _ => Err(Refusal::Form(
                "its items are in lists within lists within lists".to_owned(),
            )),
        }
    }
}

/// A field that may be missing, as a list of none or one.
fn one(base: Base<'_>, fields: &[Segment]) -> String {
    format!(
        "{}.optMap(field, [field]).orValue([])",
        optional(base, fields)
    )
}

/// A list that may be missing.
fn list(base: Base<'_>, fields: &[Segment]) -> String {
    if fields.is_empty() {
        return base.expression.to_owned();
    }
    format!("{}.orValue([])", optional(base, fields))
}

/// Of each element of a list its field, where it has it.
fn elements(base: Base<'_>, of: &[Segment], fields: &[Segment]) -> String {
    let list = list(base, of);
    let element = Base {
        expression: "element",
        mixed: false,
    };
    if fields.is_empty() {
        return list;
    }
    format!(
        "{list}.filter(element, {}.hasValue()).map(element, {})",
        optional(element, fields),
        plain("element", fields)
    )
}

/// `base.?a.?b`. In one of several kinds what is below a field that is a map in one kind and a list in another is read of a map only, as a scan
/// does it: of a list the API server cannot read a field.
fn optional(base: Base<'_>, fields: &[Segment]) -> String {
    if !base.mixed {
        return read(base.expression, fields, "?");
    }
    let is_map = |field: &Segment| match field {
        Segment::Key(key) => ALWAYS_MAPS.contains(&key.name()),
        Segment::Index(_) | Segment::Every => false,
    };
    // Of what is below the first field that may be something else each is read by itself.
    let plain = fields.iter().take_while(|field| is_map(field)).count() + 1;
    let (first, rest) = fields.split_at(plain.min(fields.len()));
    let mut expression = read(base.expression, first, "?");
    for field in rest {
        let below = read("below", std::slice::from_ref(field), "?");
        expression.push_str(&format!(
            ".optFlatMap(below, type(below) == map ? {below} : optional.none())"
        ));
    }
    expression
}

/// Fields that are maps in every kind that has them.
const ALWAYS_MAPS: [&str; 7] = [
    "metadata",
    "annotations",
    "labels",
    "spec",
    "template",
    "jobTemplate",
    "data",
];

/// `base.a.b`
fn plain(base: &str, fields: &[Segment]) -> String {
    read(base, fields, "")
}

fn read(base: &str, fields: &[Segment], mark: &str) -> String {
    let mut expression = base.to_owned();
    for field in fields {
        expression.push_str(&match field {
            Segment::Key(key) if is_identifier(key.name()) => format!(".{mark}{}", key.name()),
            Segment::Key(key) => format!("[{mark}{}]", string(key.name())),
            Segment::Index(index) => format!("[{mark}{index}]"),
            Segment::Every => String::new(),
        });
    }
    expression
}

/// Whether a name can stand after a dot.
fn is_identifier(name: &str) -> bool {
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_')
        && !matches!(name, "in" | "true" | "false" | "null")
}

/// Whether all items of a control start at one of these.
pub(crate) fn all_start_at(each: &[Each], starts: &[Start]) -> bool {
    each.iter().all(|each| starts.contains(&each.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: Base<'_> = Base {
        expression: "pod",
        mixed: false,
    };

    fn items(path: &str) -> Items {
        Items::of(POD, &Path::parse(path).unwrap()).unwrap()
    }

    #[test]
    fn paths_are_lists() {
        let list = |text: &str| Items::List(text.to_owned());
        assert_eq!(Items::of(POD, &Path::default()).unwrap(), Items::Base);
        assert_eq!(
            items("spec.hostPID"),
            list("pod.?spec.?hostPID.optMap(field, [field]).orValue([])")
        );
        assert_eq!(
            items("spec.volumes[*]"),
            list("pod.?spec.?volumes.orValue([])")
        );
        assert_eq!(
            items("volumes[*].hostPath.path"),
            list(
                "pod.?volumes.orValue([]).filter(element, element.?hostPath.?path.hasValue())\
                 .map(element, element.hostPath.path)"
            )
        );
        assert_eq!(
            items("rules[*].paths[*]"),
            Items::Lists("pod.?rules.orValue([]).map(outer, outer.?paths.orValue([]))".to_owned())
        );
        assert_eq!(
            items("data[\"a-b\"]"),
            list("pod.?data[?'a-b'].optMap(field, [field]).orValue([])")
        );
    }

    #[test]
    fn what_may_be_a_list_elsewhere_is_read_of_maps_only() {
        let mixed = Base {
            expression: "object",
            mixed: true,
        };
        let path = Path::parse("spec.tls.minVersion").unwrap();
        assert_eq!(
            Items::of(mixed, &path).unwrap(),
            Items::List(
                "object.?spec.?tls.optFlatMap(below, type(below) == map ? below.?minVersion : optional.none())\
                 .optMap(field, [field]).orValue([])"
                    .to_owned()
            )
        );
        let path = Path::parse("spec.template.metadata.annotations").unwrap();
        let plain =
            "object.?spec.?template.?metadata.?annotations.optMap(field, [field]).orValue([])";
        assert_eq!(
            Items::of(mixed, &path).unwrap(),
            Items::List(plain.to_owned())
        );
    }
}
