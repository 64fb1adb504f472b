//! URLs as Go reads them.

use super::operator_cost::{size, traversal};
use super::{Function, Object, unit_cost};
use crate::error::EvalError;
use crate::value::{Heap, Value};

/// The parts of an absolute URL or absolute path, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Url<'a> {
    scheme: &'a str,
    /// With the port.
    host: &'a str,
    path: &'a str,
    query: &'a str,
}

impl<'a> Url<'a> {
    /// Reads a URL that could stand in a request: with a scheme, or an absolute path.
    pub fn parse(text: &'a str) -> Option<Url<'a>> {
        if text.is_empty() || text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
            return None;
        }
        let (scheme, rest) = split_scheme(text)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        if scheme.is_empty() && !rest.starts_with('/') || !rest.starts_with('/') {
            return None;
        }
        let (host, path) = match rest.strip_prefix("//").filter(|_| !scheme.is_empty()) {
            Some(authority) => {
                let end = authority.find('/').unwrap_or(authority.len());
                (&authority[..end], &authority[end..])
            }
            None => ("", rest),
        };
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        if !is_host(host) || !has_valid_escapes(path) {
            return None;
        }
        Some(Url {
            scheme,
            host,
            path,
            query,
        })
    }

    fn hostname(self) -> &'a str {
        if let Some(inner) = self.host.strip_prefix('[') {
            return inner.split_once(']').map_or(inner, |(inner, _)| inner);
        }
        self.host
            .split_once(':')
            .map_or(self.host, |(name, _)| name)
    }

    fn port(self) -> &'a str {
        let after = match self.host.strip_prefix('[') {
            Some(inner) => inner.split_once(']').map_or("", |(_, after)| after),
            None => self.host.find(':').map_or("", |at| &self.host[at..]),
        };
        after.strip_prefix(':').unwrap_or("")
    }
}

/// The scheme before the colon, empty where there is none; `None` where the text begins with a colon.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at > 0 => return Some((&text[..at], &text[at + 1..])),
            b':' => return None,
            _ => break,
        }
    }
    Some(("", text))
}

fn is_host(host: &str) -> bool {
    let after = match host.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            Some((_, after)) => after,
            None => return false,
        },
        None => host.find(':').map_or("", |at| &host[at..]),
    };
    let port_fits = after.is_empty()
        || after
            .strip_prefix(':')
            .is_some_and(|port| port.bytes().all(|digit| digit.is_ascii_digit()));
    let characters_fit = host.bytes().all(|byte| {
        byte >= 0x80 || byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"%".contains(&byte)
    });
    port_fits && characters_fit
}

fn has_valid_escapes(path: &str) -> bool {
    path.match_indices('%').all(|(at, _)| {
        path.get(at + 1..at + 3)
            .is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    })
}

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("url", false, url, text_cost),
    Function::new("isURL", false, is_url, unit_cost),
    Function::new("getScheme", true, scheme, unit_cost),
    Function::new("getHost", true, host, unit_cost),
    Function::new("getHostname", true, hostname, unit_cost),
    Function::new("getPort", true, port, unit_cost),
    Function::new("getEscapedPath", true, escaped_path, unit_cost),
    Function::new("getQuery", true, query, unit_cost),
];

fn text_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    arguments.first().map_or(1, |text| traversal(size(text)))
}

fn url<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text)] => Url::parse(text)
            .map(|url| heap.object(Object::Url(url)))
            .ok_or_else(|| {
                heap.argument_error(&format!(
                    "URL parse error during conversion from string: {text:?}"
                ))
            }),
        _ => Err(heap.no_such_overload("url")),
    }
}

fn is_url<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text)] => Ok(Value::Bool(Url::parse(text).is_some())),
        _ => Err(heap.no_such_overload("isURL")),
    }
}

fn target<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
) -> std::result::Result<Url<'a>, EvalError<'a>> {
    match arguments {
        [Value::Object(Object::Url(url))] => Ok(*url),
        _ => Err(heap.no_such_overload("url")),
    }
}

fn scheme<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let scheme = target(heap, arguments)?.scheme;
    Ok(heap.string(&scheme.to_ascii_lowercase()))
}

fn host<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::String(target(heap, arguments)?.host))
}

fn hostname<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::String(target(heap, arguments)?.hostname()))
}

fn port<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::String(target(heap, arguments)?.port()))
}

/// Bytes that Go leaves as they are in a path.
const PATH_BYTES: &[u8] = b"-_.~$&+,/:;=@!'()*%[]";

fn escaped_path<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let path = target(heap, arguments)?.path;
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || PATH_BYTES.contains(&byte) {
            escaped.push(byte as char);
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(heap.string(&escaped))
}

fn query<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let query = target(heap, arguments)?.query;
    let mut keys: Vec<(String, Vec<Value<'a>>)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        // What has a semicolon or a broken escape, Go leaves out.
        if pair.contains(';') {
            continue;
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(key), Some(value)) = (unescaped(key), unescaped(value)) else {
            continue;
        };
        let value = heap.string(&value);
        match keys.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => keys.push((key, vec![value])),
        }
    }
    keys.sort_by(|left, right| left.0.cmp(&right.0));
    let entries: Vec<(Value<'a>, Value<'a>)> = keys
        .into_iter()
        .map(|(key, values)| (heap.string(&key), heap.list(&values)))
        .collect();
    Ok(heap.map(&entries))
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &rest[2..];
            }
            other => bytes.push(*other),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_in_parts() {
        let url = Url::parse("https://user@[::1]:8443/a%20b?x=1&x=2").unwrap();
        assert_eq!(
            (url.scheme, url.host, url.hostname(), url.port()),
            ("https", "[::1]:8443", "::1", "8443")
        );
        assert_eq!(url.path, "/a%20b");
        assert!(Url::parse("/path/only").is_some());
        for refused in [
            "",
            "../relative",
            "https://a b.com/",
            "host:80:x",
            "http://h:port/",
            "://x",
            "https://h/%zz",
        ] {
            assert!(Url::parse(refused).is_none(), "{refused}");
        }
    }
}
