//! `auths delegate` and `auths revoke`.

use auths_core::claim::Actions;
use auths_core::ports::KeyName;
use auths_core::{Did, Namespace};
use clap::Args;

use crate::when::When;

/// A delegation to sign.
#[derive(Debug, Args)]
#[command(
    after_help = "A delegation narrows: it holds while the signer's own right holds, for these packages and actions. It \
    lives 30 days at most.\n\nExamples:\n  auths delegate pypi:six --to did:key:z6Mk... --actions publish --expires +7d\n  \
    auths delegate pypi:six --to did:key:z6Mk... --expires 2026-12-01T00:00:00Z --json | jq .claim > delegation.json"
)]
pub(crate) struct Delegate {
    /// The packages
    #[arg(value_name = "NS", required = true)]
    pub(crate) namespaces: Vec<Namespace>,
    /// The delegate
    #[arg(long, value_name = "DID")]
    pub(crate) to: Did,
    /// What the delegate may do: publish, yank, attest, separated by commas
    #[arg(long, default_value = "publish")]
    pub(crate) actions: Actions,
    /// When it ends: a time, or a duration from now (+7d)
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub(crate) expires: When,
    /// Let the delegate delegate in turn
    #[arg(long)]
    pub(crate) further: bool,
    /// The device key to sign with
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) key: KeyName,
}

/// A revocation to sign.
#[derive(Debug, Args)]
#[command(
    after_help = "A revocation has no expiry and cannot be taken back. It counts when the claim's signer signs it, a \
    delegator above, or the recovery DID that a platform claim of the DID names; where nothing in the home shows that this key may, \
    it is signed with a warning. A file whose signature is wrong is refused. Publish the document where verifiers look, and with it a \
    platform claim that names the recovery DID: a thief leaves that out.\n\n\
    With --since a DID is revoked from that time on, with everything that it signed: decisions as of an earlier time stay what they were. \
    Claims that say they are older end too, for a thief can date them as they like.\n\n\
    Examples:\n  auths revoke claim.json\n  auths revoke - < claim.json\n  auths revoke did:key:z6Mk... --key recovery --json | jq .claim > revocation.json"
)]
pub(crate) struct Revoke {
    /// A signed claim's file, `-` for standard input, a claim id (sha256:...), or a DID with all its claims
    #[arg(value_name = "FILE|DID|-")]
    pub(crate) what: String,
    /// From when on the DID is revoked, where it is not from ever: a time, or a duration from now (-2h)
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub(crate) since: Option<When>,
    /// The device key to sign with
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) key: KeyName,
}
