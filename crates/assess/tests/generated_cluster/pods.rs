//! The properties of workloads and Pods.

use crate::comparison::{Comparison, Part, Set, Unit, compare, control, workloads};

/// The properties of workloads and Pods.
pub(crate) fn of_pods() -> Vec<Comparison> {
    let by_container = |property, set| compare(property, Part::Whole, Unit::Container, set);
    let by_object = |property, set| compare(property, Part::Whole, Unit::Object, set);
    // Limits and requests: what namespaces give to those that state none is left out.
    let resources = |property, set| compare(property, Part::Bare, Unit::Container, set);
    let baseline = || Set::Framework("pss-baseline");
    let restricted = || Set::Framework("pss-restricted");
    vec![
        by_container(
            "allow_privilege_escalation_not_false",
            control("privilege-escalation-allowed"),
        ),
        // The restricted level allows NET_BIND_SERVICE.
        by_container(
            "capabilities_added",
            control("capability-beyond-net-bind-service").or(workloads(
                "item.?securityContext.?capabilities.?add.orValue([]) == ['NET_BIND_SERVICE']",
            )),
        ),
        by_container(
            "capabilities_added_beyond_baseline",
            control("added-capability"),
        ),
        by_container(
            "capabilities_not_all_dropped",
            control("capabilities-not-dropped"),
        ),
        // The default account does no harm where its token is not mounted.
        by_object(
            "default_service_account",
            control("default-account-used").or(workloads(
                "cluster.serviceAccountName(object) == 'default' && !cluster.mountsToken(object)",
            )),
        ),
        by_object("host_ipc", control("host-ipc")),
        by_object("host_network", control("host-network")),
        by_object("host_path_volume", control("host-path-volume")),
        by_object("host_pid", control("host-pid")),
        by_container("host_port", control("host-port")),
        by_container(
            "image_pull_policy_not_always",
            workloads("item.?imagePullPolicy.orValue('') != 'Always'"),
        ),
        by_container(
            "image_registry_untrusted",
            control("image-from-unapproved-registry"),
        ),
        by_container("image_tag_mutable", control("image-tag-missing-or-latest")),
        by_container("image_without_digest", control("image-not-pinned-by-digest")),
        // A user other than root, by number, keeps root out whatever the image says; Pod Security asks for more.
        by_container(
            "may_run_as_root",
            control("root-user-allowed").and(workloads(
                "item.?securityContext.?runAsUser.or(pod.?spec.?securityContext.?runAsUser).orValue(0) == 0",
            )),
        ),
        resources("no_cpu_limit", control("cpu-limit-missing")),
        // A limit without a request is the request, too.
        resources(
            "no_cpu_request",
            control("cpu-request-missing").or(workloads(
                "!item.?resources.?requests.?cpu.hasValue() && item.?resources.?limits.?cpu.hasValue()",
            )),
        ),
        by_container("no_liveness_probe", control("liveness-probe-missing")),
        resources("no_memory_limit", control("memory-limit-missing")),
        resources(
            "no_memory_request",
            control("memory-request-missing").or(workloads(
                "!item.?resources.?requests.?memory.hasValue() && item.?resources.?limits.?memory.hasValue()",
            )),
        ),
        // Readiness is asked by Services: without one nobody asks.
        by_container(
            "no_readiness_probe",
            control("readiness-probe-missing").or(workloads(
                "!item.?readinessProbe.hasValue() && pod.spec.containers.exists(c, c.name == item.name) && \
                 pod.?spec.?restartPolicy.orValue('Always') == 'Always' && \
                 cluster.selecting(object, 'Service').size() == 0",
            )),
        ),
        by_object("pod_security_privileged", baseline()),
        by_object("pod_security_baseline", restricted().without(baseline())),
        by_object(
            "pod_security_restricted",
            workloads("true").without(baseline()).without(restricted()),
        ),
        by_container("privileged", control("privileged-container")),
        by_container(
            "root_filesystem_writable",
            control("writable-root-filesystem"),
        ),
        by_container("run_as_non_root_not_true", control("root-user-allowed")),
        by_container("run_as_user_zero", control("runs-as-uid-0")),
        by_object("runtime_socket_mounted", control("runtime-socket-mounted")),
        by_container("seccomp_not_set", control("seccomp-profile-missing")),
        by_container("secret_key_ref_in_env", control("secret-in-environment")),
        by_container("secret_literal_in_env", control("credential-in-environment")),
        // A token is in use where its account has rights.
        by_object(
            "service_account_token_mounted",
            control("unused-token-mounted").or(workloads(
                "cluster.mountsToken(object) && cluster.bindingsFor(object)\
                 .exists(b, !b.metadata.?name.orValue('').startsWith('system:'))",
            )),
        ),
    ]
}
