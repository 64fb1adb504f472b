//! The framing of gzip, RFC 1952, around deflate.

use std::io::{self, Write};

use miniz_oxide::deflate::core::{CompressorOxide, create_comp_flags_from_zip_params};
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus, deflate};

/// How a gzip file begins.
pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// No name, no time, no system: the same content gives the same file.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

const WINDOW: usize = 32 << 10;
const BUFFER: usize = 64 << 10;

/// Fast, and small enough: manifests repeat themselves.
const LEVEL: i32 = 4;

/// Compresses what is written.
pub(crate) struct Compressor<W: Write> {
    out: W,
    state: Box<CompressorOxide>,
    buffer: Vec<u8>,
    checksum: Checksum,
    length: u32,
}

impl<W: Write> Compressor<W> {
    pub(crate) fn new(mut out: W) -> io::Result<Compressor<W>> {
        out.write_all(&HEADER)?;
        // Negative window bits are deflate without the frame of zlib.
        let flags = create_comp_flags_from_zip_params(LEVEL, -15, 0);
        Ok(Compressor {
            out,
            state: Box::new(CompressorOxide::new(flags)),
            buffer: vec![0; BUFFER],
            checksum: Checksum::new(),
            length: 0,
        })
    }

    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.checksum.add(bytes);
        // The length is kept modulo 2^32, as the format has it.
        self.length = self.length.wrapping_add(bytes.len() as u32);
        while !bytes.is_empty() {
            let step =
                deflate::stream::deflate(&mut self.state, bytes, &mut self.buffer, MZFlush::None);
            step.status.map_err(failed)?;
            self.out.write_all(&self.buffer[..step.bytes_written])?;
            bytes = &bytes[step.bytes_consumed..];
        }
        Ok(())
    }

    /// Writes what is left, and gives back what was written to.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        loop {
            let step =
                deflate::stream::deflate(&mut self.state, &[], &mut self.buffer, MZFlush::Finish);
            let status = step.status.map_err(failed)?;
            self.out.write_all(&self.buffer[..step.bytes_written])?;
            if status == MZStatus::StreamEnd {
                break;
            }
        }
        self.out.write_all(&self.checksum.value().to_le_bytes())?;
        self.out.write_all(&self.length.to_le_bytes())?;
        Ok(self.out)
    }
}

fn failed(error: MZError) -> io::Error {
    io::Error::other(format!("the compressor failed: {error:?}"))
}

/// Why compressed bytes cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It is no gzip.
    NoGzip,
    /// It ends before its end.
    Truncated,
    /// It does not hold what it says.
    Damaged,
}

/// Decompresses bytes, a part at a time, so that a small file cannot ask for all memory.
pub(crate) struct Decompressor<'b> {
    bytes: &'b [u8],
    state: Box<InflateState>,
    checksum: Checksum,
    length: u32,
    is_done: bool,
}

impl<'b> Decompressor<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Result<Decompressor<'b>, Broken> {
        Ok(Decompressor {
            bytes: without_header(bytes)?,
            state: InflateState::new_boxed(DataFormat::Raw),
            checksum: Checksum::new(),
            length: 0,
            is_done: false,
        })
    }

    /// Adds the next part to what there is; `false` at the end.
    pub(crate) fn next(&mut self, into: &mut Vec<u8>) -> Result<bool, Broken> {
        if self.is_done {
            return Ok(false);
        }
        let start = into.len();
        into.resize(start + WINDOW, 0);
        let step = inflate(
            &mut self.state,
            self.bytes,
            &mut into[start..],
            MZFlush::None,
        );
        into.truncate(start + step.bytes_written);
        self.bytes = &self.bytes[step.bytes_consumed..];
        self.checksum.add(&into[start..]);
        self.length = self.length.wrapping_add(step.bytes_written as u32);
        match step.status {
            Ok(MZStatus::StreamEnd) => {
                self.is_done = true;
                self.trailer()?;
                Ok(true)
            }
            Ok(_) if step.bytes_written > 0 => Ok(true),
            Ok(_) | Err(MZError::Buf) => Err(Broken::Truncated),
            Err(_) => Err(Broken::Damaged),
        }
    }

    fn trailer(&self) -> Result<(), Broken> {
        let number = |at: usize| {
            let bytes = self.bytes.get(at..at + 4)?;
            bytes
                .first_chunk::<4>()
                .map(|bytes| u32::from_le_bytes(*bytes))
        };
        match (number(0), number(4)) {
            (Some(checksum), Some(length)) => {
                let is_whole = checksum == self.checksum.value() && length == self.length;
                if is_whole {
                    Ok(())
                } else {
                    Err(Broken::Damaged)
                }
            }
            _ => Err(Broken::Truncated),
        }
    }
}

/// What comes after the header, which may hold a name and a comment where another program has packed the file anew.
fn without_header(bytes: &[u8]) -> Result<&[u8], Broken> {
    let header: &[u8; 10] = bytes.first_chunk().ok_or(Broken::NoGzip)?;
    if header[..3] != HEADER[..3] {
        return Err(Broken::NoGzip);
    }
    let flags = header[3];
    let mut rest = &bytes[10..];
    if flags & 4 != 0 {
        let length: &[u8; 2] = rest.first_chunk().ok_or(Broken::Truncated)?;
        let length = usize::from(u16::from_le_bytes(*length));
        rest = rest.get(2 + length..).ok_or(Broken::Truncated)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = memchr::memchr(0, rest).ok_or(Broken::Truncated)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..).ok_or(Broken::Truncated)?;
    }
    Ok(rest)
}

/// CRC-32 as gzip has it.
struct Checksum(u32);

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut value = at as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 {
                0xedb8_8320 ^ value >> 1
            } else {
                value >> 1
            };
            bit += 1;
        }
        table[at] = value;
        at += 1;
    }
    table
};

impl Checksum {
    fn new() -> Checksum {
        Checksum(!0)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let at = (self.0 as u8 ^ byte) as usize;
            self.0 = TABLE[at] ^ self.0 >> 8;
        }
    }

    fn value(&self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut compressor = Compressor::new(Vec::new()).unwrap();
        for part in text.chunks(70_001) {
            compressor.write(part).unwrap();
        }
        compressor.finish().unwrap()
    }

    fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, Broken> {
        let mut decompressor = Decompressor::new(bytes)?;
        let mut text = Vec::new();
        while decompressor.next(&mut text)? {}
        Ok(text)
    }

    #[test]
    fn what_goes_in_comes_out_and_damage_is_seen() {
        let mut checksum = Checksum::new();
        checksum.add(b"123456789");
        assert_eq!(checksum.value(), 0xcbf4_3926);
        let text: Vec<u8> = (0..400_000_u32)
            .flat_map(|n| n.wrapping_mul(n).to_string().into_bytes())
            .collect();
        let bytes = packed(&text);
        assert!(bytes.len() < text.len());
        assert_eq!(unpacked(&bytes).unwrap(), text);
        assert_eq!(unpacked(&packed(b"")).unwrap(), b"");
        for cut in [1, 5, bytes.len() / 2, bytes.len() - 12] {
            let broken = unpacked(&bytes[..bytes.len() - cut]);
            assert!(
                matches!(broken, Err(Broken::Truncated | Broken::NoGzip)),
                "{cut}"
            );
        }
        let mut damaged = bytes.clone();
        let last = damaged.len() - 6;
        damaged[last] ^= 1;
        assert_eq!(unpacked(&damaged), Err(Broken::Damaged));
        assert_eq!(unpacked(b"apiVersion: v1"), Err(Broken::NoGzip));
    }

    #[test]
    fn headers_of_other_programs_are_skipped() {
        let bytes = packed(b"text");
        let mut named = bytes[..10].to_vec();
        named[3] = 8 | 4 | 2;
        named.extend(b"\x02\x00xxname\0\x00\x00");
        named.extend(&bytes[10..]);
        assert_eq!(unpacked(&named).unwrap(), b"text");
    }
}
