//! Texts with certificates in them (RFC 7468).

use plimsoll_document::base64;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The first certificate of a file, as DER: from PEM, or the file itself where it is DER.
pub(super) fn first_certificate(bytes: &[u8]) -> Option<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return bytes.starts_with(&[0x30]).then(|| bytes.to_vec());
    };
    let (_, body) = text.split_once(BEGIN)?;
    let (body, _) = body.split_once(END)?;
    base64(body)
}
