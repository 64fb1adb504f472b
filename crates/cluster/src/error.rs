//! What can go wrong on the way to an API server.

use std::fmt;

use thiserror::Error;

/// Why a cluster cannot be asked at all.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// There is no such kubeconfig or context, or it is broken: the user has to mend it.
    #[error("{0}")]
    Configuration(String),
    /// The cluster does not answer as it should.
    #[error("{0}")]
    Unreachable(String),
}

/// Why an answer could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failed {
    /// 401: nobody is let in with these credentials.
    Unauthorised(String),
    /// 403.
    Forbidden(String),
    /// 404: there is no such thing, or no longer.
    NotFound,
    /// 410: the list has to begin again.
    Gone,
    /// Another status, and what the server says of it.
    Status(u16, String),
    /// The connection could not be made, or ended.
    Connection(String),
    /// No answer in time.
    TimedOut(u64),
    /// The time for all of it is over.
    Deadline(u64),
    /// An answer that is none.
    Malformed(String),
}

impl Failed {
    /// Whether nothing more can be had, whatever is asked for.
    pub(crate) fn ends_all(&self) -> bool {
        matches!(self, Failed::Unauthorised(_) | Failed::Deadline(_))
    }

    /// Whether it speaks of the way to the server, and not of what was asked for.
    pub(crate) fn is_of_the_way(&self) -> bool {
        matches!(self, Failed::Connection(_) | Failed::TimedOut(_))
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::Unauthorised(why) => write!(
                f,
                "the API server does not accept the credentials (401): {why}"
            ),
            Failed::Forbidden(why) => write!(f, "it is forbidden (403): {why}"),
            Failed::NotFound => f.write_str("the API server has no such thing (404)"),
            Failed::Gone => f.write_str("the list changed again and again while it was read (410)"),
            Failed::Status(status, why) => write!(f, "the API server answers {status}: {why}"),
            Failed::Connection(why) => write!(f, "the connection failed: {why}"),
            Failed::TimedOut(seconds) => {
                write!(f, "no answer within {seconds} s; --timeout gives more")
            }
            Failed::Deadline(seconds) => write!(
                f,
                "the {seconds} s for the whole cluster were over; --total-timeout gives more"
            ),
            Failed::Malformed(why) => f.write_str(why),
        }
    }
}

/// An error with those behind it, each said once. Whoever wraps an error often repeats it.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut behind = error.source();
    while let Some(cause) = behind {
        let said = cause.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        behind = cause.source();
    }
    text
}
