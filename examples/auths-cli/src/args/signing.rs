//! `auths delegate` and `auths revoke`.

use auths_core::claim::Actions;
use auths_core::ports::KeyName;
use auths_core::{Did, Namespace};
use clap::Args;

use crate::when::When;

/// A delegation to sign.
#[derive(Debug, Args)]
#[command(
    after_help = "A delegation is valid only while the signer's own right is valid, and only for these packages and actions. It \
    is valid for 30 days at most.\n\nExamples:\n  auths delegate pypi:six --to did:key:z6Mk... --actions publish --expires +7d\n  \
    auths delegate pypi:six --to did:key:z6Mk... --expires 2026-12-01T00:00:00Z --json | jq .claim > delegation.json"
)]
pub(crate) struct Delegate {
    /// The packages
    #[arg(value_name = "NS", required = true)]
    pub(crate) namespaces: Vec<Namespace>,
    /// The DID of the delegate
    #[arg(long, value_name = "DID")]
    pub(crate) to: Did,
    /// The actions of the delegate: publish, yank, attest, separated by commas
    #[arg(long, default_value = "publish")]
    pub(crate) actions: Actions,
    /// The end of the delegation: a time, or a duration from now (+7d)
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub(crate) expires: When,
    /// Allow the delegate to delegate further
    #[arg(long)]
    pub(crate) further: bool,
    /// The device key to sign with
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) key: KeyName,
}

/// A revocation to sign.
#[derive(Debug, Args)]
#[command(
    after_help = "A revocation has no expiry and cannot be taken back. It counts when it is signed by the claim's signer, by a \
    delegator above, or by the recovery DID that a platform claim of the DID names. If nothing in the home shows that this key may revoke, \
    the command prints a warning and signs. It refuses a file whose signature is wrong. Publish the document where verifiers read \
    revocations, together with a platform claim that names the recovery DID, because a thief leaves that claim out.\n\n\
    With --since a DID is revoked from that time on, with everything that it signed. Decisions as of an earlier time stay as they were. \
    Claims with an earlier date end too, because a thief can write any date.\n\n\
    Examples:\n  auths revoke claim.json\n  auths revoke - < claim.json\n  auths revoke did:key:z6Mk... --key recovery --json | jq .claim > revocation.json"
)]
pub(crate) struct Revoke {
    /// The file of a signed claim, `-` for standard input, a claim id (sha256:...), or a DID with all its claims
    #[arg(value_name = "FILE|DID|-")]
    pub(crate) what: String,
    /// Revoke the DID only from this time on, instead of always: a time, or a duration from now (-2h)
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub(crate) since: Option<When>,
    /// The device key to sign with
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) key: KeyName,
}
