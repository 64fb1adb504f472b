//! One question to the API server: asked again where that may help, and never without an end.

use std::time::{Duration, Instant};

use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use serde::Deserialize;

use crate::error::{Failed, chain};
use crate::options::Bounds;

/// What JSON is asked for as.
pub(crate) const JSON: &str = "application/json";

/// Who asks.
pub(crate) struct Asker {
    client: Client,
    bounds: Bounds,
    deadline: Instant,
}

/// An answer that was had.
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: String,
}

/// What an API server says where it refuses.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Status {
    message: String,
}

/// How much of what a server says is passed on.
const MESSAGE_LENGTH: usize = 400;

impl Asker {
    pub(crate) fn new(client: Client, bounds: Bounds) -> Asker {
        Asker {
            client,
            deadline: Instant::now() + bounds.total,
            bounds,
        }
    }

    pub(crate) fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// Asks for JSON.
    pub(crate) async fn json(&self, path: &str) -> Result<Vec<u8>, Failed> {
        let answer = self.get(path, JSON).await?;
        if !answer.content_type.starts_with(JSON) {
            let text = format!(
                "the answer to {path} is no JSON but {}: is this an API server?",
                shortened(&answer.content_type)
            );
            return Err(Failed::Malformed(text));
        }
        Ok(answer.bytes)
    }

    /// Asks, and asks again where the server is busy, or where it or the way to it is out of order.
    pub(crate) async fn get(&self, path: &str, accept: &str) -> Result<Answer, Failed> {
        let mut wait = self.bounds.wait;
        let mut tries_left = self.bounds.retries;
        loop {
            let (failed, asked_to_wait) = match self.once(path, accept).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let may_help = match &failed {
                Failed::Status(status, _) => matches!(status, 429 | 500 | 502 | 503 | 504),
                Failed::Connection(_) | Failed::TimedOut(_) => true,
                _ => false,
            };
            if !may_help || tries_left == 0 {
                return Err(failed);
            }
            tries_left -= 1;
            let pause = asked_to_wait.unwrap_or(wait).min(self.bounds.longest_wait);
            if Instant::now() + pause >= self.deadline {
                return Err(Failed::Deadline(self.bounds.total.as_secs()));
            }
            tokio::time::sleep(pause).await;
            wait *= 2;
        }
    }

    /// Asks once. With a failure comes the time after which the server wants to be asked again.
    async fn once(&self, path: &str, accept: &str) -> Result<Answer, (Failed, Option<Duration>)> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err((Failed::Deadline(self.bounds.total.as_secs()), None));
        }
        let time = self.bounds.request.min(left);
        match tokio::time::timeout(time, self.exchange(path, accept)).await {
            Ok(result) => result,
            Err(_) if time < self.bounds.request => {
                Err((Failed::Deadline(self.bounds.total.as_secs()), None))
            }
            Err(_) => Err((Failed::TimedOut(time.as_secs()), None)),
        }
    }

    async fn exchange(
        &self,
        path: &str,
        accept: &str,
    ) -> Result<Answer, (Failed, Option<Duration>)> {
        let only = |failed| (failed, None);
        let request = Request::get(path)
            .header(header::ACCEPT, accept)
            .header(
                header::USER_AGENT,
                concat!("plimsoll/", env!("CARGO_PKG_VERSION")),
            )
            .body(Body::empty())
            .map_err(|error| only(Failed::Malformed(error.to_string())))?;
        let response = self.client.send(request).await.map_err(|error| {
            only(match &error {
                kube::Error::Auth(_) => Failed::Unauthorised(chain(&error)),
                error => Failed::Connection(chain(error)),
            })
        })?;
        let status = response.status();
        let header = |name| {
            let value = response.headers().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let content_type = header(header::CONTENT_TYPE);
        let asked_to_wait = header(header::RETRY_AFTER)
            .parse()
            .ok()
            .map(Duration::from_secs);
        let mut bytes = Vec::new();
        let length: usize = header(header::CONTENT_LENGTH).parse().unwrap_or_default();
        bytes.reserve_exact(length.min(self.bounds.answer_bytes));
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| only(Failed::Connection(chain(&error))))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if bytes.len() + data.len() > self.bounds.answer_bytes {
                let text = format!(
                    "the answer to {path} has more than {} MiB",
                    self.bounds.answer_bytes >> 20
                );
                return Err(only(Failed::Malformed(text)));
            }
            bytes.extend_from_slice(&data);
        }
        if status.is_success() {
            return Ok(Answer {
                bytes,
                content_type,
            });
        }
        let said = said(status, &bytes);
        let failed = match status {
            StatusCode::UNAUTHORIZED => Failed::Unauthorised(said),
            StatusCode::FORBIDDEN => Failed::Forbidden(said),
            StatusCode::NOT_FOUND => Failed::NotFound,
            StatusCode::GONE => Failed::Gone,
            status => Failed::Status(status.as_u16(), said),
        };
        Err((failed, asked_to_wait))
    }
}

/// What a server says of a status, in a line.
fn said(status: StatusCode, body: &[u8]) -> String {
    let said: Status = serde_json::from_slice(body).unwrap_or_default();
    if said.message.is_empty() {
        return status
            .canonical_reason()
            .unwrap_or("no reason given")
            .to_owned();
    }
    shortened(&said.message)
}

/// A text of a server's, in one line of bounded length.
pub(crate) fn shortened(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(MESSAGE_LENGTH)
        .collect();
    plain.trim().to_owned()
}
