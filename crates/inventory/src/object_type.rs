//! What kind of thing an object is: its group, version and kind.

use std::sync::Arc;

use foldhash::HashMap;

use crate::pod_template::pod_template_path;

/// `apiVersion` and `kind`, with what follows from them. All objects of a type share one: a cluster asks for it far more
/// often than for anything else, and has a hundred of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ObjectType {
    pub(crate) api_version: Box<str>,
    pub(crate) kind: Box<str>,
    /// Where objects have their pod template, if they have one.
    pub(crate) pod_template: Option<&'static [&'static str]>,
    /// The length of the group in `api_version`; 0 for the core group.
    group: usize,
}

impl ObjectType {
    fn new(api_version: &str, kind: &str) -> ObjectType {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        ObjectType {
            api_version: api_version.into(),
            kind: kind.into(),
            pod_template: pod_template_path(group, kind),
            group: group.len(),
        }
    }

    /// The API group: empty for the core group.
    pub(crate) fn group(&self) -> &str {
        &self.api_version[..self.group]
    }
}

/// The types of objects that were met.
#[derive(Debug, Default)]
pub(crate) struct ObjectTypes {
    /// By kind; few kinds stand in several versions.
    by_kind: HashMap<Box<str>, Vec<Arc<ObjectType>>>,
}

impl ObjectTypes {
    pub(crate) fn get(&mut self, api_version: &str, kind: &str) -> Arc<ObjectType> {
        let known = self.by_kind.get(kind).into_iter().flatten();
        if let Some(known) = known
            .into_iter()
            .find(|known| *known.api_version == *api_version)
        {
            return Arc::clone(known);
        }
        let made = Arc::new(ObjectType::new(api_version, kind));
        let of_kind = self.by_kind.entry(kind.into()).or_default();
        of_kind.push(Arc::clone(&made));
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_a_type_share_it() {
        let mut types = ObjectTypes::default();
        let deployment = types.get("apps/v1", "Deployment");
        assert_eq!(
            (deployment.group(), &*deployment.kind),
            ("apps", "Deployment")
        );
        assert!(deployment.pod_template.is_some());
        assert!(Arc::ptr_eq(
            &deployment,
            &types.get("apps/v1", "Deployment")
        ));
        let other = types.get("example.com/v1", "Deployment");
        assert_eq!((other.group(), other.pod_template), ("example.com", None));
        let secret = types.get("v1", "Secret");
        assert_eq!((secret.group(), &*secret.api_version), ("", "v1"));
    }
}
