//! The report as one page that needs nothing beside itself: no server, no network, no script to be read.
//!
//! Everything is in the markup; the script only filters. What comes from outside is escaped (`markup`), and should
//! that fail, the page's own content security policy runs no script and loads nothing but what is named by its hash.

mod controls;
mod excerpt;
mod findings;
mod frameworks;
mod markup;
mod overview;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use crate::result::ScanResult;
use markup::Markup;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Writes the page.
///
/// # Errors
/// What the writer says.
pub fn write(result: &ScanResult<'_>, mut out: impl Write) -> io::Result<()> {
    let mut page = Markup::default();
    head(&mut page);
    page.raw("<body>\n<a class=\"skip\" href=\"#main\">To the content</a>\n");
    overview::header(result, &mut page);
    page.raw("<main id=\"main\">\n");
    overview::write(result, &mut page);
    page.flush(&mut out)?;
    frameworks::write(result, &mut page, &mut out)?;
    findings::write(result, &mut page, &mut out)?;
    controls::write(result, &mut page, &mut out)?;
    overview::limits(result, &mut page);
    page.raw("</main>\n<footer><p>Made by Plimsoll ")
        .text(result.version)
        .raw(". A score is a range: what was not assessed is never counted as passed.</p></footer>\n<script>")
        .raw(SCRIPT)
        .raw("</script>\n</body>\n</html>\n");
    page.flush(&mut out)
}

fn head(page: &mut Markup) {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.open(
        "meta",
        &[
            ("http-equiv", "Content-Security-Policy"),
            ("content", &policy),
        ],
    );
    page.raw("\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>Kubernetes compliance report</title>\n<style>")
        .raw(STYLE)
        .raw("</style>\n</head>\n");
}

/// The SHA-256 of a text in Base64, as a content security policy names it.
fn hash(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = Sha256::digest(text.as_bytes());
    let mut encoded = String::with_capacity(44);
    for bytes in digest.chunks(3) {
        let byte = |at: usize| u32::from(bytes.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit > bytes.len() {
                encoded.push('=');
            } else {
                let index = bits >> (18 - 6 * digit) & 0x3f;
                encoded.push(char::from(DIGITS[index as usize]));
            }
        }
    }
    encoded
}
