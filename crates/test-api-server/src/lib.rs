//! A Kubernetes API server of one's own, for tests: the real one, with etcd, on the loopback interface.
//!
//! ```no_run
//! use plimsoll_test_api_server::{ApiServer, Settings};
//!
//! # fn test() -> Result<(), plimsoll_test_api_server::StartError> {
//! let Some(server) = ApiServer::start(&Settings::default())? else {
//!     return Ok(()); // The programs are not there; it has been said.
//! };
//! let namespaces = server.client().get("/api/v1/namespaces").expect("an answer");
//! # Ok(()) }
//! ```
//!
//! There is the API server and nothing else: no controller makes Pods of a Deployment, no scheduler places them, no
//! namespace gets its service account. The programs are made by `tools/api-server/build`; see [`Programs`].

mod client;
mod process;
mod programs;
mod server;

pub use client::{Answer, Client, RequestError};
pub use programs::Programs;
pub use server::{ApiServer, Settings, StartError, User};
