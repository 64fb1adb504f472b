//! Credentials, which facts never show.

use serde_json::Value;

use crate::facts::Settings;

/// What stands in the place of a credential.
pub const HIDDEN: &str = "(hidden)";

/// Whether a name says that its value is a credential. Names of files are none: `--token-auth-file`, `tokenFile`.
fn names_a_credential(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect();
    let is_place = [
        "file",
        "path",
        "dir",
        "directory",
        "ttl",
        "name",
        "namespace",
        "url",
        "expiration",
        "strategy",
        "mode",
        "policy",
        "period",
        "version",
        "size",
        "limit",
    ]
    .iter()
    .any(|end| name.ends_with(end));
    let says = [
        "password",
        "passwd",
        "passphrase",
        "token",
        "secret",
        "credential",
        "apikey",
        "accesskey",
        "privatekey",
        "keydata",
    ];
    // Switches and modes whose names hold such a word.
    let is_switch = ["tokenwebhook", "accountcredentials"]
        .iter()
        .any(|word| name.contains(word));
    !is_place && !is_switch && says.iter().any(|word| name.contains(word))
}

/// A command line with its credentials hidden.
pub fn hide_in_command(command: &mut [String]) {
    let mut hide_next = false;
    for word in command.iter_mut().skip(1) {
        let is_flag = word.starts_with('-');
        if hide_next && !is_flag {
            HIDDEN.clone_into(word);
            hide_next = false;
            continue;
        }
        hide_next = false;
        if let Some((flag, value)) = word.split_once('=') {
            let is_header = flag.trim_start_matches('-') == "manifest-url-header";
            if is_flag && (is_header || names_a_credential(flag)) {
                if !is_plain(value) {
                    *word = format!("{flag}={HIDDEN}");
                }
                continue;
            }
        } else if is_flag {
            hide_next =
                names_a_credential(word) || word.trim_start_matches('-') == "manifest-url-header";
        }
        if let Some(text) = hide_in_text(word) {
            *word = text;
        }
    }
    if let Some(program) = command.first_mut()
        && let Some(text) = hide_in_text(program)
    {
        *program = text;
    }
}

/// Whether a value cannot be a credential: it switches something, or is empty.
fn is_plain(value: &str) -> bool {
    matches!(value, "" | "true" | "false")
}

/// A text with passwords of URLs, keys of AWS, tokens and private keys hidden; `None` where it has none.
fn hide_in_text(text: &str) -> Option<String> {
    if text.contains("PRIVATE KEY-----") {
        return Some(HIDDEN.to_owned());
    }
    let mut shown = text.to_owned();
    // user:password@host of a URL; the last @ before the path ends the password.
    let mut from = 0;
    while let Some(at) = shown.get(from..).and_then(|rest| rest.find("://")) {
        let start = from + at + 3;
        let end = shown[start..]
            .find(['/', '?', '#', ' ', ','])
            .map_or(shown.len(), |length| start + length);
        from = end;
        let authority = &shown[start..end];
        if let Some((user_info, _)) = authority.rsplit_once('@')
            && let Some((user, _)) = user_info.split_once(':')
        {
            let (user_end, info_end) = (start + user.len() + 1, start + user_info.len());
            shown.replace_range(user_end..info_end, HIDDEN);
            from = user_end + HIDDEN.len();
        }
    }
    // Words that are credentials by their shape: access keys of AWS, tokens of Kubernetes and of GitHub.
    let is_word =
        |character: char| character.is_ascii_alphanumeric() || "_-./+=".contains(character);
    let words: Vec<&str> = shown.split(|character| !is_word(character)).collect();
    let found: Vec<String> = words
        .iter()
        .flat_map(|word| word.split('='))
        .filter(|word| has_shape_of_credential(word))
        .map(ToString::to_string)
        .collect();
    for word in &found {
        shown = shown.replace(word.as_str(), HIDDEN);
    }
    (shown != text).then_some(shown)
}

/// Whether a word has the shape of a well-known kind of credential.
fn has_shape_of_credential(word: &str) -> bool {
    let is_aws = (word.starts_with("AKIA") || word.starts_with("ASIA"))
        && word.len() == 20
        && word
            .chars()
            .all(|character| character.is_ascii_uppercase() || character.is_ascii_digit());
    let is_jwt = word.starts_with("eyJ") && word.matches('.').count() == 2 && word.len() > 40;
    let is_github = ["ghp_", "gho_", "ghs_", "github_pat_"]
        .iter()
        .any(|start| word.starts_with(start))
        && word.len() > 30;
    is_aws || is_jwt || is_github
}

/// Hides credentials in a configuration.
pub(crate) fn hide_in_settings(settings: &mut Settings) {
    for (name, value) in settings.iter_mut() {
        match name.as_str() {
            // Headers of requests are mostly there to sign in.
            "staticPodURLHeader" | "headers" | "header" => hide_all(value),
            "auth" | "identitytoken" => hide_in_value(value, true),
            name => hide_in_value(value, names_a_credential(name)),
        }
    }
}

/// Hides every text. The depth is bounded by whoever parsed it.
fn hide_all(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(hide_all),
        Value::Object(map) => map.iter_mut().for_each(|(_, value)| hide_all(value)),
        Value::String(text) => HIDDEN.clone_into(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn hide_in_value(value: &mut Value, is_credential: bool) {
    match value {
        Value::String(text) => {
            if is_credential && !is_plain(text) {
                HIDDEN.clone_into(text);
            } else if let Some(shown) = hide_in_text(text) {
                *text = shown;
            }
        }
        Value::Array(values) => {
            for value in values {
                hide_in_value(value, is_credential);
            }
        }
        // A map under such a name holds settings as often as credentials: `serviceAccountToken: {audience: x}`.
        Value::Object(map) => hide_in_settings(map),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hidden(line: &str) -> String {
        let mut command: Vec<String> = line.split(' ').map(str::to_owned).collect();
        hide_in_command(&mut command);
        command.join(" ")
    }

    #[test]
    fn values_of_flags_that_name_credentials() {
        for (line, expected) in [
            ("x --token=abc --other=1", "x --token=(hidden) --other=1"),
            ("x --password abc def", "x --password (hidden) def"),
            ("x --db-secret --next", "x --db-secret --next"),
            (
                "x --manifest-url-header=a:b",
                "x --manifest-url-header=(hidden)",
            ),
            (
                "x --etcd-servers=https://user:pa@ss@host:2379,https://host",
                "x --etcd-servers=https://user:(hidden)@host:2379,https://host",
            ),
            ("x key=AKIAIOSFODNN7EXAMPLE", "x key=(hidden)"),
        ] {
            assert_eq!(hidden(line), expected);
        }
    }

    /// What the controls ask for stays, though its name holds such a word.
    #[test]
    fn flags_that_name_none_stay() {
        for line in [
            "kube-apiserver --token-auth-file=/etc/tokens.csv --authorization-mode=Node,RBAC --enable-bootstrap-token-auth=true",
            "kube-apiserver --service-account-key-file=/pki/sa.pub --tls-private-key-file=/pki/k --service-account-max-token-expiration=24h",
            "kube-controller-manager --use-service-account-credentials=true --authentication-skip-lookup",
            "kubelet --authentication-token-webhook=true --authentication-token-webhook-cache-ttl=10s",
            "etcd --initial-advertise-peer-urls=https://10.0.0.1:2380 --listen-client-urls=https://[::1]:2379",
            "kube-apiserver --authorization-webhook-version=v1 --authentication-token-webhook-config-file=/x",
        ] {
            assert_eq!(hidden(line), line);
        }
    }

    #[test]
    fn settings() {
        let Value::Object(mut settings) = json!({
            "plugins": {"registry": {"configs": {"r": {"auth": {"username": "u", "password": "p", "auth": "dTpw"}}}}},
            "header": {"X": ["secret"]}, "proxy": "http://u:p@proxy:3128/x",
            "configMapAndSecretChangeDetectionStrategy": "Watch", "tokenFile": "/t", "authorization": {"mode": "Webhook"},
            "key": "-----BEGIN RSA PRIVATE KEY-----\nx", "resources": ["secrets"], "rotate": true,
        }) else {
            panic!("a map");
        };
        hide_in_settings(&mut settings);
        let expected = json!({
            "plugins": {"registry": {"configs": {"r": {"auth": {"username": "u", "password": HIDDEN, "auth": HIDDEN}}}}},
            "header": {"X": [HIDDEN]}, "proxy": "http://u:(hidden)@proxy:3128/x",
            "configMapAndSecretChangeDetectionStrategy": "Watch", "tokenFile": "/t", "authorization": {"mode": "Webhook"},
            "key": HIDDEN, "resources": ["secrets"], "rotate": true,
        });
        assert_eq!(Value::Object(settings), expected);
    }
}
