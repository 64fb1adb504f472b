//! What the API server fills in where a field is missing.

use plimsoll_document::{Path, Segment};

use crate::kubernetes_version::KubernetesVersion;

/// The end of a field's path, its default as JSON, and since which minor the field exists. Source of each: the
/// Kubernetes API reference of the type before the dot.
const DEFAULTS: &[(&[&str], &str, u32)] = &[
    // PodSpec
    (&["spec", "hostNetwork"], "false", 0),
    (&["spec", "hostPID"], "false", 0),
    (&["spec", "hostIPC"], "false", 0),
    (&["spec", "hostUsers"], "true", 25),
    (&["spec", "shareProcessNamespace"], "false", 10),
    (&["spec", "restartPolicy"], "\"Always\"", 0),
    (&["spec", "dnsPolicy"], "\"ClusterFirst\"", 0),
    (&["spec", "terminationGracePeriodSeconds"], "30", 0),
    (&["spec", "enableServiceLinks"], "true", 13),
    // SecurityContext
    (&["securityContext", "privileged"], "false", 0),
    (&["securityContext", "allowPrivilegeEscalation"], "true", 8),
    (&["securityContext", "readOnlyRootFilesystem"], "false", 0),
    (&["securityContext", "runAsNonRoot"], "false", 0),
    (&["securityContext", "procMount"], "\"Default\"", 12),
    (&["windowsOptions", "hostProcess"], "false", 22),
    // Container, VolumeMount
    (&["stdin"], "false", 0),
    (&["tty"], "false", 0),
    (&["readOnly"], "false", 0),
    (&["mountPropagation"], "\"None\"", 10),
    (&["protocol"], "\"TCP\"", 0),
];

/// The default of the field at the end of a path, as JSON; `None` where there is none, or it is not known.
pub fn api_default(path: &Path, version: KubernetesVersion) -> Option<&'static str> {
    DEFAULTS
        .iter()
        .find(|(end, _, since)| *since <= version.minor && ends_with(path, end))
        .map(|(_, default, _)| *default)
}

fn ends_with(path: &Path, end: &[&str]) -> bool {
    path.segments.len() >= end.len()
        && path
            .segments
            .iter()
            .rev()
            .zip(end.iter().rev())
            .all(|(segment, name)| matches!(segment, Segment::Key(key) if key.name() == *name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_depend_on_field_and_version() {
        let default = |path: &str, minor| {
            api_default(&Path::parse(path).unwrap(), KubernetesVersion { minor })
        };
        let escalation = "spec.containers[0].securityContext.allowPrivilegeEscalation";
        assert_eq!(default(escalation, 34), Some("true"));
        assert_eq!(default(escalation, 7), None);
        assert_eq!(default("spec.hostPID", 1), Some("false"));
        assert_eq!(default("spec.volumes[0].name", 34), None);
    }
}
