//! Live clusters and snapshots of them.
//!
//! - [`Cluster`] is a cluster that answers: [`Cluster::connect`] finds it, [`Cluster::read`] hands over its objects, page
//!   by page, each page the text of a list.
//! - [`Wanted`] is what is read of it: what controls ask for, and no more. [`rights`] says which rights that takes.
//! - [`snapshot`] keeps the pages in a file, and reads them back.
//!
//! Within: `connect` goes from a kubeconfig to a client, `discovery` knows the kinds of a server, `request` asks and asks
//! again, `list` goes from page to page, `condense` makes what is kept of a page: it is where the values of Secrets go,
//! by `digest`.
//!
//! Whatever a cluster does not give is a gap with its reason, and never an empty list.

mod about;
mod cluster;
mod condense;
mod connect;
mod digest;
mod discovery;
mod error;
mod list;
mod node_facts;
mod options;
mod request;
pub mod rights;
pub mod snapshot;
mod wanted;

pub use about::About;
pub use cluster::{Cluster, Gaps, ReadError, Take};
pub use error::ClusterError;
pub use options::{Bounds, ClusterOptions};
pub use wanted::Wanted;
