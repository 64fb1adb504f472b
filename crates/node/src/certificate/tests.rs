use super::der::{Element, Reader, object_identifier, tag, time};
use super::*;

const AUTHORITY: &[u8] = include_bytes!("../../tests/certificates/authority.crt");
const ADMINISTRATOR: &[u8] = include_bytes!("../../tests/certificates/administrator.crt");
const ED25519: &[u8] = include_bytes!("../../tests/certificates/ed25519.crt");

/// Expected values are what `openssl x509 -noout -subject -issuer -dates -fingerprint -sha256` says.
#[test]
fn an_authority() {
    let (certificate, digest) = read(AUTHORITY).unwrap();
    let expected = Certificate {
        subject: "CN=kubernetes".to_owned(),
        issuer: "CN=kubernetes".to_owned(),
        not_before: "2026-11-26T04:44:36Z".to_owned(),
        not_after: "2036-11-23T04:44:36Z".to_owned(),
        is_authority: true,
        self_signed: true,
        public_key: "RSA 2048".to_owned(),
    };
    assert_eq!(certificate, expected);
    assert_eq!(
        digest,
        "d3abeeb53231ba3c00e4f91862f9cecb5037cf961646a4ae12c381d71cf73915"
    );
}

#[test]
fn a_client_of_it() {
    let (certificate, _) = read(ADMINISTRATOR).unwrap();
    let subject = r#"CN=kube\, \"admin\",O=system:masters"#;
    assert_eq!(certificate.subject, subject);
    assert_eq!(certificate.issuer, "CN=kubernetes");
    assert_eq!(certificate.public_key, "EC P-256");
    assert!(!certificate.is_authority && !certificate.self_signed);
}

#[test]
fn another_algorithm_and_letters() {
    let (certificate, _) = read(ED25519).unwrap();
    assert_eq!(certificate.subject, "CN=e,UID=x,O=Bücher,C=DE");
    assert_eq!(certificate.public_key, "Ed25519");
    // After 2049 times have four digits of the year.
    assert!(certificate.not_after.starts_with("2126-"));
}

#[test]
fn in_der_as_in_pem() {
    let der = pem::first_certificate(AUTHORITY).unwrap();
    assert_eq!(read(&der), read(AUTHORITY));
}

/// Cut anywhere or with any byte another, a certificate is read as something or refused.
#[test]
fn a_broken_one_is_refused_or_read() {
    let der = pem::first_certificate(ADMINISTRATOR).unwrap();
    for end in 0..der.len() {
        assert_eq!(read(&der[..end]), None, "cut at {end}");
    }
    for position in 0..der.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut broken = der.clone();
            broken[position] ^= change;
            if let Some((certificate, _)) = read(&broken) {
                assert_eq!(certificate.not_after.len(), "2026-11-26T04:44:36Z".len());
            }
        }
    }
}

#[test]
fn a_key_is_no_certificate() {
    let text =
        b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n";
    assert_eq!(read(text), None);
    assert_eq!(read(b""), None);
    assert_eq!(read(b"-----BEGIN CERTIFICATE-----"), None);
}

#[test]
fn lengths_that_lie() {
    let huge = [tag::SEQUENCE, 0x84, 0xff, 0xff, 0xff, 0xff, 0];
    assert!(Reader::new(&huge).next().is_none());
    let endless = [tag::SEQUENCE, 0x80, 0, 0];
    assert!(Reader::new(&endless).next().is_none());
}

#[test]
fn times() {
    let utc = |text: &'static str| {
        time(Element {
            tag: tag::UTC_TIME,
            content: text.as_bytes(),
        })
    };
    assert_eq!(
        utc("500101000000Z").as_deref(),
        Some("1950-01-01T00:00:00Z")
    );
    assert_eq!(
        utc("491231235959Z").as_deref(),
        Some("2049-12-31T23:59:59Z")
    );
    for wrong in [
        "491331235959Z",
        "4912312359Z",
        "491231235959+0100",
        "é912312359Z",
    ] {
        assert_eq!(utc(wrong), None, "{wrong}");
    }
}

#[test]
fn object_identifiers() {
    let text = |content: &[u8]| object_identifier(content);
    assert_eq!(text(&[0x2a, 0x86, 0x48]).as_deref(), Some("1.2.840"));
    assert_eq!(text(&[0x55, 0x1d, 0x13]).as_deref(), Some("2.5.29.19"));
    assert_eq!(text(&[0x88, 0x37]).as_deref(), Some("2.999"));
    assert_eq!(text(&[0x2a, 0x86]), None);
    assert_eq!(text(&[]), None);
    assert_eq!(text(&[0xff; 12]), None);
}

#[test]
fn base64_with_and_without_padding() {
    assert_eq!(
        plimsoll_document::base64("Zm9v\n YmE=").as_deref(),
        Some(&b"fooba"[..])
    );
    assert_eq!(
        plimsoll_document::base64("Zg==").as_deref(),
        Some(&b"f"[..])
    );
    for wrong in ["Zg=", "Z", "Zm9v=", "Zg==Zg==", "Z!=="] {
        assert_eq!(plimsoll_document::base64(wrong), None, "{wrong}");
    }
}
