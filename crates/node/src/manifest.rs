//! The Pod that collects the facts of nodes, as a manifest that says why it needs each right.

use std::fmt::Write;

/// What a manifest is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestOptions {
    /// The image that has `plimsoll` in it.
    pub image: String,
    /// The namespace, which is part of the manifest.
    pub namespace: String,
    /// On which nodes it runs.
    pub form: Form,
}

/// On which nodes the Pod runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// On every node with Linux: a `DaemonSet`.
    EveryNode,
    /// On this node, once: a Job.
    OneNode(String),
}

/// The label by which the Pods are found.
const NAME: &str = "plimsoll-node";

/// The manifest of the Pods that collect, with all that they need.
pub fn manifest(options: &ManifestOptions) -> String {
    let ManifestOptions {
        image,
        namespace,
        form,
    } = options;
    let mut text = head(namespace);
    match form {
        Form::EveryNode => {
            let _ = write!(
                text,
                "apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: {NAME}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {NAME}
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: {NAME}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {NAME}
    spec:
"
            );
            // The Pod of a DaemonSet must not end, so it waits once it has written.
            text.push_str(&pod(image, "", ", --stay"));
        }
        Form::OneNode(node) => {
            let name = job_name(node);
            let _ = write!(
                text,
                "apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {NAME}
spec:
  backoffLimit: 1
  activeDeadlineSeconds: 300
  # Read its log before it is cleared away.
  ttlSecondsAfterFinished: 3600
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {NAME}
    spec:
"
            );
            let node = serde_json::Value::from(node.as_str());
            let placed = format!(
                "      restartPolicy: Never
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
              - matchFields:
                  - {{key: metadata.name, operator: In, values: [{node}]}}
"
            );
            text.push_str(&pod(image, &placed, ""));
        }
    }
    text
}

/// A name that a Job may have, and the label that its Pods get of it: 63 characters, without dots.
fn job_name(node: &str) -> String {
    let is_ordinary =
        |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    let node = node.to_ascii_lowercase();
    let node: String = node
        .chars()
        .map(|character| {
            if is_ordinary(character) {
                character
            } else {
                '-'
            }
        })
        .collect();
    let mut name = format!("{NAME}-{node}");
    name.truncate(63);
    name.trim_end_matches('-').to_owned()
}

fn head(namespace: &str) -> String {
    format!(
        "# Collects the facts of nodes and writes them to its log, one line of JSON for each node:
#   kubectl apply -f plimsoll-node.yaml
#   kubectl logs -n {namespace} -l app.kubernetes.io/name={NAME} --tail=-1 > nodes.json
#   plimsoll scan --cluster nodes.json
#   kubectl delete -f plimsoll-node.yaml
# It can read every file of a node and change none. Delete it once its log is read.
apiVersion: v1
kind: Namespace
metadata:
  name: {namespace}
  labels:
    # The folder of the host, and a capability that is not among those of the baseline, are admitted at no other level.
    pod-security.kubernetes.io/enforce: privileged
    pod-security.kubernetes.io/audit: privileged
    pod-security.kubernetes.io/warn: privileged
---
# It asks nothing of the API server: its account has no rights, and no token is mounted.
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {NAME}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {NAME}
automountServiceAccountToken: false
---
# It speaks to nobody, and nobody speaks to it.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {NAME}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {NAME}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: {NAME}
  policyTypes: [Ingress, Egress]
  ingress: []
  egress: []
---
"
    )
}

/// The specification of the Pod.
fn pod(image: &str, placed: &str, last: &str) -> String {
    let image = serde_json::Value::from(image);
    format!(
        "{placed}      serviceAccountName: {NAME}
      automountServiceAccountToken: false
      enableServiceLinks: false
      # The host's processes are seen in the host's /proc, below /host; its namespaces are not needed.
      hostPID: false
      hostIPC: false
      # Not on the host's network, where no NetworkPolicy holds. The parameters net.* are therefore not collected.
      hostNetwork: false
      dnsPolicy: Default
      # It keeps nothing, so it can be ended at once.
      terminationGracePeriodSeconds: 1
      nodeSelector:
        kubernetes.io/os: linux
      # Also on control plane nodes, and on those that are cordoned or full.
      tolerations:
        - operator: Exists
      securityContext:
        # A capability that is added is held by root only. Its group needs no rights.
        runAsUser: 0
        runAsGroup: 65534
        # Where SELinux is enforcing it hides the host's files from containers; add then:
        # seLinuxOptions: {{type: spc_t}}
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: collect
          image: {image}
          imagePullPolicy: IfNotPresent
          args: [node, --root=/host, --name=$(NODE_NAME), --format=json{last}]
          env:
            - name: NODE_NAME
              valueFrom:
                fieldRef:
                  fieldPath: spec.nodeName
          securityContext:
            privileged: false
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
              # To read files and folders whatever their owner and mode. Not SYS_PTRACE: the files of a container are
              # found through its mounts instead, and only the programs behind sockets stay unnamed.
              add: [DAC_READ_SEARCH]
          resources:
            requests: {{cpu: 50m, memory: 64Mi, ephemeral-storage: 16Mi}}
            limits: {{cpu: 200m, memory: 256Mi, ephemeral-storage: 64Mi}}
          volumeMounts:
            - name: host
              mountPath: /host
              readOnly: true
              # Also what is mounted below it; older runtimes cannot.
              recursiveReadOnly: IfPossible
      volumes:
        - name: host
          hostPath:
            path: /
            type: Directory
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_jobs() {
        assert_eq!(
            job_name("ip-10-0-0-1.eu-west-1.compute.internal"),
            "plimsoll-node-ip-10-0-0-1-eu-west-1-compute-internal"
        );
        let long = job_name(&"n".repeat(100));
        assert_eq!(long.len(), 63);
        assert_eq!(job_name("Node."), "plimsoll-node-node");
    }
}
