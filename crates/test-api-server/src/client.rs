//! Requests to the API server.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use ureq::http::Request;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

/// A client of one API server, as one user. Cheap to clone; keeps its connections.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    url: String,
    token: String,
}

/// What the API server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The texts of the `Warning` headers, in their order.
    pub warnings: Vec<String>,
    /// The body; text that is no JSON is a JSON string.
    pub body: Value,
}

/// A request that got no answer.
#[derive(Debug, thiserror::Error)]
#[error("{method} {path}: {source}")]
pub struct RequestError {
    method: &'static str,
    path: String,
    source: Box<ureq::Error>,
}

impl Answer {
    /// Whether the status says so.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The `message` of a `Status` object; empty where the body is none.
    pub fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

impl Client {
    pub(crate) fn new(url: &str, certificates: &[u8], token: &str) -> Client {
        let roots: Vec<Certificate<'static>> = ureq::tls::parse_pem(certificates)
            .filter_map(|item| match item {
                Ok(ureq::tls::PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            })
            .collect();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .unversioned_rustls_crypto_provider(Arc::new(
                rustls::crypto::aws_lc_rs::default_provider(),
            ))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_mins(1)))
            .build()
            .new_agent();
        Client {
            agent,
            url: url.to_owned(),
            token: token.to_owned(),
        }
    }

    /// Reads.
    ///
    /// # Errors
    /// No answer. A status of failure is an answer.
    pub fn get(&self, path: &str) -> Result<Answer, RequestError> {
        self.send("GET", path, None)
    }

    /// Creates.
    ///
    /// # Errors
    /// No answer.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer, RequestError> {
        self.send("POST", path, Some(("application/json", body)))
    }

    /// Replaces.
    ///
    /// # Errors
    /// No answer.
    pub fn put(&self, path: &str, body: &Value) -> Result<Answer, RequestError> {
        self.send("PUT", path, Some(("application/json", body)))
    }

    /// Changes what the body names (RFC 7396).
    ///
    /// # Errors
    /// No answer.
    pub fn merge(&self, path: &str, body: &Value) -> Result<Answer, RequestError> {
        self.send("PATCH", path, Some(("application/merge-patch+json", body)))
    }

    /// Removes.
    ///
    /// # Errors
    /// No answer.
    pub fn delete(&self, path: &str) -> Result<Answer, RequestError> {
        self.send("DELETE", path, None)
    }

    fn send(
        &self,
        method: &'static str,
        path: &str,
        body: Option<(&str, &Value)>,
    ) -> Result<Answer, RequestError> {
        self.try_send(method, path, body)
            .map_err(|source| RequestError {
                method,
                path: path.to_owned(),
                source: Box::new(source),
            })
    }

    fn try_send(
        &self,
        method: &str,
        path: &str,
        body: Option<(&str, &Value)>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("Accept", "application/json");
        if !self.token.is_empty() {
            request = request.header("Authorization", format!("Bearer {}", self.token));
        }
        let mut response = match body {
            None => self.agent.run(request.body(())?)?,
            Some((kind, body)) => {
                let request = request
                    .header("Content-Type", kind)
                    .body(body.to_string())?;
                self.agent.run(request)?
            }
        };
        let status = response.status().as_u16();
        let warnings = response
            .headers()
            .get_all("Warning")
            .iter()
            .map(|value| warning_text(&String::from_utf8_lossy(value.as_bytes())))
            .collect();
        Ok(Answer {
            status,
            warnings,
            body: read(response.body_mut())?,
        })
    }
}

fn read(body: &mut Body) -> Result<Value, ureq::Error> {
    const LIMIT: u64 = 100 << 20;
    let text = body.with_config().limit(LIMIT).read_to_string()?;
    Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// The text of `299 - "text"` (RFC 7234, section 5.5).
fn warning_text(header: &str) -> String {
    let quoted = header.splitn(3, ' ').nth(2).unwrap_or(header);
    let inner = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let mut text = String::new();
    let mut characters = inner.unwrap_or(quoted).chars();
    while let Some(character) = characters.next() {
        text.push(if character == '\\' {
            characters.next().unwrap_or('\\')
        } else {
            character
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::warning_text;

    #[test]
    fn the_text_of_a_warning_is_unquoted() {
        assert_eq!(warning_text(r#"299 - "a \"b\" \\c""#), r#"a "b" \c"#);
    }
}
