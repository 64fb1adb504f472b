//! Which updates are judged.
//!
//! An object that fails was there before its policy, and controllers go on to update it: they remove finalizers, adopt,
//! scale, note what they did. Were these updates refused, Jobs would not end and Services not be deleted. So an update is
//! judged where it changes what the control judges, as Pod Security admission does it.

use plimsoll_catalog::Applies;
use serde_json::{Value, json};

use crate::reads::Reads;

/// The condition, as the API has it.
pub(crate) fn condition(applies: &Applies, reads: &Reads) -> Value {
    let expression = if *applies == Applies::Workloads && reads.pod_only() {
        template_changed(reads.pod_metadata())
    } else {
        anything_changed()
    };
    json!({"name": "changes-what-is-judged", "expression": expression})
}

/// The pod template is another. In a Pod it is `spec`, and the metadata that a template has.
fn template_changed(metadata: bool) -> String {
    let of_pod = if metadata {
        "object.spec != oldObject.spec ||\n    \
         object.metadata.?labels != oldObject.metadata.?labels ||\n    \
         object.metadata.?annotations != oldObject.metadata.?annotations"
    } else {
        "object.spec != oldObject.spec"
    };
    format!(
        "oldObject == null ||\n\
         (object.kind == 'Pod' ?\n    {of_pod} :\n  \
         object.kind == 'PodTemplate' ?\n    object.template != oldObject.template :\n  \
         object.kind == 'CronJob' ?\n    object.spec.jobTemplate.spec.template != oldObject.spec.jobTemplate.spec.template :\n    \
         object.spec.template != oldObject.spec.template)"
    )
}

/// Labels, annotations or anything beside metadata and status are others.
fn anything_changed() -> String {
    "oldObject == null ||\n\
     object.metadata.?labels != oldObject.metadata.?labels ||\n\
     object.metadata.?annotations != oldObject.metadata.?annotations ||\n\
     dyn(object).exists(field, !(field in ['metadata', 'status']) &&\n  \
     (!(field in dyn(oldObject)) || dyn(object)[field] != dyn(oldObject)[field])) ||\n\
     dyn(oldObject).exists(field, !(field in dyn(object)))"
        .to_owned()
}
