//! An API server with all policies that can be exported.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use plimsoll_catalog::{Catalog, Control};
use plimsoll_export::{Policy, Settings, export};
use plimsoll_inventory::KubernetesVersion;
use plimsoll_test_api_server::{Answer, ApiServer, Client};
use serde_json::{Value, json};

use crate::manifests::objects;

/// The API server shows 4096 characters of warnings, and cuts each at 256 where there are more. So that none is lost,
/// policies warn in groups of at most 16, each in a namespace of its own.
pub(crate) const GROUPS: usize = 9;

/// An object with this label is refused by the policy of the control that its value names.
pub(crate) const DENY_LABEL: &str = "test.plimsoll.dev/deny";

pub(crate) const POLICIES: &str =
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
pub(crate) const BINDINGS: &str =
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";

pub(crate) struct Cluster {
    pub(crate) server: ApiServer,
    pub(crate) client: Client,
    pub(crate) kubernetes: KubernetesVersion,
    pub(crate) exported: Vec<Exported>,
    /// Path and scope of the resource of a version and kind.
    resources: BTreeMap<(String, String), (String, bool)>,
    made: Mutex<BTreeSet<String>>,
}

pub(crate) struct Exported {
    pub(crate) control: &'static Control,
    pub(crate) policy: Policy,
    pub(crate) group: usize,
}

/// What the API server says of an object.
#[derive(Debug)]
pub(crate) enum Said {
    /// It would be stored; with warnings: the policy's name, and the first 256 characters at least of what it says.
    Admitted(BTreeMap<String, String>),
    /// A policy refused it: its name, and what it says.
    Denied(String, String),
    /// The API server itself does not take it.
    Refused(String),
}

/// The server; `None` where there is none, which has been said.
pub(crate) fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start).as_ref()
}

impl Cluster {
    fn start() -> Option<Cluster> {
        let server = ApiServer::start(&plimsoll_test_api_server::Settings::default()).unwrap()?;
        let client = server.client();
        let version = client.get("/version").unwrap();
        let version = version.body["gitVersion"].as_str().unwrap().to_owned();
        let kubernetes = KubernetesVersion::parse(&version).unwrap();
        let catalog: &Catalog = Box::leak(Box::new(Catalog::built_in().unwrap()));
        let settings = Settings::at(kubernetes);
        let exported: Vec<Exported> = catalog
            .controls()
            .iter()
            .filter_map(|control| Some((control, export(control, &settings).ok()?)))
            .enumerate()
            .map(|(at, (control, policy))| Exported {
                control,
                policy,
                group: at % GROUPS,
            })
            .collect();
        assert!(exported.len() <= 16 * GROUPS);
        let cluster = Cluster {
            resources: resources(&client),
            server,
            client,
            kubernetes,
            exported,
            made: Mutex::default(),
        };
        cluster.install();
        Some(cluster)
    }

    fn install(&self) {
        for group in 0..GROUPS {
            self.namespace(
                &format!("group-{group}"),
                &json!({"group": group.to_string()}),
            );
        }
        self.namespace("kube-system", &json!({}));
        for Exported {
            control,
            policy,
            group,
        } in &self.exported
        {
            let name = &policy.name;
            // As users get them, so that how they are written is tried as well.
            let [written, binding] = objects(&policy.to_yaml()).try_into().unwrap();
            let answer = self.client.post(POLICIES, &written).unwrap();
            assert_eq!(answer.status, 201, "{name}: {answer:?}");
            // As it is exported, but for objects with a label only.
            let mut deny = binding.clone();
            deny["spec"]["matchResources"] =
                json!({"objectSelector": {"matchLabels": {DENY_LABEL: control.id}}});
            // Else a warning has twice the long name in it.
            let mut warn = binding;
            warn["metadata"]["name"] = format!("w{}", &control.id.to_lowercase()).into();
            warn["spec"]["validationActions"] = json!(["Warn"]);
            warn["spec"]["matchResources"] = json!({
                "namespaceSelector": {"matchLabels": {"group": group.to_string()}},
                "objectSelector": {"matchExpressions": [{"key": DENY_LABEL, "operator": "DoesNotExist"}]},
            });
            for binding in [deny, warn] {
                let answer = self.client.post(BINDINGS, &binding).unwrap();
                assert_eq!(answer.status, 201, "{name}: {answer:?}");
            }
        }
        self.wait_until_enforced();
    }

    /// Policies are enforced some time after they are made, in no order.
    fn wait_until_enforced(&self) {
        let started = Instant::now();
        loop {
            let pod = json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": "canary", "labels": {DENY_LABEL: "PSC-001"}},
                "spec": {"containers": [{"name": "a", "image": "a", "securityContext": {"privileged": true}}]},
            });
            let last = json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "canary"},
                "spec": {"hostAliases": [{"ip": "127.0.0.1", "hostnames": ["a"]}], "containers": [{"name": "a", "image": "a"}]},
            });
            let denied = matches!(self.create(&pod, "group-0"), Said::Denied(..));
            let warned: usize = (0..GROUPS)
                .map(
                    |group| match self.create(&last, &format!("group-{group}")) {
                        Said::Admitted(warnings) => warnings.len(),
                        other => panic!("{other:?}"),
                    },
                )
                .sum();
            if denied && warned > 10 {
                // The rest comes with the next round of the server's informers.
                std::thread::sleep(Duration::from_secs(3));
                return;
            }
            assert!(
                started.elapsed() < Duration::from_mins(1),
                "the policies are not enforced"
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Makes a namespace with labels, and the account that its Pods run as.
    pub(crate) fn namespace(&self, name: &str, labels: &Value) {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}});
        let answer = self.client.post("/api/v1/namespaces", &namespace).unwrap();
        assert!(matches!(answer.status, 201 | 409), "{answer:?}");
        self.account(name, "default");
    }

    fn account(&self, namespace: &str, name: &str) {
        if !self
            .made
            .lock()
            .unwrap()
            .insert(format!("{namespace}/{name}"))
        {
            return;
        }
        let account =
            json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}});
        // A name that is none is refused again with the Pod.
        self.client
            .post(
                &format!("/api/v1/namespaces/{namespace}/serviceaccounts"),
                &account,
            )
            .unwrap();
    }

    /// Makes what admission looks for: the namespace, its accounts, the Pod's classes.
    fn prepare(&self, object: &Value, namespace: &str) {
        if self.made.lock().unwrap().insert(namespace.to_owned())
            && !namespace.starts_with("group-")
        {
            self.namespace(namespace, &json!({}));
        }
        let spec = &object["spec"];
        if let Some(name) = spec["serviceAccountName"]
            .as_str()
            .or(spec["serviceAccount"].as_str())
        {
            self.account(namespace, name);
        }
        if let Some(name) = spec["priorityClassName"].as_str()
            && self.made.lock().unwrap().insert(format!("priority {name}"))
        {
            let class = json!({
                "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}, "value": 7,
            });
            self.client
                .post("/apis/scheduling.k8s.io/v1/priorityclasses", &class)
                .unwrap();
        }
        if let Some(name) = spec["runtimeClassName"].as_str()
            && self.made.lock().unwrap().insert(format!("runtime {name}"))
        {
            let class = json!({
                "apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": name}, "handler": "h",
            });
            self.client
                .post("/apis/node.k8s.io/v1/runtimeclasses", &class)
                .unwrap();
        }
    }

    /// Whether objects of a version and kind are in namespaces; `None` where the server has them not.
    pub(crate) fn is_namespaced(&self, object: &Value) -> Option<bool> {
        self.resources
            .get(&kind_of(object))
            .map(|(_, namespaced)| *namespaced)
    }

    /// The path of the resource.
    pub(crate) fn path(&self, object: &Value, namespace: &str) -> Option<String> {
        let (path, namespaced) = self.resources.get(&kind_of(object))?;
        Some(if *namespaced {
            let (start, resource) = path.rsplit_once('/')?;
            format!("{start}/namespaces/{namespace}/{resource}")
        } else {
            path.clone()
        })
    }

    /// Asks whether an object could be made.
    pub(crate) fn create(&self, object: &Value, namespace: &str) -> Said {
        let Some(path) = self.path(object, namespace) else {
            return Said::Refused("the server has no such kind".to_owned());
        };
        self.prepare(object, namespace);
        let answer = self
            .client
            .post(&format!("{path}?dryRun=All"), object)
            .unwrap();
        if answer.status == 409 {
            // It is there already: then it would be changed to this.
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            let answer = self
                .client
                .put(&format!("{path}/{name}?dryRun=All"), object)
                .unwrap();
            return said(&answer);
        }
        said(&answer)
    }
}

/// What an answer says.
pub(crate) fn said(answer: &Answer) -> Said {
    if answer.is_success() {
        let warnings = answer
            .warnings
            .iter()
            .filter_map(|warning| quoted(warning, "Validation failed for ", ": "));
        return Said::Admitted(warnings.collect());
    }
    let message = answer.message();
    match message
        .find("ValidatingAdmissionPolicy '")
        .and_then(|at| quoted(&message[at..], "", "denied request: "))
    {
        Some((name, says)) => Said::Denied(name, says),
        None => Said::Refused(message.to_owned()),
    }
}

/// The policy's name and message of `<before>ValidatingAdmissionPolicy 'NAME' with binding 'B'<separator>MESSAGE`.
fn quoted(text: &str, before: &str, separator: &str) -> Option<(String, String)> {
    let rest = text
        .strip_prefix(before)?
        .strip_prefix("ValidatingAdmissionPolicy '")?;
    let (name, rest) = rest.split_once('\'')?;
    let (_, message) = rest.split_once(separator)?;
    Some((name.to_owned(), message.to_owned()))
}

fn kind_of(object: &Value) -> (String, String) {
    let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
    (text("apiVersion"), text("kind"))
}

/// All resources that the server has, by version and kind.
fn resources(client: &Client) -> BTreeMap<(String, String), (String, bool)> {
    let mut versions = vec![("v1".to_owned(), "/api/v1".to_owned())];
    let groups = client.get("/apis").unwrap().body;
    for group in groups["groups"].as_array().unwrap() {
        for version in group["versions"].as_array().unwrap() {
            let version = version["groupVersion"].as_str().unwrap();
            versions.push((version.to_owned(), format!("/apis/{version}")));
        }
    }
    let mut found = BTreeMap::new();
    for (version, path) in versions {
        let list = client.get(&path).unwrap().body;
        for resource in list["resources"].as_array().unwrap() {
            let name = resource["name"].as_str().unwrap();
            if !name.contains('/') {
                let kind = resource["kind"].as_str().unwrap().to_owned();
                let namespaced = resource["namespaced"] == true;
                found.insert(
                    (version.clone(), kind),
                    (format!("{path}/{name}"), namespaced),
                );
            }
        }
    }
    found
}
