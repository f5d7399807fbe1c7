//! Evidence as answers show it.

use std::collections::BTreeMap;

use auths_core::claim::KeyRing;
use auths_core::decide::{LinkReport, Standing, grade_account, statement};
use auths_core::evidence::{
    AccountProof, EvidenceKind, Grade, LinkedAccount, ListedAccount, Listing, ListingBasis,
    NamespaceEvidence, Role, worth,
};
use auths_core::{CapabilitySet, Policy, Timestamp};
use serde::Serialize;

use crate::page::Page;

/// One item of evidence.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Item {
    kind: EvidenceKind,
    says: String,
    source: Option<String>,
    observed_at: Timestamp,
    stable_ids: BTreeMap<String, String>,
    falls_to: CapabilitySet,
}

/// That the registry lists an account: what that alone is worth, by core's table.
pub(crate) fn listed(
    seen: &NamespaceEvidence,
    listing: Option<&Listing>,
    listed: &ListedAccount,
) -> Item {
    let (kind, grade) = match listed.role {
        Role::Owner => {
            let grade = match listed.basis {
                ListingBasis::RecyclableName => Grade::RecyclableName,
                _ if listing.is_none_or(|l| l.tokens_may_add_owners) => Grade::Fresh,
                _ => Grade::Established,
            };
            (EvidenceKind::ListedOwner, grade)
        }
        Role::OwnAccount => (EvidenceKind::OwnAccount, Grade::Plain),
        _ => (EvidenceKind::ListedMaintainer, Grade::Plain),
    };
    let account = &listed.account;
    let id = match account.id() {
        Some(id) => ("account".to_owned(), id.to_string()),
        None => ("login".to_owned(), account.login().to_string()),
    };
    Item {
        kind,
        says: format!(
            "{} lists {account} as {}",
            seen.namespace.short(),
            listed.label
        ),
        source: seen.sources.first().cloned(),
        observed_at: seen.observed_at,
        stable_ids: BTreeMap::from([id, ("role".to_owned(), listed.label.clone())]),
        falls_to: worth(kind, grade),
    }
}

impl Item {
    /// What it falls to.
    pub(crate) fn falls_to(&self) -> CapabilitySet {
        self.falls_to
    }

    /// What it shows.
    pub(crate) fn says(&self) -> &str {
        &self.says
    }
}

/// What supports a linked account, and what the best of it falls to together with the claim's signature.
pub(crate) struct Support {
    pub(crate) links: Vec<LinkReport>,
    pub(crate) falls_to: Option<CapabilitySet>,
}

/// Grades a linked account.
pub(crate) fn support(linked: &LinkedAccount, policy: &Policy, now: Timestamp) -> Support {
    let links = grade_account(linked, policy, &KeyRing::intrinsic(), now);
    let signature = worth(EvidenceKind::ClaimSignature, Grade::Plain);
    let falls_to = links
        .iter()
        .filter(|link| link.standing == Standing::Holds)
        .map(|link| link.falls_to.union(signature))
        .min_by_key(|set| set.len());
    Support { links, falls_to }
}

impl Support {
    /// The account statement among the links.
    pub(crate) fn statement(&self) -> Option<&LinkReport> {
        let kind = EvidenceKind::AccountStatement;
        self.links.iter().find(|link| link.kind == kind)
    }
}

/// When a young account statement will be worth more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ripening {
    pub(crate) at: Timestamp,
    /// Whether another release must say so too; otherwise waiting is enough.
    needs_release: bool,
}

impl Ripening {
    /// The same in words.
    pub(crate) fn says(self) -> String {
        let Self { at, needs_release } = self;
        match needs_release {
            true => format!("it needs another release that names the DID, at {at} or later"),
            false => format!("it is mature at {at}"),
        }
    }
}

/// When the account statement will be worth more, if it holds and core graded it young.
pub(crate) fn ripening(
    linked: &LinkedAccount,
    support: &Support,
    policy: &Policy,
) -> Option<Ripening> {
    let young = worth(EvidenceKind::AccountStatement, Grade::Young);
    let link = support.statement()?;
    if link.standing != Standing::Holds || link.falls_to != young {
        return None;
    }
    linked.evidence.iter().find_map(|sighting| {
        let evidence = sighting.evidence();
        let AccountProof::AccountStatement(package) = &evidence.proof else {
            return None;
        };
        let (timeline, read_at) = (package.timeline.get().ok()?, package.observed_at);
        let found = statement(timeline, &evidence.did, policy.maturity(), read_at).ok()?;
        Some(Ripening {
            at: found.matures_at.max(read_at),
            needs_release: found.needs_release || !found.repeated,
        })
    })
}

/// Links as text.
pub(crate) fn show(page: &mut Page, links: &[LinkReport]) {
    for link in links {
        page.line(format!("  - {}: {}", link.kind, link.says));
        match &link.standing {
            Standing::Holds => page.line(format!("    falls to {}", link.falls_to)),
            Standing::Refuted(refuted) => page.line(format!("    refuted: {refuted}")),
            Standing::Undetermined(why) => page.line(format!("    undetermined: {why}")),
            _ => page.line("    unknown"),
        };
        if let Some(source) = &link.source {
            page.line(format!("    read at {source}"));
        }
    }
}
