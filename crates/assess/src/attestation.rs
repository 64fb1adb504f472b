//! What people attest, where no machine can tell.

/// That a requirement is met, as somebody says who can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// The framework.
    pub framework: String,
    /// What is attested.
    pub covers: Covers,
    /// Who answers for it.
    pub owner: String,
    /// How it is known: a policy, a report, a ticket, a training, a contract.
    pub method: String,
    /// The file that shows it.
    pub evidence: String,
    /// Who looked at the evidence.
    pub reviewer: String,
    /// The day until which it counts, `YYYY-MM-DD`.
    pub valid_until: String,
    /// Whether it counts.
    pub state: AttestationState,
}

/// What an attestation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Covers {
    /// A requirement, by its id.
    Requirement(String),
    /// Every requirement that is the duty of whoever runs the control plane.
    ControlPlane,
}

/// Whether an attestation counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttestationState {
    /// It does.
    Valid,
    /// It did until its day.
    Expired,
    /// It does not, and why: its evidence is missing, or is not the file that it was.
    Broken(String),
}

impl Attestation {
    /// What it adds to a score: 1 where it counts, else 0, since an expired one is a requirement that is not met.
    pub(crate) fn worth(&self) -> f64 {
        if self.state == AttestationState::Valid {
            1.0
        } else {
            0.0
        }
    }
}

/// The attestation that counts most of those for a requirement.
pub(crate) fn best<'a>(
    attestations: impl Iterator<Item = &'a Attestation>,
) -> Option<&'a Attestation> {
    attestations.max_by(|left, right| left.worth().total_cmp(&right.worth()))
}
