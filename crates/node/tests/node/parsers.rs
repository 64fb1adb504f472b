//! Whatever a file or a command line holds: no panic, and what is read is written so that it reads back.

use plimsoll_node::{Flags, certificate, hide_in_command, settings, to_yaml};
use proptest::prelude::*;
use serde_json::Value;

/// Text that looks like configuration often enough to get past the first word.
const TEXT: &str = "([a-z]{1,3}|[0-9]{1,4}|true|null|1e9|-0.0|\\.inf|: |- |\n|\n  |\\[|\\]|\\{|\\}|\"|\'|,|=|#|&a |\\*a|\\||>|--|://|@|\\PC){0,40}";

proptest! {
    #[test]
    fn settings_read_back(text in TEXT) {
        let read = settings::documents("any.yaml", text.clone().into_bytes());
        for document in read.into_iter().flatten() {
            let again = settings::documents("again.yaml", to_yaml(&document).into_bytes()).unwrap();
            prop_assert_eq!(again.first().unwrap_or(&Value::Null), &document);
        }
        if let Ok(map) = settings::toml("any.toml", text.into_bytes()) {
            let map = Value::Object(map);
            let again = settings::documents("again.yaml", to_yaml(&map).into_bytes()).unwrap();
            prop_assert_eq!(again.first().unwrap_or(&Value::Null), &map);
        }
    }

    #[test]
    fn no_password_of_a_flag_is_shown(before in proptest::collection::vec(TEXT, 0..4), after in TEXT) {
        let mut command = before;
        command.insert(0, "program".to_owned());
        command.push("--db-password=hunter2".to_owned());
        command.push(after);
        let _ = Flags::of(&command);
        hide_in_command(&mut command);
        prop_assert!(!command.join(" ").contains("hunter2"));
        let hidden = command.clone();
        hide_in_command(&mut command);
        prop_assert_eq!(command, hidden, "hiding twice is hiding once");
    }

    #[test]
    fn any_bytes_are_a_certificate_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut der = vec![0x30, 0x82, 0x01, 0x80, 0x30, 0x82, 0x01, 0x70];
        der.extend(&bytes);
        for bytes in [bytes, der] {
            if let Some((certificate, digest)) = certificate::read(&bytes) {
                prop_assert_eq!(digest.len(), 64);
                prop_assert!(!certificate.subject.chars().any(char::is_control));
            }
        }
    }
}
