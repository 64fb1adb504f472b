//! Configurations of the container runtimes.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::facts::{Component, Settings, Unread};
use crate::flags::Flags;
use crate::machine::Files;
use crate::settings::{SettingsError, get, get_text, merge};

/// How many files the `imports` of containerd may lead to.
const MAX_IMPORTS: usize = 100;

/// Reads the configuration of containerd into its component.
pub(crate) fn containerd(component: &mut Component, flags: &Flags, files: &Files<'_>) {
    let named = flags.text("config").or_else(|| flags.text("c"));
    let path = named.unwrap_or("/etc/containerd/config.toml");
    let mut settings = match containerd_file(files, path) {
        Ok(settings) => settings,
        // Without a file containerd has its defaults, but a file that is named must be there.
        Err(error) if error.is_absence() && named.is_none() => Map::new(),
        Err(error) => return super::put(component, Err(error)),
    };
    match registry_hosts(&settings, files) {
        Ok(hosts) if hosts.is_empty() => {}
        Ok(hosts) => {
            settings.insert("registryHosts".to_owned(), hosts.into());
        }
        Err(error) => component
            .unread_parts
            .push(Unread::new("registryHosts", error)),
    }
    component.configuration = Some(settings);
}

/// The file of containerd with what it imports. What is imported counts over what imports it.
fn containerd_file(files: &Files<'_>, path: &str) -> Result<Settings, SettingsError> {
    let mut seen = BTreeSet::new();
    let mut settings = Map::new();
    let mut ahead = vec![path.to_owned()];
    while let Some(path) = ahead.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        if seen.len() > MAX_IMPORTS {
            let reason = format!("it imports more than {MAX_IMPORTS} files");
            return Err(SettingsError::Malformed(path, reason));
        }
        let file = files.read_toml(&path)?;
        let imports = match file.get("imports") {
            Some(Value::Array(imports)) => imports.clone(),
            _ => Vec::new(),
        };
        for import in imports.iter().rev().filter_map(Value::as_str) {
            let import = if import.starts_with('/') {
                import.to_owned()
            } else {
                let (folder, _) = path.rsplit_once('/').unwrap_or(("", ""));
                format!("{folder}/{import}")
            };
            ahead.extend(matches_of(files, &import)?.into_iter().rev());
        }
        merge(&mut settings, file);
    }
    Ok(settings)
}

/// The paths that an import means: itself, or where its last part has a `*`, the files it matches.
fn matches_of(files: &Files<'_>, import: &str) -> Result<Vec<String>, SettingsError> {
    let (folder, pattern) = import.rsplit_once('/').unwrap_or(("", import));
    let Some((start, end)) = pattern.split_once('*') else {
        return Ok(vec![import.to_owned()]);
    };
    let fits = |name: &String| {
        name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
    };
    let names = files.names(folder)?.into_iter().filter(fits);
    Ok(names.map(|name| format!("{folder}/{name}")).collect())
}

/// The settings of each registry, from the folders that the image plugin names (`hosts.toml`).
fn registry_hosts(settings: &Settings, files: &Files<'_>) -> Result<Settings, SettingsError> {
    let plugins = ["io.containerd.cri.v1.images", "io.containerd.grpc.v1.cri"];
    let named = plugins
        .iter()
        .find_map(|plugin| get_text(settings, &["plugins", plugin, "registry", "config_path"]));
    let mut hosts = Map::new();
    for folder in named
        .unwrap_or_default()
        .split(':')
        .filter(|folder| !folder.is_empty())
    {
        for name in files.names(folder)? {
            match files.read_toml(&format!("{folder}/{name}/hosts.toml")) {
                Ok(host) => {
                    hosts.insert(name, host.into());
                }
                Err(error) if error.is_absence() => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(hosts)
}

/// Reads the configuration of CRI-O into its component: the file, and over it its drop-ins by name.
pub(crate) fn cri_o(component: &mut Component, flags: &Flags, files: &Files<'_>) {
    let file = flags.text("config").or_else(|| flags.text("c"));
    let folder = flags.text("config-dir").or_else(|| flags.text("d"));
    let result = (|| {
        let mut settings = match files.read_toml(file.unwrap_or("/etc/crio/crio.conf")) {
            Ok(settings) => settings,
            Err(error) if error.is_absence() && file.is_none() => Map::new(),
            Err(error) => return Err(error),
        };
        let folder = folder.unwrap_or("/etc/crio/crio.conf.d");
        for name in files.names(folder)? {
            if !name.starts_with('.') {
                merge(&mut settings, files.read_toml(&format!("{folder}/{name}"))?);
            }
        }
        match files.read_toml("/etc/containers/registries.conf") {
            Ok(registries) => {
                settings.insert("registriesConf".to_owned(), registries.into());
            }
            Err(error) if error.is_absence() => {}
            Err(error) => component
                .unread_parts
                .push(Unread::new("registriesConf", error)),
        }
        Ok(settings)
    })();
    super::put(component, result);
}

/// Reads the configuration of Docker into its component.
pub(crate) fn dockerd(component: &mut Component, flags: &Flags, files: &Files<'_>) {
    let named = flags.text("config-file");
    let settings = match files.read_yaml(named.unwrap_or("/etc/docker/daemon.json"), None) {
        Err(error) if error.is_absence() && named.is_none() => Ok(Map::new()),
        settings => settings,
    };
    super::put(component, settings);
}

/// The folders in which the network of Pods is configured, as the runtime's settings name them.
pub(crate) fn network_folders(settings: &Settings) -> Vec<String> {
    let version_2 = ["plugins", "io.containerd.grpc.v1.cri", "cni", "conf_dir"];
    let version_3 = ["plugins", "io.containerd.cri.v1.runtime", "cni", "conf_dir"];
    let version_3_list = [
        "plugins",
        "io.containerd.cri.v1.runtime",
        "cni",
        "conf_dirs",
    ];
    let cri_o = ["crio", "network", "network_dir"];
    let mut folders: Vec<String> = [&version_2[..], &version_3, &cri_o]
        .iter()
        .filter_map(|path| get_text(settings, path).map(str::to_owned))
        .collect();
    if let Some(Value::Array(list)) = get(settings, &version_3_list) {
        folders.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
    }
    folders
}
