//! Label selectors.

use plimsoll_document::Node;

/// Whether labels have what a `LabelSelector` asks for (K8s API: `LabelSelector`; an empty one selects everything).
/// An expression that the API server would refuse selects nothing.
pub(crate) fn selects<'l>(selector: Node<'_>, label: &dyn Fn(&str) -> Option<&'l str>) -> bool {
    let equalities = selector.get_name("matchLabels").is_none_or(|wanted| {
        wanted
            .entries()
            .all(|(key, value)| value.as_str().is_some() && label(key) == value.as_str())
    });
    let expressions = selector
        .get_name("matchExpressions")
        .is_none_or(|expressions| {
            expressions
                .children()
                .all(|expression| holds(expression, label))
        });
    equalities && expressions
}

/// Whether labels have all of these, as the selector of a Service asks for. None at all select nothing.
pub(crate) fn has_all<'l>(wanted: Node<'_>, label: &dyn Fn(&str) -> Option<&'l str>) -> bool {
    !wanted.is_empty()
        && wanted
            .entries()
            .all(|(key, value)| value.as_str().is_some() && label(key) == value.as_str())
}

fn holds<'l>(expression: Node<'_>, label: &dyn Fn(&str) -> Option<&'l str>) -> bool {
    let Some(key) = expression.get_name("key").and_then(Node::as_str) else {
        return false;
    };
    let value = label(key);
    let is_listed = || {
        expression.get_name("values").is_some_and(|values| {
            values
                .children()
                .any(|listed| listed.as_str() == value && value.is_some())
        })
    };
    match expression.get_name("operator").and_then(Node::as_str) {
        Some("In") => is_listed(),
        Some("NotIn") => !is_listed(),
        Some("Exists") => value.is_some(),
        Some("DoesNotExist") => value.is_none(),
        _ => false,
    }
}

/// The labels of an object or pod template.
pub(crate) fn labels<'n>(of: Node<'n>) -> impl Fn(&str) -> Option<&'n str> {
    let labels = of
        .get_name("metadata")
        .and_then(|metadata| metadata.get_name("labels"));
    move |key| labels?.get_name(key)?.as_str()
}
