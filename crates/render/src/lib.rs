//! Helm charts and kustomizations to the objects that would be deployed.
//!
//! - [`Renderer`] is what renders: documents out of a chart or kustomization, or an error. [`Programs`] does it with
//!   `helm`, `kustomize` and `kubectl`, fenced in; another one may take its place.
//! - [`render_chart`] and [`render_kustomization`] hold an input to what is safe, have it rendered, and make sources of
//!   the documents: each has the name of the file that it was made of, and knows the lines there that it can be sure of.
//! - `lines` finds the lines of a template in what was rendered, `kustomize` the objects of a build in their files.
//!
//! Nothing is fetched: what is not there is an error.

mod chart;
mod error;
mod helm;
mod helm_output;
mod kustomization;
mod kustomize;
mod lines;
mod process;
mod program;
mod renderer;

pub use chart::{Library, library, render_chart};
pub use error::RenderError;
pub use kustomization::render_kustomization;
pub use renderer::{ChartOptions, Document, Limits, Programs, Renderer, Rendering};
