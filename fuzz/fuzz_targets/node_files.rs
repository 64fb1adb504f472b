//! The files of a node: certificates, TOML, YAML and command lines. No panic, and no credential that is shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_node::{Flags, certificate, hide_in_command, settings};

fuzz_target!(|bytes: &[u8]| {
    if let Some((certificate, digest)) = certificate::read(bytes) {
        assert_eq!(digest.len(), 64);
        assert!(certificate.not_after.ends_with('Z'));
        assert!(!certificate.subject.chars().any(char::is_control));
    }
    let _ = settings::toml("fuzz.toml", bytes.to_vec());
    if let Ok(documents) = settings::documents("fuzz.yaml", bytes.to_vec()) {
        for document in documents {
            // What was read is written so that it reads back.
            let text = plimsoll_node::to_yaml(&document);
            let again = settings::documents("again.yaml", text.into_bytes()).expect("own YAML");
            assert_eq!(again.first().unwrap_or(&serde_json::Value::Null), &document);
        }
    }
    let text = String::from_utf8_lossy(bytes);
    let mut command: Vec<String> = text.split('\0').map(str::to_owned).collect();
    let _ = Flags::of(&command);
    command.push("--token=hunter2".to_owned());
    hide_in_command(&mut command);
    assert_eq!(command.last().map(String::as_str), Some("--token=(hidden)"));
});
