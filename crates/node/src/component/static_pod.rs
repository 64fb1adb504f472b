//! The components that static Pods run, from their manifests.

use serde_json::Value;

use super::{component_of, without_wrapper};
use crate::facts::{Unread, Variable};
use crate::root::{FileType, MAX_ENTRIES, ReadError, Root};
use crate::settings::documents;

/// Components that static Pods run.
const COMPONENTS: [&str; 5] = [
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "etcd",
    "kube-proxy",
];

/// A component that a manifest runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StaticPod {
    /// Its name.
    pub component: &'static str,
    /// The tag of its image.
    pub version: Option<String>,
    /// Its command and arguments.
    pub command: Vec<String>,
    /// Variables of its environment that configure it: those of etcd, as its other components take flags only.
    pub(crate) env: Vec<Variable>,
    /// Its mounts of folders of the host: where they are in the container, and on the host.
    pub volumes: Vec<(String, String)>,
    /// The manifest.
    pub path: String,
}

/// What a folder of manifests holds.
#[derive(Debug, Default)]
pub(crate) struct Manifests {
    /// The components.
    pub components: Vec<StaticPod>,
    /// Manifests that could not be read.
    pub unread: Vec<Unread>,
}

/// Reads the manifests of a folder, as the kubelet does: every file whose name does not start with a dot, whatever its
/// name ends with. No folder, no manifests.
pub(crate) fn read(root: &Root, folder: &str) -> Result<Manifests, ReadError> {
    let entries = match root.list(folder, MAX_ENTRIES) {
        Ok(entries) => entries,
        Err(error) if error.is_absence() => return Ok(Manifests::default()),
        Err(error) => return Err(error),
    };
    let mut manifests = Manifests::default();
    if entries.more {
        manifests.miss(folder, &format!("it has more than {MAX_ENTRIES} entries"));
    }
    for name in entries.names.iter().filter(|name| !name.starts_with('.')) {
        let path = format!("{folder}/{name}");
        match root.status(&path) {
            Ok(status) if status.file_type == FileType::File => {}
            // The kubelet passes over what is no file.
            Ok(_) => continue,
            Err(error) => {
                manifests.miss(&path, &error.to_string());
                continue;
            }
        }
        let read = match root.read(&path) {
            Ok(bytes) => documents(&path, bytes).map_err(|error| error.to_string()),
            Err(error) => Err(format!("{path}: {error}")),
        };
        match read {
            Ok(objects) => {
                let pods = objects.iter().flat_map(|object| components(object, &path));
                manifests.components.extend(pods);
            }
            Err(reason) => manifests.unread.push(Unread::new("static-pods", reason)),
        }
    }
    Ok(manifests)
}

impl Manifests {
    fn miss(&mut self, path: &str, reason: &str) {
        let reason = format!("{path}: {reason}");
        self.unread.push(Unread::new("static-pods", reason));
    }
}

/// The components that a Pod runs.
fn components(pod: &Value, path: &str) -> Vec<StaticPod> {
    let containers = pod.pointer("/spec/containers").and_then(Value::as_array);
    let containers = containers.map_or(&[][..], Vec::as_slice);
    let found = containers.iter().filter_map(|container| {
        let mut command = texts(container, "command");
        command.extend(texts(container, "args"));
        let command = without_wrapper(&command).to_vec();
        let name = text(container, "name");
        let component = component_of(&command)
            .filter(|component| COMPONENTS.contains(component))
            .or_else(|| COMPONENTS.into_iter().find(|component| *component == name))?;
        let image = text(container, "image");
        let image = image.split('@').next().unwrap_or_default();
        let tag = image
            .rsplit('/')
            .next()
            .and_then(|last| last.split_once(':'));
        Some(StaticPod {
            component,
            version: tag.map(|(_, tag)| tag.to_owned()),
            command,
            env: env(container),
            volumes: volumes(pod, container),
            path: path.to_owned(),
        })
    });
    found.collect()
}

/// The variables of a container that etcd reads, where the manifest states their values.
fn env(container: &Value) -> Vec<Variable> {
    let list = container.get("env").and_then(Value::as_array);
    let list = list.map_or(&[][..], Vec::as_slice).iter();
    let of_etcd = list.filter(|variable| text(variable, "name").starts_with("ETCD_"));
    let variables = of_etcd.filter_map(|variable| {
        Some(Variable {
            name: text(variable, "name").to_owned(),
            value: variable.get("value")?.as_str()?.to_owned(),
        })
    });
    variables.collect()
}

/// The mounts of a container that are folders or files of the host.
fn volumes(pod: &Value, container: &Value) -> Vec<(String, String)> {
    let host_path = |name: &str| {
        let volumes = pod.pointer("/spec/volumes").and_then(Value::as_array)?;
        let volume = volumes.iter().find(|volume| text(volume, "name") == name)?;
        volume.pointer("/hostPath/path")?.as_str()
    };
    let mounts = container.get("volumeMounts").and_then(Value::as_array);
    let mounts = mounts.map_or(&[][..], Vec::as_slice).iter();
    let mapped = mounts.filter_map(|mount| {
        let folder = host_path(text(mount, "name"))?;
        let below = text(mount, "subPath");
        let folder = match below {
            "" => folder.to_owned(),
            below => format!("{}/{below}", folder.trim_end_matches('/')),
        };
        Some((text(mount, "mountPath").to_owned(), folder))
    });
    mapped.filter(|(point, _)| !point.is_empty()).collect()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let list = value.get(key).and_then(Value::as_array);
    let list = list.map_or(&[][..], Vec::as_slice).iter();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}
