//! Machines made of files, and the facts of them.
#![cfg(target_os = "linux")]

mod kinds;
mod kubescape;
mod machines;
mod refusals;
