//! A cluster in a file: JSON, line by line, compressed as gzip.
//!
//! The first line says what it is and which cluster it was, the last one what of it was not read. Between them stands
//! a list of objects in each line, as [`Cluster::read`](crate::Cluster::read) gives them: without the values of Secrets.

mod gzip;
mod record;

use std::io::{self, Write};

use plimsoll_inventory::KubernetesVersion;
use thiserror::Error;

use crate::about::About;
use crate::cluster::Gaps;
use gzip::{Broken, Compressor, Decompressor};
use record::{End, Header};

/// Whether bytes begin as those of a compressed file do.
pub fn is_compressed(bytes: &[u8]) -> bool {
    bytes.starts_with(&gzip::MAGIC)
}

/// Why a snapshot cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It is a compressed file of another kind.
    #[error("it is compressed, and no snapshot of a cluster; unpack it")]
    NoSnapshot,
    /// It was written by a later version.
    #[error("it is a snapshot of the form {0}, and this version reads the form 1")]
    Version(String),
    /// It ends before its end.
    #[error("the snapshot is cut off")]
    Truncated,
    /// It does not hold what it says.
    #[error("the snapshot is damaged")]
    Damaged,
    /// It is larger than what is read.
    #[error("the snapshot holds more than {0} MiB, the limit of a source")]
    TooLarge(usize),
}

impl From<Broken> for SnapshotError {
    fn from(broken: Broken) -> SnapshotError {
        match broken {
            Broken::NoGzip => SnapshotError::NoSnapshot,
            Broken::Truncated => SnapshotError::Truncated,
            Broken::Damaged => SnapshotError::Damaged,
        }
    }
}

/// A snapshot that is being written.
pub struct SnapshotWriter<W: Write> {
    compressor: Compressor<W>,
    pages: usize,
}

impl<W: Write> SnapshotWriter<W> {
    /// Begins a snapshot of a cluster, read for some controls at some time.
    ///
    /// # Errors
    /// What the writer says.
    pub fn begin(out: W, about: &About, controls: &[&str], taken_at: &str) -> io::Result<Self> {
        let mut compressor = Compressor::new(out)?;
        let header = Header::new(about, controls, taken_at);
        compressor.write(&line(&header)?)?;
        Ok(SnapshotWriter {
            compressor,
            pages: 0,
        })
    }

    /// Adds a page.
    ///
    /// # Errors
    /// What the writer says.
    pub fn page(&mut self, text: &str) -> io::Result<()> {
        self.pages += 1;
        self.compressor.write(text.as_bytes())?;
        self.compressor.write(b"\n")
    }

    /// Ends the snapshot, and gives back what was written to.
    ///
    /// # Errors
    /// What the writer says.
    pub fn finish(mut self, gaps: &Gaps) -> io::Result<W> {
        let end = End::new(self.pages, gaps);
        self.compressor.write(&line(&end)?)?;
        self.compressor.finish()
    }
}

fn line(record: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    Ok(line)
}

/// Reads a snapshot, and hands over page by page. `limit` is how many bytes its pages may have together.
///
/// # Errors
/// It is none, or broken.
pub fn read(
    bytes: &[u8],
    limit: usize,
    mut take: impl FnMut(String),
) -> Result<(About, Gaps), SnapshotError> {
    let mut lines = Lines {
        decompressor: Decompressor::new(bytes)?,
        buffer: Vec::new(),
        left: limit,
        limit,
    };
    let first = match lines.next() {
        Ok(line) => line.ok_or(SnapshotError::NoSnapshot)?,
        // A stream of something else without a line break, perhaps.
        Err(SnapshotError::TooLarge(_)) => return Err(SnapshotError::NoSnapshot),
        Err(error) => return Err(error),
    };
    let header: Header = serde_json::from_str(&first).map_err(|_| SnapshotError::NoSnapshot)?;
    if header.version != record::VERSION {
        return Err(SnapshotError::Version(header.version));
    }
    let mut about = About::from(header.cluster);
    about.kubernetes = KubernetesVersion::parse(&about.server_version).ok();
    let mut pages = 0;
    loop {
        let line = lines.next()?.ok_or(SnapshotError::Truncated)?;
        if !line.starts_with(record::END) {
            pages += 1;
            take(line);
            continue;
        }
        let end: End = serde_json::from_str(&line).map_err(|_| SnapshotError::Damaged)?;
        if end.pages != pages || lines.next()?.is_some() {
            return Err(SnapshotError::Damaged);
        }
        return Ok((about, end.into()));
    }
}

struct Lines<'b> {
    decompressor: Decompressor<'b>,
    /// What was decompressed and not handed over.
    buffer: Vec<u8>,
    left: usize,
    limit: usize,
}

impl Lines<'_> {
    /// The next line; `None` at the end.
    fn next(&mut self) -> Result<Option<String>, SnapshotError> {
        let mut searched = 0;
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[searched..]) {
                let rest = self.buffer.split_off(searched + at + 1);
                let mut line = std::mem::replace(&mut self.buffer, rest);
                line.pop();
                // The buffer grew by doubling; what is kept is kept for long.
                line.shrink_to_fit();
                let line = String::from_utf8(line).map_err(|_| SnapshotError::Damaged)?;
                return Ok(Some(line));
            }
            searched = self.buffer.len();
            if !self.decompressor.next(&mut self.buffer)? {
                let is_empty = self.buffer.is_empty();
                return if is_empty {
                    Ok(None)
                } else {
                    Err(SnapshotError::Truncated)
                };
            }
            let more = self.buffer.len() - searched;
            self.left = self
                .left
                .checked_sub(more)
                .ok_or(SnapshotError::TooLarge(self.limit >> 20))?;
        }
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_inventory::{Cause, Unread};

    use super::*;

    fn about() -> About {
        About {
            location: "kind-dev".to_owned(),
            server_version: "v1.34.1".to_owned(),
            kubernetes: KubernetesVersion::parse("1.34").ok(),
            namespaces: vec!["shop".to_owned()],
        }
    }

    fn gaps() -> Gaps {
        Gaps {
            unread: vec![Unread {
                group: "apps".to_owned(),
                kind: "Deployment".to_owned(),
                reason: "it is forbidden".to_owned(),
                cause: Cause::Failed,
            }],
            problems: vec!["there is no namespace shop".to_owned()],
        }
    }

    fn written(pages: &[&str]) -> Vec<u8> {
        let mut writer = SnapshotWriter::begin(Vec::new(), &about(), &["PSC-001"], "now").unwrap();
        for page in pages {
            writer.page(page).unwrap();
        }
        writer.finish(&gaps()).unwrap()
    }

    #[test]
    fn a_snapshot_gives_back_what_was_read() {
        let long = format!("{{\"x\":\"{}\"}}", "é".repeat(100_000));
        let bytes = written(&["{\"kind\":\"PodList\"}", &long]);
        assert!(is_compressed(&bytes));
        let mut pages = Vec::new();
        let (of, left) = read(&bytes, 1 << 20, |page| pages.push(page)).unwrap();
        assert_eq!((of, left), (about(), gaps()));
        assert_eq!(pages, ["{\"kind\":\"PodList\"}", &long]);
    }

    #[test]
    fn what_is_no_snapshot_or_broken_or_too_large_is_refused() {
        let of = |bytes: &[u8]| read(bytes, 1 << 20, |_| {}).map(|_| ());
        let packed = |text: &[u8]| {
            let mut compressor = Compressor::new(Vec::new()).unwrap();
            compressor.write(text).unwrap();
            compressor.finish().unwrap()
        };
        for text in ["", "\n", "{}\n", "{\"kind\":\"List\"}", "kind: List\n"] {
            let refused = of(&packed(text.as_bytes()));
            assert!(refused.is_err(), "{text}");
        }
        // A small file of which much would come.
        let bomb = packed(&vec![b'x'; 64 << 20]);
        assert!(bomb.len() < 1 << 20);
        assert_eq!(of(&bomb), Err(SnapshotError::NoSnapshot));
        let large = written(&[&"x".repeat(2 << 20)]);
        assert_eq!(of(&large), Err(SnapshotError::TooLarge(1)));
        let header = br#"{"plimsollSnapshot":"2","cluster":{"location":"","serverVersion":"","namespaces":[]}}"#;
        let mut later = header.to_vec();
        later.push(b'\n');
        assert_eq!(
            of(&packed(&later)),
            Err(SnapshotError::Version("2".to_owned()))
        );
        let one = String::from_utf8(header.to_vec())
            .unwrap()
            .replace("\"2\"", "\"1\"")
            + "\n{}\n";
        assert_eq!(of(&packed(one.as_bytes())), Err(SnapshotError::Truncated));
        let end = r#"{"plimsollSnapshotEnd":{"pages":7,"unread":[],"problems":[]}}"#;
        let miscounted = format!("{one}{end}\n");
        assert_eq!(
            of(&packed(miscounted.as_bytes())),
            Err(SnapshotError::Damaged)
        );
    }
}
