//! An API server that says what a test wants it to say, on loopback and without TLS.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What is wrong with the answers to a path.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// This status, with a message.
    Status(u16, &'static str),
    /// This status so many times, with the header `Retry-After`; then all is well.
    Times(u16, u32, Option<u64>),
    /// The first page has a next one, which is gone so many times.
    Gone(u32),
    /// No answer for so long.
    Slow(Duration),
    /// The connection ends in the middle of the answer.
    Cut,
    /// The server is gone from here on: every connection is closed at once.
    Dead,
    /// These bytes as JSON.
    Garbage(&'static str),
    /// An answer of this type.
    ContentType(&'static str),
    /// A page after every page.
    Endless,
    /// A page that names itself as the next.
    Circle,
    /// This many bytes.
    Huge(usize),
}

/// A kind that is served.
#[derive(Debug, Clone)]
struct Kind {
    group: String,
    version: String,
    name: String,
    resource: String,
    is_namespaced: bool,
}

struct State {
    kinds: Vec<Kind>,
    /// Objects by group and resource.
    objects: HashMap<(String, String), Vec<Value>>,
    faults: HashMap<String, Fault>,
    /// How often a fault has struck.
    struck: Mutex<HashMap<String, u32>>,
    /// Every path that was asked for, with its query.
    asked: Mutex<Vec<String>>,
    is_aggregated: bool,
    is_dead: AtomicBool,
}

/// A server; it ends with the value.
pub(crate) struct FakeServer {
    state: Arc<State>,
    address: String,
    is_over: Arc<AtomicBool>,
    folder: tempfile::TempDir,
}

/// What a server is to have.
#[derive(Default)]
pub(crate) struct Fixture {
    pub(crate) objects: Vec<Value>,
    /// Kinds without objects, and those of which no object tells whether it is in a namespace: `apiVersion`, kind,
    /// resource, whether it is in a namespace.
    pub(crate) kinds: Vec<(&'static str, &'static str, &'static str, bool)>,
    pub(crate) faults: Vec<(&'static str, Fault)>,
    pub(crate) only_legacy_discovery: bool,
}

impl FakeServer {
    pub(crate) fn start(fixture: Fixture) -> FakeServer {
        let mut kinds: Vec<Kind> = Vec::new();
        let mut objects: HashMap<(String, String), Vec<Value>> = HashMap::new();
        for (api_version, kind, resource, is_namespaced) in &fixture.kinds {
            kinds.push(kind_of(api_version, kind, resource, *is_namespaced));
        }
        for object in fixture.objects {
            let api_version = object["apiVersion"].as_str().expect("apiVersion");
            let name = object["kind"].as_str().expect("kind");
            let is_namespaced = object["metadata"]["namespace"].is_string();
            let found = kind_of(api_version, name, &resource_of(name), is_namespaced);
            let known = kinds
                .iter()
                .find(|kind| kind.group == found.group && kind.name == found.name)
                .cloned();
            let kind = known.unwrap_or_else(|| {
                kinds.push(found.clone());
                found
            });
            objects
                .entry((kind.group, kind.resource))
                .or_default()
                .push(object);
        }
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(State {
            kinds,
            objects,
            faults: fixture
                .faults
                .into_iter()
                .map(|(path, fault)| (path.to_owned(), fault))
                .collect(),
            struck: Mutex::default(),
            asked: Mutex::default(),
            is_aggregated: !fixture.only_legacy_discovery,
            is_dead: AtomicBool::new(false),
        });
        let is_over = Arc::new(AtomicBool::new(false));
        let (served, over) = (Arc::clone(&state), Arc::clone(&is_over));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(stream), state) = (stream, Arc::clone(&served)) else {
                    continue;
                };
                thread::spawn(move || serve(&state, stream));
            }
        });
        FakeServer {
            state,
            address,
            is_over,
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A kubeconfig with a context `fake`.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        let path = self.folder.path().join("kubeconfig");
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "fake",
            "clusters": [{"name": "c", "cluster": {"server": self.address}}],
            "contexts": [{"name": "fake", "context": {"cluster": "c", "user": "u"}}],
            "users": [{"name": "u", "user": {"token": "secret-token"}}],
        });
        std::fs::write(&path, config.to_string()).expect("a file");
        path
    }

    /// The paths that were asked for, without their queries, each once and in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.state.asked.lock().expect("no panic");
        let mut paths: Vec<String> = asked
            .iter()
            .map(|path| path.split('?').next().unwrap_or_default().to_owned())
            .collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// How often a path was asked for.
    pub(crate) fn count(&self, path: &str) -> usize {
        let asked = self.state.asked.lock().expect("no panic");
        asked
            .iter()
            .filter(|asked| asked.split('?').next() == Some(path))
            .count()
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address.trim_start_matches("http://"));
    }
}

fn kind_of(api_version: &str, kind: &str, resource: &str, is_namespaced: bool) -> Kind {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    Kind {
        group: group.to_owned(),
        version: version.to_owned(),
        name: kind.to_owned(),
        resource: resource.to_owned(),
        is_namespaced,
    }
}

fn resource_of(kind: &str) -> String {
    let name = kind.to_lowercase();
    if name == "endpoints" {
        name
    } else if name.ends_with('s') {
        name + "es"
    } else if name.ends_with("cy") {
        name[..name.len() - 1].to_owned() + "ies"
    } else {
        name + "s"
    }
}

fn serve(state: &State, stream: TcpStream) {
    let mut writer = stream.try_clone().expect("a socket");
    let mut reader = BufReader::new(stream);
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request).unwrap_or(0) == 0 {
            return;
        }
        let mut headers = String::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                break;
            }
            headers.push_str(&line);
        }
        if state.is_dead.load(Ordering::SeqCst) {
            return;
        }
        let target = request.split(' ').nth(1).unwrap_or_default().to_owned();
        state.asked.lock().expect("no panic").push(target.clone());
        let Some(answer) = answer(state, &target, &headers.to_lowercase()) else {
            return;
        };
        let path = target.split('?').next().unwrap_or_default();
        let is_cut = matches!(state.faults.get(path), Some(Fault::Cut));
        let sent = if is_cut {
            &answer[..answer.len() - 10]
        } else {
            &answer
        };
        if writer.write_all(sent).is_err() || is_cut {
            return;
        }
    }
}

/// The bytes to send; `None` where the connection ends.
fn answer(state: &State, target: &str, headers: &str) -> Option<Vec<u8>> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query: BTreeMap<&str, &str> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let count = {
        let mut struck = state.struck.lock().expect("no panic");
        let count = struck.entry(path.to_owned()).or_default();
        *count += 1;
        *count
    };
    match state.faults.get(path) {
        Some(Fault::Status(status, message)) => return Some(refusal(*status, message, None)),
        Some(Fault::Times(status, times, wait)) if count <= *times => {
            return Some(refusal(*status, "try again", *wait));
        }
        Some(Fault::Slow(time)) => thread::sleep(*time),
        Some(Fault::Dead) => {
            state.is_dead.store(true, Ordering::SeqCst);
            return None;
        }
        Some(Fault::Garbage(text)) => return Some(response(200, "application/json", None, text)),
        Some(Fault::ContentType(of)) => return Some(response(200, of, None, "<html>hello</html>")),
        Some(Fault::Gone(times)) => {
            let next = if count.is_multiple_of(2) && count / 2 <= *times {
                return Some(refusal(410, "the continue token is too old", None));
            } else if query.contains_key("continue") {
                ""
            } else {
                "next"
            };
            let items = if next.is_empty() { "second" } else { "first" };
            let list = json!({"kind": "ConfigMapList", "apiVersion": "v1", "metadata": {"continue": next},
                "items": [{"metadata": {"name": items, "namespace": "default"}}]});
            return Some(response(200, "application/json", None, &list.to_string()));
        }
        Some(Fault::Endless | Fault::Circle) => {
            let next = match state.faults.get(path) {
                Some(Fault::Circle) => "same".to_owned(),
                _ => format!("page{count}"),
            };
            let list = json!({"kind": "ConfigMapList", "apiVersion": "v1", "metadata": {"continue": next},
                "items": []});
            return Some(response(200, "application/json", None, &list.to_string()));
        }
        Some(Fault::Huge(bytes)) => {
            let list = json!({"kind": "ConfigMapList", "apiVersion": "v1", "items": [
                {"metadata": {"name": "x"}, "data": {"x": "y".repeat(*bytes)}}]});
            return Some(response(200, "application/json", None, &list.to_string()));
        }
        Some(Fault::Times(..) | Fault::Cut) | None => {}
    }
    let body = match path {
        "/version" => json!({"major": "1", "minor": "34", "gitVersion": "v1.34.1"}),
        "/api" | "/apis" if state.is_aggregated && headers.contains("as=apigroupdiscoverylist") => {
            aggregated(state, path == "/api")
        }
        "/api" => json!({"kind": "APIVersions", "versions": ["v1"]}),
        "/apis" => groups(state),
        _ => match listed(state, path, &query) {
            Some(body) => body,
            None => return Some(refusal(404, "not found", None)),
        },
    };
    Some(response(200, "application/json", None, &body.to_string()))
}

fn response(status: u16, content_type: &str, retry_after: Option<u64>, body: &str) -> Vec<u8> {
    let wait = retry_after.map_or(String::new(), |seconds| {
        format!("Retry-After: {seconds}\r\n")
    });
    format!(
        "HTTP/1.1 {status} Status\r\nContent-Type: {content_type}\r\n{wait}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn refusal(status: u16, message: &str, retry_after: Option<u64>) -> Vec<u8> {
    let body = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": status});
    response(status, "application/json", retry_after, &body.to_string())
}

fn aggregated(state: &State, is_core: bool) -> Value {
    let mut items: BTreeMap<&str, BTreeMap<&str, Vec<Value>>> = BTreeMap::new();
    for kind in state
        .kinds
        .iter()
        .filter(|kind| kind.group.is_empty() == is_core)
    {
        let versions = items.entry(&kind.group).or_default();
        versions.entry(&kind.version).or_default().push(json!({
            "resource": kind.resource,
            "responseKind": {"group": "", "version": "", "kind": kind.name},
            "scope": if kind.is_namespaced { "Namespaced" } else { "Cluster" },
            "verbs": ["get", "list", "watch"],
            "subresources": [{"subresource": "status", "verbs": ["get"]}],
        }));
    }
    let items: Vec<Value> = items
        .into_iter()
        .map(|(group, versions)| {
            let versions: Vec<Value> = versions
                .into_iter()
                .map(|(version, resources)| {
                    json!({"version": version, "resources": resources, "freshness": "Current"})
                })
                .collect();
            json!({"metadata": {"name": group}, "versions": versions})
        })
        .collect();
    json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items})
}

fn groups(state: &State) -> Value {
    let mut groups: BTreeMap<&str, &str> = BTreeMap::new();
    for kind in state.kinds.iter().filter(|kind| !kind.group.is_empty()) {
        groups.insert(&kind.group, &kind.version);
    }
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(name, version)| {
            let version = json!({"groupVersion": format!("{name}/{version}"), "version": version});
            json!({"name": name, "versions": [version], "preferredVersion": version})
        })
        .collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// A list of objects, an object, or the resources of a group.
fn listed(state: &State, path: &str, query: &BTreeMap<&str, &str>) -> Option<Value> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (group, version, rest) = match parts.as_slice() {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return None,
    };
    if rest.is_empty() {
        let of_group = state
            .kinds
            .iter()
            .filter(|kind| kind.group == group && kind.version == version);
        let resources: Vec<Value> = of_group
            .flat_map(|kind| {
                let name = &kind.resource;
                let of = |name: String, verbs: &[&str]| {
                    json!({"name": name, "kind": kind.name, "namespaced": kind.is_namespaced, "verbs": verbs})
                };
                [of(name.clone(), &["get", "list"]), of(format!("{name}/status"), &["get"])]
            })
            .collect();
        return Some(json!({"kind": "APIResourceList", "resources": resources}));
    }
    let (namespace, resource, name) = match rest {
        [resource] => (None, *resource, None),
        ["namespaces", name] => (None, "namespaces", Some(*name)),
        ["namespaces", namespace, resource] => (Some(*namespace), *resource, None),
        _ => return None,
    };
    let kind = state
        .kinds
        .iter()
        .find(|kind| kind.group == group && kind.resource == resource && kind.version == version)?;
    let none = Vec::new();
    let objects = state
        .objects
        .get(&(group.to_owned(), resource.to_owned()))
        .unwrap_or(&none);
    if let Some(name) = name {
        return objects
            .iter()
            .find(|object| object["metadata"]["name"] == name)
            .cloned();
    }
    let chosen: Vec<&Value> = objects
        .iter()
        .filter(|object| namespace.is_none_or(|of| object["metadata"]["namespace"] == of))
        .collect();
    let start: usize = query
        .get("continue")
        .map_or(0, |at| at.parse().expect("a place"));
    let limit: usize = query
        .get("limit")
        .map_or(usize::MAX, |limit| limit.parse().expect("a number"));
    let end = chosen.len().min(start.saturating_add(limit));
    // Lists of Kubernetes' own kinds say what they hold once, and not in each object.
    let is_own = !group.contains('.') || group.ends_with(".k8s.io");
    let items: Vec<Value> = chosen[start..end]
        .iter()
        .map(|object| {
            let mut object = (*object).clone();
            if let (true, Some(map)) = (is_own, object.as_object_mut()) {
                map.shift_remove("kind");
                map.shift_remove("apiVersion");
            }
            object
        })
        .collect();
    let next = if end < chosen.len() {
        end.to_string()
    } else {
        String::new()
    };
    let api_version = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    Some(json!({
        "kind": format!("{}List", kind.name), "apiVersion": api_version,
        "metadata": {"continue": next, "resourceVersion": "1"}, "items": items,
    }))
}

/// What `gen-cluster` makes of its arguments; `None`, said, where the tool is not there.
pub(crate) fn generated(arguments: &[&str]) -> Option<PathBuf> {
    let shared = std::env::var_os("PLIMSOLL_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let tool = shared.join("tools/gen-cluster");
    if !tool.is_file() {
        let is_required = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!is_required, "{} is not there", tool.display());
        println!("skipped: {} is not there", tool.display());
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder").keep();
    let path = folder.join("cluster.json");
    let status = std::process::Command::new(tool)
        .args(arguments)
        .arg("-o")
        .arg(&path)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .expect("the tool runs");
    assert!(status.success());
    Some(path)
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut file = std::fs::File::open(path).expect("a file");
    file.read_to_end(&mut bytes).expect("bytes");
    bytes
}
