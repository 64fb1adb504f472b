//! Declarations of functions, written as they are read: `<string>.contains(string) -> bool`.

use std::sync::Arc;

use crate::types::Type;

/// One form of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Overload {
    /// Called as `target.name(...)`: the target is the first parameter.
    pub member: bool,
    /// Parameter types.
    pub parameters: Vec<Type>,
    /// Result type.
    pub result: Type,
}

impl Overload {
    /// Whether it has type parameters.
    pub(crate) fn is_generic(&self) -> bool {
        self.result.has_parameters() || self.parameters.iter().any(Type::has_parameters)
    }

    /// The form as [`parse_signature`] reads it.
    pub fn signature(&self, name: &str) -> String {
        let mut parameters = self.parameters.iter().map(written);
        let target = if self.member {
            parameters.next().map(|target| format!("<{target}>."))
        } else {
            None
        };
        let parameters: Vec<String> = parameters.collect();
        format!(
            "{}{name}({}) -> {}",
            target.unwrap_or_default(),
            parameters.join(", "),
            written(&self.result)
        )
    }
}

/// A type as [`parse_type`] reads it.
fn written(of: &Type) -> String {
    match of {
        Type::Duration => "duration".to_owned(),
        Type::Timestamp => "timestamp".to_owned(),
        Type::List(element) => format!("list({})", written(element)),
        Type::Map(key, value) => format!("map({}, {})", written(key), written(value)),
        Type::Optional(of) => format!("optional({})", written(of)),
        Type::Type(of) => format!("type({})", written(of)),
        other => other.to_string(),
    }
}

/// A function's name and one of its forms, from a text such as `<list(T)>.first() -> optional(T)`.
///
/// A member's target stands in angle brackets; a name may have dots (`sets.contains(list(T), list(T)) -> bool`);
/// single capital letters are type parameters. `None` where the text has another form.
pub fn parse_signature(text: &str) -> Option<(&str, Overload)> {
    let (mut parameters, member, rest) = match text.strip_prefix('<') {
        Some(rest) => {
            let end = rest.find(">.")?;
            (vec![parse_type(&rest[..end])?], true, &rest[end + 2..])
        }
        None => (Vec::new(), false, text),
    };
    let open = rest.find('(')?;
    let name = &rest[..open];
    let (arguments, result) = rest[open + 1..].rsplit_once(") -> ")?;
    for argument in split(arguments) {
        parameters.push(parse_type(argument)?);
    }
    let overload = Overload {
        member,
        parameters,
        result: parse_type(result)?,
    };
    Some((name, overload))
}

/// A type as written in a signature.
pub fn parse_type(text: &str) -> Option<Type> {
    let text = text.trim();
    if let Some((name, parameters)) = text.split_once('(') {
        let parameters: Option<Vec<Type>> = split(parameters.strip_suffix(')')?)
            .into_iter()
            .map(parse_type)
            .collect();
        return Some(match (name, parameters?.as_slice()) {
            ("list", [element]) => Type::list(element.clone()),
            ("map", [key, value]) => Type::map(key.clone(), value.clone()),
            ("optional", [of]) => Type::optional(of.clone()),
            ("type", [of]) => Type::Type(Arc::new(of.clone())),
            (name, parameters) => Type::Named(name.into(), parameters.into()),
        });
    }
    Some(match text {
        "" => return None,
        "null" => Type::Null,
        "bool" => Type::Bool,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "double" => Type::Double,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "duration" => Type::Duration,
        "timestamp" => Type::Timestamp,
        "dyn" => Type::Dyn,
        text if text.len() == 1 && text.as_bytes()[0].is_ascii_uppercase() => Type::param(text),
        text => Type::named(text),
    })
}

/// Parts between commas that stand outside of parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_u32, 0);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !text[start..].trim().is_empty() {
        parts.push(&text[start..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_read_as_written() {
        let (name, overload) =
            parse_signature("<map(K, list(V))>.at(K, int) -> optional(V)").unwrap();
        assert_eq!(name, "at");
        assert!(overload.member);
        assert_eq!(overload.parameters.len(), 3);
        assert_eq!(overload.parameters[0].to_string(), "map(K, list(V))");
        assert_eq!(overload.result.to_string(), "optional_type(V)");
        assert_eq!(
            overload.signature(name),
            "<map(K, list(V))>.at(K, int) -> optional(V)"
        );
        let (name, overload) = parse_signature("ip.isCanonical(string) -> bool").unwrap();
        assert_eq!(name, "ip.isCanonical");
        assert!(!overload.member);
        assert!(parse_signature("broken(int -> bool").is_none());
    }
}
