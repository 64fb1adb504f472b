//! The properties of all other objects.

use crate::comparison::{Comparison, Part, Set, Unit, compare, control, objects, workloads};

/// The properties of everything else.
pub(crate) fn of_others() -> Vec<Comparison> {
    let whole = |property, set| compare(property, Part::Whole, Unit::Object, set);
    let bare = |property, set| compare(property, Part::Bare, Unit::Object, set);
    // Rights are judged where a binding gives them; a role that nobody has is found for that.
    let granted = |by_bindings: Set, verbs_and_resources: &'static str| {
        by_bindings
            .roles()
            .or(control("unbound-role").and(objects(ROLES, verbs_and_resources)))
    };
    let reads_secrets = || {
        granted(
            control("secrets-readable-cluster-wide").or(control("secrets-listable")),
            "['get', 'list', 'watch'].exists(v, cluster.grants(object, v, '', 'secrets'))",
        )
    };
    let runs_commands = || {
        granted(
            control("exec-right"),
            "['create', 'get'].exists(v, cluster.grants(object, v, '', 'pods/exec'))",
        )
    };
    let escalates = || {
        granted(
            control("bind-or-escalate-right"),
            "['escalate', 'bind'].exists(v, ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']\
             .exists(r, cluster.grants(object, v, 'rbac.authorization.k8s.io', r)))",
        )
    };
    let wildcards = || control("wildcard-verbs").and(control("wildcard-resources"));
    // The host's network is out of reach of policies, and judged elsewhere.
    let not_selected =
        |name: &'static str, expression: &'static str| control(name).or(workloads(expression));
    let inbound = || {
        not_selected(
            "inbound-policy-missing",
            "pod.?spec.?hostNetwork.orValue(false) && !cluster.isIsolated(object, 'Ingress') && \
             !(cluster.namespaceName(object) in ['kube-system', 'kube-public', 'kube-node-lease'])",
        )
    };
    let outbound = || {
        not_selected(
            "outbound-policy-missing",
            "pod.?spec.?hostNetwork.orValue(false) && !cluster.isIsolated(object, 'Egress') && \
             !(cluster.namespaceName(object) in ['kube-system', 'kube-public', 'kube-node-lease'])",
        )
    };
    // The namespace 'default' needs neither quota nor limits as long as nothing runs there.
    let idle = || objects("[/Namespace]", "item.metadata.name == 'default'");
    let pods = |property, set| compare(property, Part::Pods, Unit::Object, set);
    vec![
        whole(
            "bindings_to_anonymous_or_unauthenticated",
            control("anonymous-rights"),
        ),
        whole("bindings_to_missing_account", control("dangling-subject")),
        whole("bindings_to_missing_role", control("dangling-role")),
        whole(
            "cluster_admin_bindings_not_default",
            control("cluster-admin-bound").of_kind("ClusterRoleBinding"),
        ),
        compare(
            "cluster_admin_subjects_not_default",
            Part::Whole,
            Unit::Subject,
            control("cluster-admin-bound").of_kind("ClusterRoleBinding"),
        ),
        whole("roles_creates_pod_exec", runs_commands()),
        whole("roles_escalate_or_bind", escalates()),
        whole("roles_reads_secrets", reads_secrets()),
        whole("roles_wildcard_verb_and_resource", wildcards()),
        whole(
            "cluster_roles_creates_pod_exec",
            runs_commands().of_kind("ClusterRole"),
        ),
        whole(
            "cluster_roles_escalate_or_bind",
            escalates().of_kind("ClusterRole"),
        ),
        whole(
            "cluster_roles_reads_secrets",
            reads_secrets().of_kind("ClusterRole"),
        ),
        whole(
            "cluster_roles_wildcard_verb_and_resource",
            control("hidden-administrator-role"),
        ),
        whole(
            "config_maps_unused",
            objects("[/ConfigMap]", "cluster.workloadsOf(object).size() == 0"),
        ),
        whole(
            "hpas_with_missing_target",
            control("autoscaler-target-missing"),
        ),
        compare(
            "ingress_backends_missing",
            Part::Whole,
            Unit::Place,
            control("backend-missing"),
        ),
        whole("ingresses_without_tls", control("ingress-without-tls")),
        whole(
            "namespaces_pod_security_enforce_privileged",
            control("privileged-level-enforced"),
        ),
        whole(
            "namespaces_user",
            objects(
                "[/Namespace]",
                "!(item.metadata.name in ['kube-system', 'kube-public', 'kube-node-lease'])",
            ),
        ),
        bare(
            "namespaces_without_default_deny_egress",
            control("egress-open-by-default"),
        ),
        whole(
            "namespaces_without_default_deny_ingress",
            control("ingress-open-by-default"),
        ),
        whole(
            "namespaces_without_limit_range",
            control("limit-range-missing").or(idle()),
        ),
        whole(
            "namespaces_without_network_policy",
            control("namespace-without-network-policy"),
        ),
        whole(
            "namespaces_without_pod_security_enforce",
            control("pod-security-level-missing"),
        ),
        whole(
            "namespaces_without_resource_quota",
            control("resource-quota-missing").or(idle()),
        ),
        whole(
            "nodes_kubelet_older_than_1_31",
            control("kubernetes-out-of-support"),
        ),
        whole(
            "nodes_not_ready",
            objects(
                "[/Node]",
                "!item.status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')",
            ),
        ),
        pods("pods_user_not_selected_by_egress_policy", outbound()),
        pods("pods_user_not_selected_by_ingress_policy", inbound()),
        bare(
            "scaled_workloads_user_with_2_or_more_replicas_without_pdb",
            control("disruption-budget-missing"),
        ),
        bare(
            "scaled_workloads_with_one_replica",
            control("single-replica-of-critical-workload"),
        ),
        bare("secrets_unused", control("unused-secret")),
        // Each of them listens on port 80.
        whole(
            "services_load_balancer",
            control("load-balancer-without-tls"),
        ),
        whole(
            "services_load_balancer_open_to_all",
            control("open-load-balancer"),
        ),
        whole("services_node_port", control("nodeport-service")),
        whole(
            "services_selecting_no_pod",
            control("service-without-workload"),
        ),
        compare(
            "webhooks_failure_policy_ignore",
            Part::Whole,
            Unit::Place,
            control("fail-open-webhook"),
        ),
        whole("workloads_user_not_selected_by_egress_policy", outbound()),
        whole("workloads_user_not_selected_by_ingress_policy", inbound()),
    ]
}

pub(crate) const ROLES: &str =
    "[rbac.authorization.k8s.io/Role, rbac.authorization.k8s.io/ClusterRole]";
