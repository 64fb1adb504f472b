//! What a certificate says (RFC 5280). Signatures are not verified: the question is what lies there, not whom to trust.

mod der;
mod pem;

use sha2::{Digest, Sha256};

use crate::facts::Certificate;
use der::{Reader, object_identifier, tag, text, time};

/// The first certificate of a file in PEM or DER, and the SHA-256 of its DER in hexadecimal.
///
/// `None` where there is none, or where it is not well-formed.
pub fn read(bytes: &[u8]) -> Option<(Certificate, String)> {
    let der = pem::first_certificate(bytes)?;
    let certificate = parse(&der)?;
    let mut digest = String::with_capacity(64);
    for byte in Sha256::digest(&der) {
        digest.push_str(&format!("{byte:02x}"));
    }
    Some((certificate, digest))
}

fn parse(der: &[u8]) -> Option<Certificate> {
    let mut certificate = Reader::new(Reader::new(der).expect(tag::SEQUENCE)?);
    let mut signed = Reader::new(certificate.expect(tag::SEQUENCE)?);
    // Version, serial number and algorithm of the signature.
    signed.optional(tag::VERSION);
    signed.expect(tag::INTEGER)?;
    signed.expect(tag::SEQUENCE)?;
    let issuer = signed.expect(tag::SEQUENCE)?;
    let mut validity = Reader::new(signed.expect(tag::SEQUENCE)?);
    let (not_before, not_after) = (time(validity.next()?)?, time(validity.next()?)?);
    let subject = signed.expect(tag::SEQUENCE)?;
    let public_key = public_key(signed.expect(tag::SEQUENCE)?)?;
    let mut is_authority = false;
    while let Some(element) = signed.next() {
        if element.tag == tag::EXTENSIONS {
            is_authority = has_authority(element.content)?;
        }
    }
    Some(Certificate {
        subject: name(subject)?,
        issuer: name(issuer)?,
        not_before,
        not_after,
        is_authority,
        self_signed: subject == issuer,
        public_key,
    })
}

/// Names of attributes, by the last number of 2.5.4 (RFC 4519).
fn attribute_name(identifier: &str) -> Option<&'static str> {
    Some(match identifier {
        "2.5.4.3" => "CN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        _ => return None,
    })
}

/// A name as RFC 4514 writes it: the last part first.
fn name(content: &[u8]) -> Option<String> {
    let mut parts = Vec::new();
    let mut sequence = Reader::new(content);
    while !sequence.is_empty() {
        let mut set = Reader::new(sequence.expect(tag::SET)?);
        let mut attributes = Vec::new();
        while !set.is_empty() {
            let mut attribute = Reader::new(set.expect(tag::SEQUENCE)?);
            let identifier = object_identifier(attribute.expect(tag::OBJECT_IDENTIFIER)?)?;
            let value = text(attribute.next()?)?;
            let name = attribute_name(&identifier).unwrap_or(&identifier);
            attributes.push(format!("{name}={}", escaped(&value)));
        }
        parts.push(attributes.join("+"));
    }
    parts.reverse();
    Some(parts.join(","))
}

fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (position, character) in value.chars().enumerate() {
        let at_end = position == 0 || position == last;
        if character.is_control() {
            // Nothing that a terminal or a log would act on.
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                escaped.push_str(&format!("\\{byte:02x}"));
            }
            continue;
        }
        if "\",+;<>\\".contains(character)
            || at_end && character == ' '
            || position == 0 && character == '#'
        {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Algorithm and size of a key.
fn public_key(content: &[u8]) -> Option<String> {
    let mut key = Reader::new(content);
    let mut algorithm = Reader::new(key.expect(tag::SEQUENCE)?);
    let identifier = object_identifier(algorithm.expect(tag::OBJECT_IDENTIFIER)?)?;
    // A string of bits starts with the count of those that do not count.
    let (_, bits) = key.expect(tag::BIT_STRING)?.split_first()?;
    Some(match identifier.as_str() {
        "1.2.840.113549.1.1.1" => {
            let mut numbers = Reader::new(Reader::new(bits).expect(tag::SEQUENCE)?);
            let modulus = numbers.expect(tag::INTEGER)?;
            let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
            let first = modulus
                .get(zeros)
                .map_or(0, |byte| byte.leading_zeros() as usize);
            format!("RSA {}", (modulus.len() - zeros) * 8 - first)
        }
        "1.2.840.10045.2.1" => {
            let curve = object_identifier(algorithm.expect(tag::OBJECT_IDENTIFIER)?)?;
            match curve.as_str() {
                "1.2.840.10045.3.1.7" => "EC P-256".to_owned(),
                "1.3.132.0.34" => "EC P-384".to_owned(),
                "1.3.132.0.35" => "EC P-521".to_owned(),
                other => format!("EC {other}"),
            }
        }
        "1.3.101.112" => "Ed25519".to_owned(),
        "1.3.101.113" => "Ed448".to_owned(),
        other => other.to_owned(),
    })
}

/// Whether the basic constraints say that the certificate may sign others.
fn has_authority(content: &[u8]) -> Option<bool> {
    let mut extensions = Reader::new(Reader::new(content).expect(tag::SEQUENCE)?);
    while !extensions.is_empty() {
        let mut extension = Reader::new(extensions.expect(tag::SEQUENCE)?);
        let identifier = extension.expect(tag::OBJECT_IDENTIFIER)?;
        extension.optional(tag::BOOLEAN);
        let value = extension.expect(tag::OCTET_STRING)?;
        if object_identifier(identifier)? == "2.5.29.19" {
            let mut constraints = Reader::new(Reader::new(value).expect(tag::SEQUENCE)?);
            let authority = constraints.optional(tag::BOOLEAN);
            return Some(authority.is_some_and(|content| content != [0]));
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests;
