//! What no report shows: the values of Secrets, and what a manifest holds in places where credentials stand.
//!
//! Names and keys stay: they say where to look. It is decided by the place and not by the value, since no pattern knows
//! every credential. A report goes to logs, tickets and other people.

use plimsoll_inventory::Object;

/// What stands for a value that is not shown.
pub const HIDDEN: &str = "(hidden)";

/// Ends of keys whose text is a credential wherever it stands; capitals, dashes and underscores do not count.
const CREDENTIAL_KEYS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "privatekey",
    "secretkey",
    "secretaccesskey",
    "apikey",
    "accesskey",
    "token",
    "credentials",
];

/// How well a place is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// Anything may stand there.
    None,
    /// Credentials are seldom found there: hidden only from what a control says that looks for them.
    Unlikely,
    /// Credentials are found there: shown only where a control points at this very place for another reason.
    Suspect,
    /// Never shown.
    Secret,
}

/// How the place of a scalar is guarded: the keys that lead to it, `*` for an element of a list.
pub fn guard(object: &Object, keys: &[&str]) -> Guard {
    if let [first @ ("data" | "stringData" | "binaryData"), ..] = keys
        && object.group().is_empty()
    {
        match (object.kind(), *first) {
            ("Secret", "data" | "stringData") => return Guard::Secret,
            ("ConfigMap", "data" | "binaryData") => return Guard::Suspect,
            _ => {}
        }
    }
    match keys {
        [.., "env", "*", "value"] => Guard::Secret,
        // Among them a whole manifest, as `kubectl apply` leaves it, with all that it holds.
        [
            ..,
            "annotations",
            "kubectl.kubernetes.io/last-applied-configuration",
        ] => Guard::Secret,
        [.., "annotations", _] | [.., "command" | "args", "*"] => Guard::Suspect,
        [.., "labels", _] => Guard::Unlikely,
        [.., key] if is_credential(key) => Guard::Secret,
        _ => Guard::None,
    }
}

fn is_credential(key: &str) -> bool {
    CREDENTIAL_KEYS.iter().any(|end| {
        let mut letters = key.bytes().rev().filter(u8::is_ascii_alphanumeric);
        let mut wanted = end.bytes().rev();
        wanted.all(|want| {
            letters
                .next()
                .is_some_and(|has| has.eq_ignore_ascii_case(&want))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_known_by_their_keys() {
        for key in [
            "password",
            "dbPassword",
            "DB_PASSWORD",
            "api-key",
            "sasl.token",
        ] {
            assert!(is_credential(key), "{key}");
        }
        for key in [
            "secretName",
            "passwordPolicy",
            "tokenPath",
            "key",
            "",
            "apikeys",
        ] {
            assert!(!is_credential(key), "{key}");
        }
    }
}
