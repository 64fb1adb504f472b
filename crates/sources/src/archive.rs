//! Archives that may hold a chart.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::charts::DESCRIPTION;

/// How much of an archive is looked at: Helm puts the description first.
const MOST_READ: u64 = 4 << 20;
const MOST_UNPACKED: usize = 16 << 20;

/// What a block of a tar archive has.
const BLOCK: usize = 512;

/// Whether a file is a packed archive by its name.
pub(crate) fn is_archive_name(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.ends_with(".tgz") || name.ends_with(".tar.gz"))
}

/// Whether an archive holds a chart: one folder with a `Chart.yaml`. What cannot be read holds none that we know of.
pub(crate) fn holds_chart(path: &Path) -> bool {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|archive| archive.take(MOST_READ).read_to_end(&mut bytes));
    if read.is_err() {
        return false;
    }
    let Some(packed) = after_header(&bytes) else {
        return false;
    };
    let unpacked = match decompress_to_vec_with_limit(packed, MOST_UNPACKED) {
        Ok(unpacked) => unpacked,
        // It is longer than what is looked at.
        Err(error) => error.output,
    };
    names(&unpacked).any(|name| {
        let name = name.strip_prefix("./").unwrap_or(&name);
        name.split_once('/')
            .is_some_and(|(_, file)| file == DESCRIPTION)
    })
}

/// The packed bytes after the header of gzip (RFC 1952, 2.3).
fn after_header(bytes: &[u8]) -> Option<&[u8]> {
    let flags = *bytes.strip_prefix(&[0x1f, 0x8b, 8])?.first()?;
    let mut rest = bytes.get(10..)?;
    if flags & 4 != 0 {
        let length = u16::from_le_bytes([*rest.first()?, *rest.get(1)?]);
        rest = rest.get(2 + usize::from(length)..)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    rest.get(if flags & 2 != 0 { 2 } else { 0 }..)
}

/// The names of a tar archive's entries, as far as it goes (POSIX.1-1988 ustar).
fn names(tar: &[u8]) -> impl Iterator<Item = String> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let header = tar.get(at..at + BLOCK)?;
        let text = |from: usize, to: usize| {
            let field = &header[from..to];
            let end = field.iter().position(|byte| *byte == 0);
            String::from_utf8_lossy(&field[..end.unwrap_or(field.len())]).into_owned()
        };
        let name = text(0, 100);
        if name.is_empty() {
            return None;
        }
        let size = usize::from_str_radix(text(124, 136).trim(), 8).ok()?;
        at = at
            .checked_add(BLOCK)?
            .checked_add(size.div_ceil(BLOCK) * BLOCK)?;
        let is_ustar = header[257..262] == *b"ustar";
        let prefix = if is_ustar {
            text(345, 500)
        } else {
            String::new()
        };
        Some(if prefix.is_empty() {
            name
        } else {
            format!("{prefix}/{name}")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive with these files.
    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut tar = Vec::new();
        for (name, text) in files {
            let mut header = [0_u8; BLOCK];
            header[..name.len()].copy_from_slice(name.as_bytes());
            let size = format!("{:011o}", text.len());
            header[124..135].copy_from_slice(size.as_bytes());
            header[257..262].copy_from_slice(b"ustar");
            tar.extend(header);
            tar.extend(text.as_bytes());
            tar.resize(tar.len().div_ceil(BLOCK) * BLOCK, 0);
        }
        tar.resize(tar.len() + 2 * BLOCK, 0);
        // With a name in the header, as gzip writes it.
        let mut bytes = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];
        bytes.extend(b"name\0");
        bytes.extend(miniz_oxide::deflate::compress_to_vec(&tar, 6));
        bytes.extend([0; 8]);
        bytes
    }

    #[test]
    fn a_chart_is_known_by_what_is_in_the_archive() {
        let folder = tempfile::tempdir().unwrap();
        let holds = |bytes: &[u8]| {
            let path = folder.path().join("a.tgz");
            std::fs::write(&path, bytes).unwrap();
            holds_chart(&path)
        };
        assert!(holds(&archive(&[
            ("web/README.md", &"x".repeat(700)),
            ("web/Chart.yaml", "name: web\n"),
        ])));
        assert!(!holds(&archive(&[("package/package.json", "{}")])));
        assert!(!holds(&archive(&[("web/charts/db/Chart.yaml", "")])));
        assert!(!holds(b"\x1f\x8b\x08\xff"));
        assert!(!holds(b"no archive"));
        assert!(!holds_chart(&folder.path().join("none.tgz")));
    }
}
