//! The remedy: the first change that would make an answer a yes.

use super::input::DecisionInput;
use super::removal::remove_from_statements;
use super::speaker::{RunProof, SpeakerProof};
use crate::capability::CapabilitySet;
use crate::evidence::{
    EvidenceGrade, EvidenceKind, LinkedAccount, ListingBasis, ListingCompleteness,
    NamespaceEvidence, OwnerRole, Reading, worth,
};
use crate::identity::{Account, Did, Namespace};
use crate::policy::Policy;
use crate::reason::{Reason, Refuted, RefutedReason, UnavailableReason};
use crate::time::in_words;

/// One way to a yes. The ways are tried in order.
struct RemedyWay {
    /// The kinds of evidence in its chain, in addition to the claim's signature.
    links: &'static [(EvidenceKind, EvidenceGrade)],
    /// Says what to do, where the way applies.
    says: fn(&RemedySituation<'_>) -> Option<String>,
}

impl RemedyWay {
    /// Returns what its chain falls to.
    fn falls_to(&self) -> CapabilitySet {
        let signature = worth(EvidenceKind::ClaimSignature, EvidenceGrade::Plain);
        self.links.iter().fold(signature, |set, (kind, grade)| {
            set.union(worth(*kind, *grade))
        })
    }
}

/// What the answer is about: the ways ask it whether they apply.
struct RemedySituation<'a> {
    input: &'a DecisionInput,
    /// The DID that asks.
    did: &'a Did,
    evidence: &'a NamespaceEvidence,
    policy: &'a Policy,
}

const WAYS: &[RemedyWay] = &[
    RemedyWay {
        links: &[
            (EvidenceKind::AccountStatement, EvidenceGrade::MatureAlone),
            (EvidenceKind::ListedOwner, EvidenceGrade::Established),
        ],
        says: |situation| situation.link_by_statement(),
    },
    RemedyWay {
        links: &[
            (EvidenceKind::GistProof, EvidenceGrade::Mature),
            (EvidenceKind::ListedOwner, EvidenceGrade::Established),
        ],
        says: |situation| situation.link_by_gist(),
    },
    RemedyWay {
        links: &[(EvidenceKind::PackageStatement, EvidenceGrade::MatureAlone)],
        says: |situation| situation.publish_alone(),
    },
    RemedyWay {
        links: &[(EvidenceKind::PackageStatement, EvidenceGrade::Mature)],
        says: |situation| situation.publish(),
    },
];

impl RemedySituation<'_> {
    /// Returns an owner on a platform without ids whose packages can name a DID: one that this DID claims, else the first listed.
    /// Where the owners were not read, one that this DID claims.
    fn owner_without_id(&self) -> Option<&Account> {
        if self.evidence.timeline == Reading::NotOffered {
            return None;
        }
        let ecosystem = self.evidence.namespace.ecosystem();
        let mut own_accounts = self
            .input
            .accounts
            .iter()
            .filter(|linked| linked.claim.did() == self.did)
            .map(LinkedAccount::account)
            .filter(|account| ecosystem.has_own_accounts_on(account.platform()));
        let listing = match &self.evidence.listing {
            Reading::NotOffered => return None,
            Reading::Read(listing) if !listing.accounts.is_empty() => listing,
            _ => return own_accounts.next(),
        };
        let mut owners = listing
            .accounts
            .iter()
            .filter(|l| l.role == OwnerRole::Owner && l.effective_basis() == ListingBasis::OnlyName)
            .map(|l| &l.account)
            .filter(|account| ecosystem.has_own_accounts_on(account.platform()));
        own_accounts
            .find_map(|own| owners.clone().find(|owner| own.same_as(owner)))
            .or_else(|| owners.next())
    }

    /// Returns why the owners are not known. Then no account leads to a yes yet, however well it is linked.
    fn owners_unread(&self) -> Option<UnavailableReason> {
        match self.evidence.listing.get() {
            Err(why) => Some(why.reason),
            Ok(listing) if !listing.accounts.is_empty() => None,
            Ok(listing) => Some(match &listing.owners {
                ListingCompleteness::Organization(_) => UnavailableReason::OwnersHidden,
                ListingCompleteness::Unread(why) => why.reason,
                ListingCompleteness::Listed => UnavailableReason::Empty,
            }),
        }
    }

    /// Returns the teams that the registry lists, where it does not list the account itself.
    fn teams_of(&self, refuted: RefutedReason) -> Option<String> {
        let listing = self.evidence.listing.get().ok()?;
        let in_the_way = matches!(refuted, RefutedReason::NotListed | RefutedReason::TeamsOnly);
        (in_the_way && !listing.teams.is_empty()).then(|| listing.teams.join(", "))
    }

    /// Says how to link the owner by a package that speaks for it.
    fn link_by_statement(&self) -> Option<String> {
        let owner = self.owner_without_id()?;
        if let Some(remove) = remove_from_statements(self.input, Some(owner)) {
            return Some(remove);
        }
        let (platform, login) = (owner.platform(), owner.login());
        // In a scope named like the login, the registry lists everybody who may publish.
        let package = match platform.facts().has_own_scopes {
            true => {
                format!("in the scope @{login} that lists nobody else, such as @{login}/auths,")
            }
            false => format!("that {login} alone owns, such as {login}-auths,"),
        };
        let unread = self.owners_unread().map_or_else(String::new, |why| {
            let name = self.evidence.namespace.short();
            format!(
                "; who owns {name} was not read here ({}): {}",
                why.name(),
                why.remedy()
            )
        });
        Some(format!(
            "show that the key belongs to {platform}:{login}: make a package {package} every release of which, from the first \
             on and none from CI, says that {} speaks for {platform}:{login}, publish it again when that has stood for {}, and \
             link it with `auths id claim {platform} {login} --statement PACKAGE`, which shows what to write{unread}",
            self.did,
            in_words(self.policy.maturity()),
        ))
    }

    /// Says how to link the owner by a gist, where owners have them.
    fn link_by_gist(&self) -> Option<String> {
        let ecosystem = self.evidence.namespace.ecosystem();
        let platform = ecosystem.facts().accounts.as_ref()?.facts();
        platform.has_gists.then(|| {
            format!(
                "link the {} account that owns {}: `auths id claim {}`, and let the gist stand for {}",
                platform.title,
                self.evidence.namespace.short(),
                platform.name,
                in_words(self.policy.maturity()),
            )
        })
    }

    /// Says what to publish, where one Owner alone can.
    fn publish_alone(&self) -> Option<String> {
        let listing = self.evidence.listing.get().ok()?;
        listing.sole_owner()?;
        self.publish()
    }

    /// Says what to publish, where releases can name a DID.
    fn publish(&self) -> Option<String> {
        self.evidence.timeline.get().ok()?;
        Some(format!(
            "publish a release of {} that names {}, and another one after {}, with none in between that does not",
            self.evidence.namespace.short(),
            self.did,
            in_words(self.policy.maturity()),
        ))
    }
}

/// Returns a namespace as it is typed into a shell: in full, and quoted, when it is on a configured server.
fn argument(namespace: &Namespace) -> String {
    match namespace.repository() {
        None => namespace.short(),
        Some(_) => format!("'{namespace}'"),
    }
}

/// Returns the first remedy for a CI run: a rule of somebody whose key may speak for the namespace, where this policy accepts what
/// any run falls to.
fn remedy_for_run(
    run: &RunProof,
    evidence: &NamespaceEvidence,
    policy: &Policy,
    refuted: &Refuted,
) -> String {
    let is_open_ended = matches!(
        refuted.reason,
        RefutedReason::Resisted
            | RefutedReason::NoChain
            | RefutedReason::NoRuleMatches
            | RefutedReason::DelegationTooNarrow
    );
    if !is_open_ended {
        return refuted.reason.remedy().to_owned();
    }
    let at_best = worth(EvidenceKind::CiRun, EvidenceGrade::Guarded)
        .union(worth(EvidenceKind::TrustedPublisher, EvidenceGrade::Plain));
    if let Some(resisted) = policy.weakest_resisted(at_best) {
        return format!(
            "no CI run meets the policy {:?}, which resists {resisted}: let a key claim the namespace, or take a policy that \
             resists less",
            policy.name(),
        );
    }
    let repository = &run.identity().repository().name;
    let open = worth(EvidenceKind::CiRun, EvidenceGrade::Open);
    let environment = match policy.accepts(open) {
        true => "",
        false => {
            " and an environment whose reviewers must approve, with self-review prevented and no bypass by administrators"
        }
    };
    format!(
        "if runs of it are to publish, let somebody whose key may speak for {} sign a rule that names {repository} and this workflow{environment}: `auths \
         publisher new {} --repository {repository} --workflow FILE`",
        evidence.namespace.short(),
        argument(&evidence.namespace),
    )
}

/// Returns the first remedy whose result this policy would accept.
pub(super) fn remedy(
    input: &DecisionInput,
    evidence: &NamespaceEvidence,
    policy: &Policy,
    refuted: &Refuted,
) -> String {
    let open_ended = matches!(
        refuted.reason,
        RefutedReason::Resisted
            | RefutedReason::NoChain
            | RefutedReason::StatementAbsent
            | RefutedReason::StatementsNotOffered
            | RefutedReason::NotLinked
    );
    let did = match &input.speaker {
        SpeakerProof::Key(key) => key.claim.did(),
        SpeakerProof::Run(run) => return remedy_for_run(run, evidence, policy, refuted),
    };
    let situation = RemedySituation {
        input,
        did,
        evidence,
        policy,
    };
    if let Some(teams) = situation.teams_of(refuted.reason) {
        return format!(
            "let an owner of {} delegate to this key: `auths delegate {} --to {} --actions publish --expires WHEN`; members of \
             {teams} may publish it, and own nothing",
            evidence.namespace.short(),
            argument(&evidence.namespace),
            did,
        );
    }
    if !open_ended {
        let remove = match refuted.reason {
            RefutedReason::NotSoleOwner => remove_from_statements(input, None),
            _ => None,
        };
        return remove.unwrap_or_else(|| refuted.reason.remedy().to_owned());
    }
    let first = WAYS
        .iter()
        .filter(|way| policy.accepts(way.falls_to()))
        .find_map(|way| (way.says)(&situation));
    match (first, situation.owners_unread()) {
        (Some(remedy), _) => remedy,
        (None, Some(unread)) => format!(
            "who owns {} was not read here ({}): {}; then link an account that is among them",
            evidence.namespace.short(),
            unread.name(),
            unread.remedy(),
        ),
        (None, None) => format!(
            "nothing that {} offers today meets the policy {:?}: take a policy that resists less, or ask for a delegation \
             from a DID that is accepted",
            evidence.namespace.ecosystem(),
            policy.name(),
        ),
    }
}
