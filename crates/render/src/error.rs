//! Why something could not be rendered.

use thiserror::Error;

/// Why a chart or kustomization could not be rendered. It never means that there is nothing to find.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RenderError {
    /// The program that renders it is not there.
    #[error("{0}")]
    NoProgram(String),
    /// The program could not be started, or not be listened to.
    #[error("{program} could not be run: {reason}")]
    Start {
        /// The program.
        program: String,
        /// What the operating system says.
        reason: String,
    },
    /// It took too long, and was ended.
    #[error(
        "{program} was not done within {seconds} s and was ended; --render-time-limit allows it more"
    )]
    TimedOut {
        /// The program.
        program: String,
        /// The time it had.
        seconds: u64,
    },
    /// It printed too much, and was ended.
    #[error("{program} printed more than {limit} bytes and was ended")]
    TooLong {
        /// The program.
        program: String,
        /// What it may print.
        limit: usize,
    },
    /// What it printed is no text.
    #[error("{program} printed what is no UTF-8 text")]
    NotText {
        /// The program.
        program: String,
    },
    /// It says what is wrong.
    #[error("it could not be rendered: {0}")]
    Failed(String),
    /// It is not given to any program.
    #[error("it was not rendered: {0}")]
    Refused(String),
}
