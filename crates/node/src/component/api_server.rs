//! The files that the flags of an API server name: audit policy, encryption, admission, authentication, authorization.

use serde_json::Value;

use crate::facts::{Component, Settings, Unread};
use crate::flags::Flags;
use crate::hidden::HIDDEN;
use crate::machine::Files;

/// Reads what the flags of an API server name.
pub(crate) fn read(component: &mut Component, flags: &Flags, files: &Files<'_>) {
    let unread = &mut component.unread_parts;
    let mut part = |part: &str, flag: &str, kind: &'static str| {
        let path = flags.text(flag)?;
        match files.read_yaml(path, Some(kind)) {
            Ok(settings) => Some(settings),
            Err(error) => {
                unread.push(Unread::new(part, error));
                None
            }
        }
    };
    component.audit_policy = part("auditPolicy", "audit-policy-file", "Policy");
    component.encryption = part(
        "encryption",
        "encryption-provider-config",
        "EncryptionConfiguration",
    );
    component.admission = part(
        "admission",
        "admission-control-config-file",
        "AdmissionConfiguration",
    );
    component.authentication = part(
        "authentication",
        "authentication-config",
        "AuthenticationConfiguration",
    );
    component.authorization = part(
        "authorization",
        "authorization-config",
        "AuthorizationConfiguration",
    );
    if let Some(encryption) = &mut component.encryption {
        hide_keys(encryption);
    }
    if let Some(admission) = &mut component.admission {
        let file = flags.text("admission-control-config-file");
        let folder = file.and_then(|file| file.rsplit_once('/'));
        let folder = folder.map_or("", |(folder, _)| folder);
        inline_plugins(admission, folder, files, &mut component.unread_parts);
    }
}

/// Hides the keys of an encryption configuration, however they are nested: each `secret` below `keys`.
pub(crate) fn hide_keys(encryption: &mut Settings) {
    fn walk(value: &mut Value) {
        match value {
            Value::Object(map) => {
                for (name, value) in map.iter_mut() {
                    if name == "secret" {
                        *value = HIDDEN.into();
                    } else {
                        walk(value);
                    }
                }
            }
            Value::Array(values) => values.iter_mut().for_each(walk),
            _ => {}
        }
    }
    for (_, value) in encryption.iter_mut() {
        walk(value);
    }
}

/// Puts the configuration of each admission plugin that has one in a file of its own in its place.
fn inline_plugins(
    admission: &mut Settings,
    folder: &str,
    files: &Files<'_>,
    unread: &mut Vec<Unread>,
) {
    let Some(Value::Array(plugins)) = admission.get_mut("plugins") else {
        return;
    };
    for plugin in plugins.iter_mut().filter_map(Value::as_object_mut) {
        let path = plugin.get("path").and_then(Value::as_str);
        let Some(path) = path.filter(|path| !path.is_empty()) else {
            continue;
        };
        // A path counts from the folder of the file that has it.
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("{folder}/{path}")
        };
        match files.read_yaml(&path, None) {
            Ok(settings) => {
                plugin.insert("configuration".to_owned(), settings.into());
            }
            Err(error) => {
                let name = plugin.get("name").and_then(Value::as_str);
                let part = format!("admission.{}", name.unwrap_or_default());
                unread.push(Unread::new(part, error));
            }
        }
    }
}
