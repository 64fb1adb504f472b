//! What stands for the values of Secrets.

use plimsoll_inventory::HIDDEN_VALUE;
use sha2::{Digest, Sha256};

use crate::error::ClusterError;

/// Bytes of a digest that are kept: too many to meet by chance, and a multiple of three, so that base64 needs no filling.
const DIGEST_BYTES: usize = 18;

/// Turns values into digests: equal values into equal ones, but only of this reading. The salt is random and is kept
/// nowhere, so that no list of passwords can be tried.
pub(crate) struct Hider {
    salt: [u8; 32],
}

impl Hider {
    pub(crate) fn new() -> Result<Hider, ClusterError> {
        let mut salt = [0; 32];
        getrandom::getrandom(&mut salt).map_err(|error| {
            let text = format!("the system gives no random bytes to hide Secrets with: {error}");
            ClusterError::Unreachable(text)
        })?;
        Ok(Hider { salt })
    }

    /// What stands for a value of `data`, which is base64.
    pub(crate) fn hide_base64(&self, value: &str) -> String {
        match decode(value) {
            Some(bytes) => self.hide(&bytes),
            None => self.hide(value.as_bytes()),
        }
    }

    /// What stands for a value. Nothing stands for nothing: that a value is empty is no secret.
    pub(crate) fn hide(&self, value: &[u8]) -> String {
        if value.is_empty() {
            return String::new();
        }
        let mut hasher = Sha256::new();
        hasher.update(self.salt);
        hasher.update(value);
        let digest = hasher.finalize();
        format!("{HIDDEN_VALUE}{}", encode(&digest[..DIGEST_BYTES]))
    }
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 of bytes whose count is a multiple of three.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk
            .iter()
            .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        for shift in [18, 12, 6, 0] {
            text.push(char::from(LETTERS[(number >> shift & 63) as usize]));
        }
    }
    text
}

/// The bytes that base64 stands for; `None` for text that is none.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut number, mut bits) = (0_u32, 0);
    for letter in text.bytes() {
        let digit = LETTERS.iter().position(|known| *known == letter)?;
        number = number << 6 | digit as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((number >> bits) as u8);
            number &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_equal_digests_within_one_reading() {
        let hider = Hider::new().unwrap();
        let hidden = hider.hide(b"hunter2");
        assert_eq!(hidden, hider.hide_base64("aHVudGVyMg=="));
        assert_ne!(hidden, hider.hide(b"hunter3"));
        assert_ne!(hidden, Hider::new().unwrap().hide(b"hunter2"));
        assert_eq!(hider.hide_base64(""), "");
        assert!(hidden.starts_with(HIDDEN_VALUE));
        let plain = decode(&hidden).unwrap();
        assert!(plain.starts_with(b"(hidden):"), "{plain:?}");
        assert_eq!(decode("a b"), None);
    }
}
