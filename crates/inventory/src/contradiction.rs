//! Fields of a pod that the API server refuses together.

use plimsoll_document::Node;

use crate::pod_template::containers;

/// What the API server would refuse a pod template for, though each field is allowed by itself (Kubernetes:
/// `pkg/apis/core/validation`): once for every container it is true of. These are the ones that changing a single field
/// of a sound pod can make.
pub fn contradictions(pod: Node<'_>) -> Vec<&'static str> {
    let mut found = Vec::new();
    for container in containers(pod) {
        let context = container.get_name("securityContext");
        let flag = |name: &str| context.and_then(|context| context.get_name(name)?.as_bool());
        let is_privileged = flag("privileged") == Some(true);
        if flag("allowPrivilegeEscalation") == Some(false) {
            if is_privileged {
                found.push("allowPrivilegeEscalation is false, but privileged is true");
            }
            // The API server looks for this spelling alone.
            let added =
                context.and_then(|context| context.get_name("capabilities")?.get_name("add"));
            let adds_admin = added.is_some_and(|added| {
                added
                    .children()
                    .any(|capability| capability.as_str() == Some("CAP_SYS_ADMIN"))
            });
            if adds_admin {
                found.push("allowPrivilegeEscalation is false, but CAP_SYS_ADMIN is added");
            }
        }
        let mounts = container.get_name("volumeMounts");
        let is_bidirectional = mounts.is_some_and(|mounts| {
            mounts.children().any(|mount| {
                mount.get_name("mountPropagation").and_then(Node::as_str) == Some("Bidirectional")
            })
        });
        if is_bidirectional && !is_privileged {
            found.push("a mount is Bidirectional, which only a privileged container may have");
        }
    }
    found.extend(host_process(pod));
    found
}

/// A Windows host process needs the host's network.
fn host_process(pod: Node<'_>) -> Option<&'static str> {
    let spec = pod.get_name("spec")?;
    let is_host_process = |holder: Node<'_>| {
        let options = holder
            .get_name("securityContext")?
            .get_name("windowsOptions")?;
        options.get_name("hostProcess")?.as_bool()
    };
    let runs_one = is_host_process(spec) == Some(true)
        || containers(pod).any(|container| is_host_process(container) == Some(true));
    let on_host = spec.get_name("hostNetwork").and_then(Node::as_bool) == Some(true);
    (runs_one && !on_host).then_some("hostProcess is true, but hostNetwork is not")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_document::{Format, Limits, Source, parse};

    use super::*;

    fn count(spec: &str) -> usize {
        let text = format!("spec: {spec}");
        let source = Arc::new(Source::new("", text));
        let parsed = parse(&source, Format::Yaml, &Limits::default());
        let root = parsed.documents[0].root.unwrap();
        contradictions(parsed.tree.node(root)).len()
    }

    #[test]
    fn fields_that_exclude_each_other_are_found() {
        let context = |fields: &str| {
            count(&format!(
                "{{containers: [{{securityContext: {{{fields}}}}}]}}"
            ))
        };
        assert_eq!(
            context("allowPrivilegeEscalation: false, privileged: true"),
            1
        );
        assert_eq!(
            context("allowPrivilegeEscalation: false, privileged: false"),
            0
        );
        assert_eq!(context("privileged: true"), 0);
        let add = |name: &str| {
            context(&format!(
                "allowPrivilegeEscalation: false, capabilities: {{add: [{name}]}}"
            ))
        };
        assert_eq!((add("CAP_SYS_ADMIN"), add("SYS_ADMIN")), (1, 0));
        let mount = "volumeMounts: [{mountPropagation: Bidirectional}]";
        assert_eq!(count(&format!("{{initContainers: [{{{mount}}}]}}")), 1);
        let privileged = "securityContext: {privileged: true}";
        assert_eq!(
            count(&format!("{{containers: [{{{mount}, {privileged}}}]}}")),
            0
        );
        let windows = "securityContext: {windowsOptions: {hostProcess: true}}";
        assert_eq!(count(&format!("{{{windows}, hostNetwork: true}}")), 0);
        assert_eq!(count(&format!("{{{windows}, hostNetwork: false}}")), 1);
    }
}
