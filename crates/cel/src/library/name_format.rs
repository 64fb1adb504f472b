//! Formats of names and values that the API checks: `format.dns1123Label().validate('x')`.

use super::regex::compile;
use super::url::Url;
use super::{Function, Object, operator_cost, unit_cost};
use crate::error::EvalError;
use crate::value::{Heap, Timestamp, Value};

/// A format, by the name under which it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameFormat {
    name: &'static str,
    /// How long the pattern behind it is taken to be, for its cost.
    pattern_size: u64,
}

/// All formats. Sizes: Kubernetes API server, cel/library/format.go.
const FORMATS: &[NameFormat] = &[
    NameFormat {
        name: "dns1123Label",
        pattern_size: 30,
    },
    NameFormat {
        name: "dns1123Subdomain",
        pattern_size: 60,
    },
    NameFormat {
        name: "dns1035Label",
        pattern_size: 30,
    },
    NameFormat {
        name: "qualifiedName",
        pattern_size: 60,
    },
    NameFormat {
        name: "dns1123LabelPrefix",
        pattern_size: 30,
    },
    NameFormat {
        name: "dns1123SubdomainPrefix",
        pattern_size: 60,
    },
    NameFormat {
        name: "dns1035LabelPrefix",
        pattern_size: 30,
    },
    NameFormat {
        name: "labelValue",
        pattern_size: 40,
    },
    NameFormat {
        name: "uri",
        pattern_size: 1_034,
    },
    NameFormat {
        name: "uuid",
        pattern_size: 75,
    },
    NameFormat {
        name: "byte",
        pattern_size: 84,
    },
    NameFormat {
        name: "date",
        pattern_size: 83,
    },
    NameFormat {
        name: "datetime",
        pattern_size: 83,
    },
];

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

impl NameFormat {
    /// What is wrong with a value; nothing where it fits.
    pub fn mistakes(self, value: &str) -> Vec<String> {
        match self.name {
            "dns1123Label" => label(value),
            "dns1123LabelPrefix" => label(without_dash(value)),
            "dns1123Subdomain" => subdomain(value),
            "dns1123SubdomainPrefix" => subdomain(without_dash(value)),
            "dns1035Label" => dns1035_label(value),
            "dns1035LabelPrefix" => dns1035_label(without_dash(value)),
            "qualifiedName" => qualified_name(value),
            "labelValue" => label_value(value),
            "uri" => unless(Url::parse(value).is_some(), "invalid URI for request"),
            "uuid" => unless(is_uuid(value), "does not match the UUID format"),
            "byte" => unless(is_base64(value), "invalid base64"),
            "date" => unless(
                value.len() == 10 && Timestamp::parse(&format!("{value}T00:00:00Z")).is_some(),
                "invalid date",
            ),
            _ => unless(Timestamp::parse(value).is_some(), "invalid datetime"),
        }
    }
}

fn unless(fits: bool, mistake: &str) -> Vec<String> {
    if fits {
        Vec::new()
    } else {
        vec![mistake.to_owned()]
    }
}

/// A prefix may end with a dash, since something comes after it.
fn without_dash(value: &str) -> &str {
    value.strip_suffix('-').unwrap_or(value)
}

/// The mistakes of a value that must fit a pattern and a length.
fn fits(value: &str, pattern: &str, most: usize, mistake: &str) -> Vec<String> {
    let mut mistakes = Vec::new();
    if value.len() > most {
        mistakes.push(format!("must be no more than {most} characters"));
    }
    let matches = compile(&format!("^{pattern}$")).is_ok_and(|pattern| pattern.is_match(value));
    if !matches {
        mistakes.push(format!(
            "{mistake} (regex used for validation is '{pattern}')"
        ));
    }
    mistakes
}

fn label(value: &str) -> Vec<String> {
    fits(
        value,
        LABEL,
        63,
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end \
         with an alphanumeric character",
    )
}

fn subdomain(value: &str) -> Vec<String> {
    fits(
        value,
        &format!("{LABEL}(\\.{LABEL})*"),
        253,
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start \
         and end with an alphanumeric character",
    )
}

fn dns1035_label(value: &str) -> Vec<String> {
    fits(
        value,
        "[a-z]([-a-z0-9]*[a-z0-9])?",
        63,
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic \
         character, and end with an alphanumeric character",
    )
}

fn qualified_name(value: &str) -> Vec<String> {
    let (prefix, name) = match value.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, value),
    };
    let mut mistakes = Vec::new();
    if name.contains('/') {
        return vec!["a qualified name has one '/' at most".to_owned()];
    }
    if let Some(prefix) = prefix {
        if prefix.is_empty() {
            mistakes.push("prefix part must be non-empty".to_owned());
        } else {
            let of_prefix = subdomain(prefix);
            mistakes.extend(
                of_prefix
                    .into_iter()
                    .map(|mistake| format!("prefix part {mistake}")),
            );
        }
    }
    if name.is_empty() {
        mistakes.push("name part must be non-empty".to_owned());
        return mistakes;
    }
    let of_name = fits(
        name,
        "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
        63,
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    );
    mistakes.extend(
        of_name
            .into_iter()
            .map(|mistake| format!("name part {mistake}")),
    );
    mistakes
}

fn label_value(value: &str) -> Vec<String> {
    fits(
        value,
        "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
        63,
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start \
         and end with an alphanumeric character",
    )
}

fn is_uuid(value: &str) -> bool {
    compile("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$")
        .is_ok_and(|pattern| pattern.is_match(value))
}

fn is_base64(value: &str) -> bool {
    compile("^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$")
        .is_ok_and(|pattern| pattern.is_match(value))
}

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

/// The functions without arguments, one for each format.
macro_rules! constant_formats {
    ($($name:literal => $at:literal),* $(,)?) => {
        pub(super) static FUNCTIONS: &[Function] = &[
            Function::new("format.named", false, named, unit_cost),
            Function::new("validate", true, validate, validate_cost),
            $(Function::new(concat!("format.", $name), false, |heap, _| {
                Ok(heap.object(Object::Format(FORMATS[$at])))
            }, unit_cost),)*
        ];
    };
}

constant_formats! {
    "dns1123Label" => 0,
    "dns1123Subdomain" => 1,
    "dns1035Label" => 2,
    "qualifiedName" => 3,
    "dns1123LabelPrefix" => 4,
    "dns1123SubdomainPrefix" => 5,
    "dns1035LabelPrefix" => 6,
    "labelValue" => 7,
    "uri" => 8,
    "uuid" => 9,
    "byte" => 10,
    "date" => 11,
    "datetime" => 12,
}

fn validate_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    match arguments {
        [Value::Object(Object::Format(format)), Value::String(value)] => {
            operator_cost::matches(value, format.pattern_size)
        }
        _ => 1,
    }
}

fn named<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let [Value::String(name)] = arguments else {
        return Err(heap.no_such_overload("format.named"));
    };
    let format = FORMATS.iter().find(|format| format.name == *name);
    Ok(format.map_or(Value::Optional(None), |format| {
        heap.some(heap.object(Object::Format(*format)))
    }))
}

fn validate<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let [Value::Object(Object::Format(format)), Value::String(value)] = arguments else {
        return Err(heap.no_such_overload("validate"));
    };
    let mistakes = format.mistakes(value);
    if mistakes.is_empty() {
        return Ok(Value::Optional(None));
    }
    let mistakes: Vec<Value<'a>> = mistakes
        .iter()
        .map(|mistake| heap.string(mistake))
        .collect();
    Ok(heap.some(heap.list(&mistakes)))
}
