//! Kinds of evidence and their worth: the table that the decision reads.

use std::fmt;

use serde::Serialize;

use crate::capability::Capability::{
    self, AccountSession, CiWorkflow, Collaborator, DelegateKey, DeviceKey, FormerCollaborator,
    HeldToken, PoisonedRun, RecycledName, RepositoryWriter, StolenToken, Stranger,
};
use crate::capability::CapabilitySet;

/// A kind of evidence. The kinds are generic: every ecosystem has the same ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub enum EvidenceKind {
    /// The signature of a claim.
    #[serde(rename = "claim-signature")]
    ClaimSignature,
    /// A claim that only its signer supports.
    #[serde(rename = "self-reported")]
    SelfReported,
    /// The verifier ran the OAuth device flow itself, or checked the token's app.
    #[serde(rename = "device-flow")]
    DeviceFlow,
    /// Somebody presented a token of the account.
    #[serde(rename = "token-holder")]
    TokenHolder,
    /// A gist of the account's numeric id holds the signed claim.
    #[serde(rename = "gist-proof")]
    GistProof,
    /// A package that only the account can publish names the DID.
    #[serde(rename = "account-statement")]
    AccountStatement,
    /// The registry lists the account as an owner.
    #[serde(rename = "listed-owner")]
    ListedOwner,
    /// The registry lists the account in a lesser role.
    #[serde(rename = "listed-maintainer")]
    ListedMaintainer,
    /// The namespace is the account's own name.
    #[serde(rename = "own-account")]
    OwnAccount,
    /// Releases of the package name the DID.
    #[serde(rename = "package-statement")]
    PackageStatement,
    /// The publisher typed the address of a repository.
    #[serde(rename = "source-repository")]
    SourceRepository,
    /// A build was attested for a repository, by numeric owner id.
    #[serde(rename = "provenance")]
    Provenance,
    /// The Owner's DID delegated.
    #[serde(rename = "delegation")]
    Delegation,
    /// The verified identity of a CI run matches the rule of a trusted publisher.
    #[serde(rename = "ci-run")]
    CiRun,
    /// A DID signed the trusted publisher.
    #[serde(rename = "trusted-publisher")]
    TrustedPublisher,
    /// The registry's own attestations show that the package is published by runs of this kind.
    #[serde(rename = "registry-publisher")]
    RegistryPublisher,
    /// The run is of a repository of the account whose name the namespace is.
    #[serde(rename = "own-repository")]
    OwnRepository,
}

impl EvidenceKind {
    /// Returns the name in documents, such as `package-statement`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClaimSignature => "claim-signature",
            Self::SelfReported => "self-reported",
            Self::DeviceFlow => "device-flow",
            Self::TokenHolder => "token-holder",
            Self::GistProof => "gist-proof",
            Self::AccountStatement => "account-statement",
            Self::ListedOwner => "listed-owner",
            Self::ListedMaintainer => "listed-maintainer",
            Self::OwnAccount => "own-account",
            Self::PackageStatement => "package-statement",
            Self::SourceRepository => "source-repository",
            Self::Provenance => "provenance",
            Self::Delegation => "delegation",
            Self::CiRun => "ci-run",
            Self::TrustedPublisher => "trusted-publisher",
            Self::RegistryPublisher => "registry-publisher",
            Self::OwnRepository => "own-repository",
        }
    }
}

impl fmt::Display for EvidenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The quality of a piece of evidence within its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum EvidenceGrade {
    /// The only grade of kinds that have no other.
    #[serde(rename = "plain")]
    Plain,
    /// Not yet mature.
    #[serde(rename = "young")]
    Young,
    /// Mature. For a statement: somebody other than one sole Owner may have published the releases that make it.
    #[serde(rename = "mature")]
    Mature,
    /// Mature, and one Owner alone can publish now. It was not seen who could publish while the releases that make the statement
    /// were published.
    #[serde(rename = "mature-alone")]
    MatureAlone,
    /// Like [`MatureAlone`](Self::MatureAlone), and no release came from CI.
    #[serde(rename = "mature-alone-by-hand")]
    MatureAloneByHand,
    /// Mature, and one Owner alone could publish during the whole span of the releases that make the statement.
    #[serde(rename = "mature-sole")]
    MatureSole,
    /// Like [`MatureSole`](Self::MatureSole), and no release came from CI.
    #[serde(rename = "mature-sole-by-hand")]
    MatureSoleByHand,
    /// Identified by a stable id or by the platform's only name. Where a token may add owners: also the publisher of the
    /// package's first release, longer ago than the maturity.
    #[serde(rename = "established")]
    Established,
    /// Recently listed: where a token may add owners, and nothing shows that the account has been an owner for long enough.
    #[serde(rename = "fresh")]
    Fresh,
    /// Identified by a name, where an id exists.
    #[serde(rename = "recyclable-name")]
    RecyclableName,
    /// A run that nothing but write access to its repository keeps from publishing, as far as was seen.
    #[serde(rename = "open")]
    Open,
    /// A run in an environment whose required reviewers were seen at this decision, by id, with self-review prevented and no bypass
    /// by administrators.
    #[serde(rename = "guarded")]
    Guarded,
}

/// One row of the table of worths.
#[derive(Debug, Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct WorthRow {
    /// The kind.
    pub kind: EvidenceKind,
    /// The grade.
    pub grade: EvidenceGrade,
    /// The link that it makes.
    pub link: &'static str,
    /// The facts that must be seen.
    pub seen: &'static str,
    /// The weakest capabilities that can forge it.
    pub falls_to: &'static [Capability],
}

const fn row(
    kind: EvidenceKind,
    grade: EvidenceGrade,
    link: &'static str,
    seen: &'static str,
    falls_to: &'static [Capability],
) -> WorthRow {
    WorthRow {
        kind,
        grade,
        link,
        seen,
        falls_to,
    }
}

/// The weakest capabilities that each kind and grade of evidence falls to. The table is core's; no adapter can change it.
pub const WORTH: &[WorthRow] = &[
    row(
        EvidenceKind::ClaimSignature,
        EvidenceGrade::Plain,
        "key - DID",
        "the signature of the claim; in every chain; unless this same decision holds a device-flow for its challenge",
        &[DeviceKey],
    ),
    row(
        EvidenceKind::SelfReported,
        EvidenceGrade::Plain,
        "DID - account",
        "a signed claim, and nothing from the account",
        &[Stranger],
    ),
    row(
        EvidenceKind::DeviceFlow,
        EvidenceGrade::Plain,
        "DID - account",
        "the verifier ran the flow itself, or the token's app was checked",
        &[AccountSession],
    ),
    row(
        EvidenceKind::TokenHolder,
        EvidenceGrade::Plain,
        "DID - account",
        "somebody presented a token of the account",
        &[StolenToken],
    ),
    row(
        EvidenceKind::GistProof,
        EvidenceGrade::Young,
        "DID - account",
        "a gist of that numeric owner id holds the signed claim, in a file called auths-claim.json",
        &[StolenToken],
    ),
    row(
        EvidenceKind::GistProof,
        EvidenceGrade::Mature,
        "DID - account",
        "such a gist, unchanged for the maturity",
        &[HeldToken],
    ),
    row(
        EvidenceKind::AccountStatement,
        EvidenceGrade::Young,
        "DID - account",
        "every release of a package that was made for the account, and that only it can publish, says that the DID speaks for it",
        &[
            StolenToken,
            Collaborator,
            RepositoryWriter,
            FormerCollaborator,
        ],
    ),
    row(
        EvidenceKind::AccountStatement,
        EvidenceGrade::MatureAlone,
        "DID - account",
        "such a package, mature: a release said so again the maturity later (a new package's first release is not enough)",
        &[HeldToken, RepositoryWriter, FormerCollaborator],
    ),
    row(
        EvidenceKind::AccountStatement,
        EvidenceGrade::MatureAloneByHand,
        "DID - account",
        "such a package, mature, and it was seen that no release came from CI",
        &[HeldToken, FormerCollaborator],
    ),
    row(
        EvidenceKind::AccountStatement,
        EvidenceGrade::MatureSole,
        "DID - account",
        "such a package, mature, and it was seen that the account alone could publish for as long as the releases",
        &[HeldToken, RepositoryWriter],
    ),
    row(
        EvidenceKind::AccountStatement,
        EvidenceGrade::MatureSoleByHand,
        "DID - account",
        "such a package, mature, and it was seen that no release came from CI, and that the account alone could publish for as long as the releases",
        &[HeldToken],
    ),
    row(
        EvidenceKind::ListedOwner,
        EvidenceGrade::Established,
        "account - namespace",
        "the registry lists the account as owner, by stable id or by the platform's only name; where a token may add owners, it \
         also published the package's first release, longer ago than the maturity",
        &[AccountSession],
    ),
    row(
        EvidenceKind::ListedOwner,
        EvidenceGrade::Mature,
        "account - namespace",
        "an owner where a token may add owners, known for the maturity: it published a later release that long ago, or \
         this verifier has found it listed for that long",
        &[HeldToken],
    ),
    row(
        EvidenceKind::ListedOwner,
        EvidenceGrade::Fresh,
        "account - namespace",
        "an owner where a token may add owners, of whom nothing is older than the maturity",
        &[StolenToken],
    ),
    row(
        EvidenceKind::ListedOwner,
        EvidenceGrade::RecyclableName,
        "account - namespace",
        "an owner, told by a name where an id exists",
        &[RecycledName, AccountSession],
    ),
    row(
        EvidenceKind::ListedMaintainer,
        EvidenceGrade::Plain,
        "account - namespace",
        "the registry lists the account in a lesser role",
        &[Collaborator, AccountSession],
    ),
    row(
        EvidenceKind::OwnAccount,
        EvidenceGrade::Plain,
        "account - namespace",
        "the namespace is the account's own name, the current id equal",
        &[AccountSession],
    ),
    row(
        EvidenceKind::PackageStatement,
        EvidenceGrade::Young,
        "DID - namespace",
        "releases name the DID and the package",
        &[
            StolenToken,
            Collaborator,
            RepositoryWriter,
            FormerCollaborator,
        ],
    ),
    row(
        EvidenceKind::PackageStatement,
        EvidenceGrade::Mature,
        "DID - namespace",
        "mature releases name the DID and the package; the roles show more than one Owner alone or an organization, or somebody else published a release of it",
        &[
            HeldToken,
            RepositoryWriter,
            Collaborator,
            FormerCollaborator,
        ],
    ),
    row(
        EvidenceKind::PackageStatement,
        EvidenceGrade::MatureAlone,
        "DID - namespace",
        "mature releases name the DID and the package, and the roles show one Owner alone and no organization now",
        &[HeldToken, RepositoryWriter, FormerCollaborator],
    ),
    row(
        EvidenceKind::PackageStatement,
        EvidenceGrade::MatureSole,
        "DID - namespace",
        "mature releases name the DID and the package, and one Owner alone and no organization was seen for as long as the releases",
        &[HeldToken, RepositoryWriter],
    ),
    row(
        EvidenceKind::SourceRepository,
        EvidenceGrade::Plain,
        "namespace - account",
        "the publisher typed the repository's address",
        &[
            StolenToken,
            RecycledName,
            RepositoryWriter,
            Collaborator,
            FormerCollaborator,
        ],
    ),
    row(
        EvidenceKind::Provenance,
        EvidenceGrade::Plain,
        "namespace - account",
        "attested builds in a repository of that numeric owner id, in every release of the span, the newest too",
        &[AccountSession, CiWorkflow, FormerCollaborator],
    ),
    row(
        EvidenceKind::Provenance,
        EvidenceGrade::Young,
        "namespace - account",
        "such builds where a token may publish attestations (npm), while young",
        &[
            AccountSession,
            CiWorkflow,
            FormerCollaborator,
            StolenToken,
            Collaborator,
        ],
    ),
    row(
        EvidenceKind::Provenance,
        EvidenceGrade::Mature,
        "namespace - account",
        "such builds where a token may publish attestations (npm), mature",
        &[
            AccountSession,
            CiWorkflow,
            FormerCollaborator,
            HeldToken,
            Collaborator,
        ],
    ),
    row(
        EvidenceKind::Delegation,
        EvidenceGrade::Plain,
        "Owner's DID - delegate's DID",
        "a signed delegation",
        &[DelegateKey],
    ),
    row(
        EvidenceKind::CiRun,
        EvidenceGrade::Open,
        "run - trusted publisher",
        "the verified identity of the run matches the rule",
        &[RepositoryWriter, PoisonedRun, AccountSession],
    ),
    row(
        EvidenceKind::CiRun,
        EvidenceGrade::Guarded,
        "run - trusted publisher",
        "such a run, and the rule names an environment whose required reviewers were seen at this decision, by id, with          self-review prevented and no bypass by administrators",
        &[PoisonedRun, AccountSession],
    ),
    row(
        EvidenceKind::TrustedPublisher,
        EvidenceGrade::Plain,
        "trusted publisher - Owner's DID",
        "a trusted publisher signed by that DID",
        &[DeviceKey],
    ),
    row(
        EvidenceKind::RegistryPublisher,
        EvidenceGrade::Young,
        "run - namespace",
        "attestations of the same repository, owner, workflows, trigger and environment for every file of every release from some          moment on, not yet mature",
        &[
            AccountSession,
            RepositoryWriter,
            PoisonedRun,
            FormerCollaborator,
            StolenToken,
            Collaborator,
        ],
    ),
    row(
        EvidenceKind::RegistryPublisher,
        EvidenceGrade::Plain,
        "run - namespace",
        "such attestations, mature, where only the repository's own runs can publish them (PyPI)",
        &[
            AccountSession,
            RepositoryWriter,
            PoisonedRun,
            FormerCollaborator,
        ],
    ),
    row(
        EvidenceKind::RegistryPublisher,
        EvidenceGrade::Mature,
        "run - namespace",
        "such attestations, mature, where a token may publish them (npm)",
        &[
            AccountSession,
            RepositoryWriter,
            PoisonedRun,
            FormerCollaborator,
            HeldToken,
            Collaborator,
        ],
    ),
    row(
        EvidenceKind::OwnRepository,
        EvidenceGrade::Plain,
        "run - namespace",
        "the owner of the run's repository is the account, by id, whichever of its repositories it is; a default trigger, both          workflows in that repository",
        &[Collaborator, RepositoryWriter, PoisonedRun, AccountSession],
    ),
];

/// Returns the capabilities that a kind and grade of evidence falls to. A pair that is not in the table falls to a stranger.
#[must_use]
pub fn worth(kind: EvidenceKind, grade: EvidenceGrade) -> CapabilitySet {
    match WORTH
        .iter()
        .find(|row| row.kind == kind && row.grade == grade)
    {
        Some(row) => row.falls_to.iter().copied().collect(),
        None => CapabilitySet::at_least(Stranger),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_stands_twice_and_none_falls_to_nothing() {
        for (i, row) in WORTH.iter().enumerate() {
            assert!(!row.falls_to.is_empty());
            let twice = WORTH[i + 1..]
                .iter()
                .any(|r| r.kind == row.kind && r.grade == row.grade);
            assert!(!twice, "{:?} {:?}", row.kind, row.grade);
        }
    }

    #[test]
    fn a_better_grade_is_never_worth_less() {
        for (kind, worse, better) in [
            (
                EvidenceKind::GistProof,
                EvidenceGrade::Young,
                EvidenceGrade::Mature,
            ),
            (
                EvidenceKind::AccountStatement,
                EvidenceGrade::Young,
                EvidenceGrade::MatureAlone,
            ),
            (
                EvidenceKind::AccountStatement,
                EvidenceGrade::MatureAlone,
                EvidenceGrade::MatureAloneByHand,
            ),
            (
                EvidenceKind::AccountStatement,
                EvidenceGrade::MatureAlone,
                EvidenceGrade::MatureSole,
            ),
            (
                EvidenceKind::AccountStatement,
                EvidenceGrade::MatureAloneByHand,
                EvidenceGrade::MatureSoleByHand,
            ),
            (
                EvidenceKind::AccountStatement,
                EvidenceGrade::MatureSole,
                EvidenceGrade::MatureSoleByHand,
            ),
            (
                EvidenceKind::PackageStatement,
                EvidenceGrade::Young,
                EvidenceGrade::Mature,
            ),
            (
                EvidenceKind::PackageStatement,
                EvidenceGrade::Mature,
                EvidenceGrade::MatureAlone,
            ),
            (
                EvidenceKind::PackageStatement,
                EvidenceGrade::MatureAlone,
                EvidenceGrade::MatureSole,
            ),
            (
                EvidenceKind::ListedOwner,
                EvidenceGrade::Fresh,
                EvidenceGrade::Mature,
            ),
            (
                EvidenceKind::ListedOwner,
                EvidenceGrade::Mature,
                EvidenceGrade::Established,
            ),
            (
                EvidenceKind::ListedOwner,
                EvidenceGrade::RecyclableName,
                EvidenceGrade::Established,
            ),
            (
                EvidenceKind::Provenance,
                EvidenceGrade::Young,
                EvidenceGrade::Mature,
            ),
            (
                EvidenceKind::Provenance,
                EvidenceGrade::Mature,
                EvidenceGrade::Plain,
            ),
            (
                EvidenceKind::CiRun,
                EvidenceGrade::Open,
                EvidenceGrade::Guarded,
            ),
            (
                EvidenceKind::RegistryPublisher,
                EvidenceGrade::Young,
                EvidenceGrade::Mature,
            ),
            (
                EvidenceKind::RegistryPublisher,
                EvidenceGrade::Mature,
                EvidenceGrade::Plain,
            ),
        ] {
            assert!(
                worth(kind, worse).is_superset(worth(kind, better)),
                "{kind}"
            );
        }
    }

    /// The trust model, row by row: a change here is a change of `docs/security/trust-model.md`. Wherever a collaborator can do
    /// it, one whose role has ended since could do it while he had the role, so both are named.
    #[test]
    fn the_table_is_the_designs() {
        let rows: Vec<String> = WORTH
            .iter()
            .map(|row| {
                let grade = serde_json::to_string(&row.grade).unwrap();
                let set = worth(row.kind, row.grade);
                format!("{} {}: {set}", row.kind, grade.trim_matches('"'))
            })
            .collect();
        assert_eq!(
            rows,
            [
                "claim-signature plain: device-key",
                "self-reported plain: stranger",
                "device-flow plain: account-session",
                "token-holder plain: stolen-token",
                "gist-proof young: stolen-token",
                "gist-proof mature: held-token",
                "account-statement young: collaborator, former-collaborator, stolen-token, repository-writer",
                "account-statement mature-alone: former-collaborator, held-token, repository-writer",
                "account-statement mature-alone-by-hand: former-collaborator, held-token",
                "account-statement mature-sole: held-token, repository-writer",
                "account-statement mature-sole-by-hand: held-token",
                "listed-owner established: account-session",
                "listed-owner mature: held-token",
                "listed-owner fresh: stolen-token",
                "listed-owner recyclable-name: recycled-name, account-session",
                "listed-maintainer plain: collaborator, account-session",
                "own-account plain: account-session",
                "package-statement young: collaborator, former-collaborator, stolen-token, repository-writer",
                "package-statement mature: collaborator, former-collaborator, held-token, repository-writer",
                "package-statement mature-alone: former-collaborator, held-token, repository-writer",
                "package-statement mature-sole: held-token, repository-writer",
                "source-repository plain: recycled-name, collaborator, former-collaborator, stolen-token, repository-writer",
                "provenance plain: former-collaborator, ci-workflow, account-session",
                "provenance young: collaborator, former-collaborator, stolen-token",
                "provenance mature: collaborator, former-collaborator, held-token, ci-workflow",
                "delegation plain: delegate-key",
                "ci-run open: repository-writer, poisoned-run, account-session",
                "ci-run guarded: poisoned-run, account-session",
                "trusted-publisher plain: device-key",
                "registry-publisher young: collaborator, former-collaborator, stolen-token, repository-writer",
                "registry-publisher plain: former-collaborator, repository-writer, poisoned-run, account-session",
                "registry-publisher mature: collaborator, former-collaborator, held-token, repository-writer, poisoned-run",
                "own-repository plain: collaborator, repository-writer, poisoned-run, account-session",
            ]
        );
    }

    #[test]
    fn what_is_not_in_the_table_is_worth_nothing() {
        assert!(worth(EvidenceKind::DeviceFlow, EvidenceGrade::Mature).contains(Stranger));
    }
}
