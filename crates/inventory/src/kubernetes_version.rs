//! Kubernetes versions.

use std::fmt;

use thiserror::Error;

/// A minor version of Kubernetes: 34 for 1.34.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesVersion {
    /// The number after `1.`.
    pub minor: u32,
}

/// Text that is no Kubernetes version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{0}' is no Kubernetes version; write it as 1.34")]
pub struct VersionError(String);

impl KubernetesVersion {
    /// The newest version whose rules are known.
    pub const NEWEST: KubernetesVersion = KubernetesVersion { minor: 37 };

    /// Reads `1.34`, `v1.34`, `1.34.2`.
    ///
    /// # Errors
    /// Text of another form.
    pub fn parse(text: &str) -> Result<KubernetesVersion, VersionError> {
        let refused = || VersionError(text.to_owned());
        let rest = text.strip_prefix('v').unwrap_or(text);
        let rest = rest.strip_prefix("1.").ok_or_else(refused)?;
        let minor = rest.split(['.', '-', '+']).next().unwrap_or_default();
        let minor = minor.trim_end_matches('+');
        if minor.is_empty() || minor.len() > 3 || !minor.bytes().all(|digit| digit.is_ascii_digit())
        {
            return Err(refused());
        }
        let minor = minor.parse().map_err(|_| refused())?;
        Ok(KubernetesVersion { minor })
    }

    /// This version, or the newest known where it is newer than that.
    #[must_use]
    pub fn known(self) -> KubernetesVersion {
        self.min(KubernetesVersion::NEWEST)
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_tools_print_them() {
        for text in ["1.34", "v1.34", "1.34.2", "v1.34.2-gke.100", "1.34+"] {
            assert_eq!(
                KubernetesVersion::parse(text).map(|version| version.minor),
                Ok(34),
                "{text}"
            );
        }
        for text in ["", "34", "2.1", "1.", "1.x", "1.-1"] {
            assert!(KubernetesVersion::parse(text).is_err(), "{text}");
        }
    }
}
