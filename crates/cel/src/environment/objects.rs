//! Named types with fields: what an admission policy knows of its request.

use foldhash::HashMap;

use super::signature::parse_type;
use crate::types::Type;

/// The variables of an admission policy (upstream: admission/plugin/cel).
pub(super) const ADMISSION_VARIABLES: &[(&str, &str)] = &[
    ("object", "dyn"),
    ("oldObject", "dyn"),
    ("params", "dyn"),
    ("request", "kubernetes.AdmissionRequest"),
    ("namespaceObject", "kubernetes.Namespace"),
    ("authorizer", "kubernetes.authorization.Authorizer"),
    (
        "authorizer.requestResource",
        "kubernetes.authorization.ResourceCheck",
    ),
];

/// A type's name, and the names and types of its fields.
type Fields = (&'static str, &'static [(&'static str, &'static str)]);

const TYPES: &[Fields] = &[
    (
        "kubernetes.AdmissionRequest",
        &[
            ("kind", "kubernetes.GroupVersionKind"),
            ("resource", "kubernetes.GroupVersionResource"),
            ("subResource", "string"),
            ("requestKind", "kubernetes.GroupVersionKind"),
            ("requestResource", "kubernetes.GroupVersionResource"),
            ("requestSubResource", "string"),
            ("name", "string"),
            ("namespace", "string"),
            ("operation", "string"),
            ("userInfo", "kubernetes.UserInfo"),
            ("dryRun", "bool"),
            ("options", "dyn"),
        ],
    ),
    (
        "kubernetes.GroupVersionKind",
        &[
            ("group", "string"),
            ("version", "string"),
            ("kind", "string"),
        ],
    ),
    (
        "kubernetes.GroupVersionResource",
        &[
            ("group", "string"),
            ("version", "string"),
            ("resource", "string"),
        ],
    ),
    (
        "kubernetes.UserInfo",
        &[
            ("username", "string"),
            ("uid", "string"),
            ("groups", "list(string)"),
            ("extra", "map(string, list(string))"),
        ],
    ),
    (
        "kubernetes.Namespace",
        &[
            ("metadata", "kubernetes.NamespaceMetadata"),
            ("spec", "kubernetes.NamespaceSpec"),
            ("status", "kubernetes.NamespaceStatus"),
        ],
    ),
    (
        "kubernetes.NamespaceMetadata",
        &[
            ("name", "string"),
            ("generateName", "string"),
            ("namespace", "string"),
            ("labels", "map(string, string)"),
            ("annotations", "map(string, string)"),
            ("UID", "string"),
            ("creationTimestamp", "timestamp"),
            ("deletionGracePeriodSeconds", "int"),
            ("deletionTimestamp", "timestamp"),
            ("generation", "int"),
            ("resourceVersion", "string"),
            ("finalizers", "list(string)"),
        ],
    ),
    (
        "kubernetes.NamespaceSpec",
        &[("finalizers", "list(string)")],
    ),
    (
        "kubernetes.NamespaceStatus",
        &[
            ("phase", "string"),
            ("conditions", "list(kubernetes.NamespaceCondition)"),
        ],
    ),
    (
        "kubernetes.NamespaceCondition",
        &[
            ("status", "string"),
            ("type", "string"),
            ("lastTransitionTime", "timestamp"),
            ("message", "string"),
            ("reason", "string"),
        ],
    ),
    // Kyverno's.
    (
        "user.ServiceAccount",
        &[("Name", "string"), ("Namespace", "string")],
    ),
    (
        "libs.Exception",
        &[
            ("allowedImages", "list(string)"),
            ("allowedValues", "list(string)"),
        ],
    ),
];

/// The types of an admission policy.
pub(super) fn admission() -> HashMap<String, HashMap<String, Type>> {
    TYPES
        .iter()
        .map(|(name, fields)| {
            let fields = fields
                .iter()
                .map(|(field, of)| ((*field).to_owned(), parse_type(of).unwrap_or(Type::Dyn)))
                .collect();
            ((*name).to_owned(), fields)
        })
        .collect()
}

/// Whether this is a type of a mutation: `JSONPatch`, or `Object` and the types of its fields, named by their path.
pub(super) fn is_mutation_type(name: &str) -> bool {
    name == "JSONPatch" || name == "Object" || name.starts_with("Object.")
}

/// The type of a field of a mutation's type. Below `Object` any field may be set, and its literal is a struct whose
/// type is named by the path, or anything else.
pub(super) fn mutation_field(type_name: &str, field: &str) -> Option<Type> {
    match (type_name, field) {
        ("JSONPatch", "op" | "path" | "from") => Some(Type::String),
        ("JSONPatch", "value") => Some(Type::Dyn),
        ("JSONPatch", _) => None,
        _ => Some(Type::Dyn),
    }
}
