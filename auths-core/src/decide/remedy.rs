//! The remedy: the first change that would make an answer a yes.

use super::DecisionInput;
use super::link::{only_role, outside_own_scope};
use crate::evidence::{
    AccountProof, EvidenceKind, Grade, LinkedAccount, ListedAccount, ListingBasis,
    NamespaceEvidence, ObservedEvidence, Owners, Reading, Role, worth,
};
use crate::identity::{Account, Namespace, Platform};
use crate::policy::Policy;
use crate::reason::{Reason, Refuted, RefutedReason, UnavailableReason};
use crate::time::in_words;

/// One way to a yes. The ways are tried in order.
struct Way {
    /// The kinds of evidence in its chain, in addition to the claim's signature.
    links: &'static [(EvidenceKind, Grade)],
    applies: fn(&Situation<'_>) -> bool,
    says: fn(&Situation<'_>) -> String,
}

struct Situation<'a> {
    case: &'a DecisionInput,
    evidence: &'a NamespaceEvidence,
    policy: &'a Policy,
}

const WAYS: &[Way] = &[
    Way {
        links: &[
            (EvidenceKind::AccountStatement, Grade::MatureAlone),
            (EvidenceKind::ListedOwner, Grade::Established),
        ],
        applies: |s| s.owner_without_id().is_some(),
        says: |s| {
            let owner = s
                .owner_without_id()
                .map(|a| (a.platform().clone(), a.login().clone()));
            let (platform, login) = owner.map_or((String::new(), String::new()), |(p, l)| {
                (p.to_string(), l.to_string())
            });
            // In a scope named like the login, npm lists everybody who may publish.
            let package = match platform.as_str() {
                "npm" => {
                    format!("in the scope @{login} that lists nobody else, such as @{login}/auths,")
                }
                _ => format!("that {login} alone owns, such as {login}-auths,"),
            };
            if let Some(remove) = remove_from_statements(s.case, s.owner_without_id()) {
                return remove;
            }
            let unread = s.owners_unread().map_or_else(String::new, |why| {
                let name = s.evidence.namespace.short();
                format!(
                    "; who owns {name} was not read here ({}): {}",
                    why.name(),
                    why.remedy()
                )
            });
            format!(
                "show that the key belongs to {platform}:{login}: make a package {package} every release of which, from the first \
                 on and none from CI, says that {} speaks for {platform}:{login}, publish it again when that has stood for {}, and \
                 link it with `auths id claim {platform} {login} --statement PACKAGE`, which shows what to write{unread}",
                s.case.claim.did(),
                in_words(s.policy.maturity()),
            )
        },
    },
    Way {
        links: &[
            (EvidenceKind::GistProof, Grade::Mature),
            (EvidenceKind::ListedOwner, Grade::Established),
        ],
        applies: |s| {
            matches!(
                s.evidence.namespace.ecosystem().as_str(),
                "cargo" | "github"
            )
        },
        says: |s| {
            format!(
                "link the GitHub account that owns {}: `auths id claim github`, and let the gist stand for {}",
                s.evidence.namespace.short(),
                in_words(s.policy.maturity()),
            )
        },
    },
    Way {
        links: &[(EvidenceKind::PackageStatement, Grade::MatureAlone)],
        applies: |s| {
            s.has_timeline()
                && s.evidence
                    .listing
                    .get()
                    .is_ok_and(|l| l.sole_owner().is_some())
        },
        says: |s| s.publish(),
    },
    Way {
        links: &[(EvidenceKind::PackageStatement, Grade::Mature)],
        applies: |s| s.has_timeline(),
        says: |s| s.publish(),
    },
];

impl Situation<'_> {
    /// Returns an owner on a platform without ids whose packages can name a DID: one that this DID claims, else the first listed.
    /// Where the owners were not read, one that this DID claims.
    fn owner_without_id(&self) -> Option<&Account> {
        if self.evidence.timeline == Reading::NotOffered {
            return None;
        }
        let platform = Platform::new(self.evidence.namespace.ecosystem().as_str()).ok()?;
        let mut claimed = self
            .case
            .accounts
            .iter()
            .filter(|linked| linked.claim.did() == self.case.claim.did())
            .map(LinkedAccount::account)
            .filter(|account| *account.platform() == platform);
        let listing = match &self.evidence.listing {
            Reading::NotOffered => return None,
            Reading::Read(listing) if !listing.accounts.is_empty() => listing,
            _ => return claimed.next(),
        };
        let mut owners = listing
            .accounts
            .iter()
            .filter(|l| l.role == Role::Owner && l.told_by() == ListingBasis::OnlyName)
            .map(|l| &l.account)
            .filter(|account| *account.platform() == platform);
        claimed
            .find_map(|own| owners.clone().find(|owner| own.same_as(owner)))
            .or_else(|| owners.next())
    }

    /// Returns why the owners are not known. Then no account leads to a yes yet, however well it is linked.
    fn owners_unread(&self) -> Option<UnavailableReason> {
        match self.evidence.listing.get() {
            Err(why) => Some(why.reason),
            Ok(listing) if !listing.accounts.is_empty() => None,
            Ok(listing) => Some(match &listing.owners {
                Owners::Organization(_) => UnavailableReason::OwnersHidden,
                Owners::Unread(why) => why.reason,
                Owners::Listed => UnavailableReason::Empty,
            }),
        }
    }

    /// Returns the teams that the registry lists, where it does not list the account itself.
    fn teams_of(&self, refuted: RefutedReason) -> Option<String> {
        let listing = self.evidence.listing.get().ok()?;
        let in_the_way = matches!(refuted, RefutedReason::NotListed | RefutedReason::TeamsOnly);
        (in_the_way && !listing.teams.is_empty()).then(|| listing.teams.join(", "))
    }

    fn has_timeline(&self) -> bool {
        self.evidence.timeline.get().is_ok()
    }

    fn publish(&self) -> String {
        format!(
            "publish a release of {} that names {}, and another one after {}, with none in between that does not",
            self.evidence.namespace.short(),
            self.case.claim.did(),
            in_words(self.policy.maturity()),
        )
    }
}

/// Returns a namespace as it is typed into a shell: in full, and quoted, when it is on a configured server.
fn argument(namespace: &Namespace) -> String {
    match namespace.repository() {
        None => namespace.short(),
        Some(_) => format!("'{namespace}'"),
    }
}

/// Returns whom to remove, where a package that should speak for `account` lists others beside it: without them, the account
/// alone can publish the package. `None` where removing somebody is not enough: for a package outside the account's own scope on
/// npm, a package of an organization, or one in which the account itself is not an Owner.
///
/// ```
/// use auths_core::decide::whom_to_remove;
/// use auths_core::evidence::{ListedAccount, Listing, NamespaceEvidence, Reading, Role};
/// use auths_core::{Account, Timestamp};
///
/// let (alice, bob): (Account, Account) = ("npm:alice".parse()?, "npm:bob".parse()?);
/// let now: Timestamp = "2026-11-21T08:46:00Z".parse()?;
/// let mut seen = NamespaceEvidence::new("npm:@alice/auths".parse()?, "https://npm.example".parse()?, now);
/// let owner = |account: &Account| ListedAccount::new(account.clone(), Role::Owner, "maintainer");
/// seen.listing = Reading::Read(Listing::new(vec![owner(&alice), owner(&bob)]));
/// let remedy = whom_to_remove(&alice, &seen).ok_or("nobody")?;
/// assert!(remedy.starts_with("remove npm:bob from npm:@alice/auths"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn whom_to_remove(account: &Account, package: &NamespaceEvidence) -> Option<String> {
    let listing = package.listing.get().ok()?;
    if outside_own_scope(account, &package.namespace).is_some() {
        return None;
    }
    let is_own = |listed: &&ListedAccount| listed.account.same_as(account);
    let mut alone = listing.clone();
    alone.accounts.retain(|listed| is_own(&listed));
    alone.teams.clear();
    only_role(&alone, account)?;
    let accounts = listing.accounts.iter().filter(|listed| !is_own(listed));
    let others: Vec<String> = accounts
        .map(|listed| format!("{}:{}", listed.account.platform(), listed.account.login()))
        .chain(listing.teams.iter().cloned())
        .collect();
    let name = package.namespace.short();
    (!others.is_empty()).then(|| {
        format!(
            "remove {} from {name}, which lists others beside {}:{}, and ask again",
            others.join(", "),
            account.platform(),
            account.login()
        )
    })
}

/// Returns whom to remove from the packages that should speak for `account` (`None`: for any account) of the claim's DID.
fn remove_from_statements(case: &DecisionInput, account: Option<&Account>) -> Option<String> {
    let own = |linked: &&LinkedAccount| linked.claim.did() == case.claim.did();
    let is_asked = |linked: &&LinkedAccount| account.is_none_or(|a| a.same_as(linked.account()));
    let linked = case.accounts.iter().filter(own).filter(is_asked);
    let seen = linked.flat_map(|linked| &linked.evidence);
    seen.map(ObservedEvidence::evidence)
        .find_map(|seen| match &seen.proof {
            AccountProof::AccountStatement(package) => whom_to_remove(&seen.account, package),
            _ => None,
        })
}

/// Returns the first remedy whose result this policy would accept.
pub(super) fn remedy(
    case: &DecisionInput,
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
    let situation = Situation {
        case,
        evidence,
        policy,
    };
    if let Some(teams) = situation.teams_of(refuted.reason) {
        return format!(
            "let an owner of {} delegate to this key: `auths delegate {} --to {} --actions publish --expires WHEN`; members of \
             {teams} may publish it, and own nothing",
            evidence.namespace.short(),
            argument(&evidence.namespace),
            case.claim.did(),
        );
    }
    if !open_ended {
        let remove = (refuted.reason == RefutedReason::NotSoleOwner)
            .then(|| remove_from_statements(case, None));
        let general = || refuted.reason.remedy().to_owned();
        return remove.flatten().unwrap_or_else(general);
    }
    let signature = worth(EvidenceKind::ClaimSignature, Grade::Plain);
    let falls_to = |way: &Way| {
        way.links.iter().fold(signature, |set, (kind, grade)| {
            set.union(worth(*kind, *grade))
        })
    };
    let first = WAYS
        .iter()
        .filter(|way| (way.applies)(&situation))
        .find(|way| policy.accepts(falls_to(way)));
    match (first, situation.owners_unread()) {
        (Some(way), _) => (way.says)(&situation),
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
