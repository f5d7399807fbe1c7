//! The kept part of crates.io's answers, and the listing made of it: the owners of a crate, by what they are identified, and
//! since when.

use std::collections::BTreeMap;

use auths_core::claim::Incarnation;
use auths_core::evidence::{ListedAccount, Listing, ListingBasis, ListingCompleteness, OwnerRole};
use auths_core::{
    Account, AccountId, Ecosystem, ExactTime, Namespace, Origin, Platform, TimePrecision,
    Timestamp, Unavailable, shorten,
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::wire::{Crate, CrateAnswer, LinkedLogin, Owner};
use crate::wire::MAX_SHOWN;
use auths_http::{Field, Object};

/// The kept part of a crate's own answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CrateRecord {
    /// The name, as crates.io spells it.
    name: String,
    /// The time when the crate was made: the only mark of this life of its name.
    pub(super) created_at: String,
    /// The time when each account of crates.io first published a version of the crate.
    first_published: BTreeMap<u64, Timestamp>,
    /// The publisher of the very first version. Versions are never deleted alone (C10 in `docs/platform-facts.md`).
    founder: Option<u64>,
}

impl CrateRecord {
    pub(super) fn new(answer: CrateAnswer, namespace: &Namespace) -> Result<Self, Unavailable> {
        let Object(krate) = answer.krate;
        let created_at = life(&krate, namespace)?;
        let mut first_published = BTreeMap::new();
        let mut first: Option<(ExactTime, Option<u64>)> = None;
        for Object(version) in answer.versions {
            namespace.confirm(&version.krate)?;
            let publisher = match version.published_by {
                Field::Missing => {
                    return Err(Unavailable::missing_field("versions[].published_by"));
                }
                Field::Null => None,
                Field::Value(Object(publisher)) => Some(publisher.id),
            };
            let exact = instant(&version.created_at)?;
            first = Some(match first {
                Some((at, by)) if at < exact => (at, by),
                // Two publishers at the same instant: no founder is named.
                Some((at, by)) if at == exact => (at, by.filter(|by| Some(*by) == publisher)),
                _ => (exact, publisher),
            });
            if let Some(publisher) = publisher {
                let at = exact.to_timestamp();
                let at = at.map_err(|_| no_time(&version.created_at))?;
                let known = first_published.entry(publisher).or_insert(at);
                *known = at.min(*known);
            }
        }
        Ok(Self {
            name: krate.name,
            created_at,
            first_published,
            founder: first.and_then(|(_, by)| by),
        })
    }

    /// Returns the crate that was asked for, in the spelling of crates.io.
    pub(super) fn namespace(&self, asked: &Namespace) -> Namespace {
        match Namespace::parse_name(Ecosystem::CARGO, &self.name) {
            Ok(spelled) => spelled.at(asked.repository().cloned()),
            Err(_) => asked.clone(),
        }
    }

    pub(super) fn incarnation(&self) -> Incarnation {
        Incarnation::new("created-at", self.created_at.clone())
    }
}

/// Returns which life of its name a crate is: the time when it was made, in one canonical spelling.
pub(super) fn life(krate: &Crate, namespace: &Namespace) -> Result<String, Unavailable> {
    namespace.confirm(&krate.name)?;
    Ok(instant(&krate.created_at)?.spelled(TimePrecision::Microseconds))
}

/// The accounts that an owner's account on crates.io is linked to, as far as known.
#[derive(Debug)]
pub(super) enum KnownAccounts {
    /// The accounts that the owner signs in with.
    Linked(Vec<LinkedLogin>),
    /// The server is too old to name linked accounts. Only a guess from the owner's own entry is left.
    NotSaid,
    /// The linked accounts could not be read.
    Unread(Unavailable),
}

/// Returns whether an owner's own entry looks like one of `accounts`. It may be wrong, so it only decides which owner is read
/// first.
pub(super) fn may_be_one_of(owner: &Owner, accounts: &[Account]) -> bool {
    let picture = owner.avatar.as_deref().and_then(picture_id);
    let page = owner.url.as_deref().and_then(page_login);
    accounts.iter().any(|account| {
        let login = account.login().as_str();
        let same_id = picture.is_some() && picture.as_ref() == account.id();
        let mut named = page.iter().chain([&owner.login]);
        same_id || named.any(|name| name.eq_ignore_ascii_case(login))
    })
}

/// Makes the listing of a crate. `accounts_of` is the GitHub that the ids belong to.
pub(super) fn listing(
    krate: &CrateRecord,
    owners: &[(Owner, KnownAccounts)],
    teams: Vec<String>,
    accounts_of: Option<&Origin>,
) -> Result<Listing, Unavailable> {
    let (mut accounts, mut unread) = (Vec::new(), None);
    for (owner, known) in owners {
        let entries = match known {
            KnownAccounts::Linked(linked) => by_link(owner, linked),
            KnownAccounts::NotSaid => by_guess(owner).map(|entry| (vec![entry], None)),
            KnownAccounts::Unread(why) => Err(why.clone()),
        };
        // A failure to read one owner spoils nothing of the others.
        let entries = match entries {
            Ok((entries, others)) => {
                unread = unread.or(others);
                entries
            }
            Err(why) => {
                unread = unread.or(Some(why));
                let label = "owner whose GitHub account was not read";
                vec![ListedAccount::new(holder(owner)?, OwnerRole::Owner, label)]
            }
        };
        let holder = holder(owner)?.at(accounts_of.cloned());
        for mut entry in entries {
            entry.account = entry.account.at(accounts_of.cloned());
            entry.holder = Some(holder.clone());
            entry.first_published = krate.first_published.get(&owner.id).copied();
            entry.founder = krate.founder == Some(owner.id);
            accounts.push(entry);
        }
    }
    let mut listing = Listing::new(accounts);
    // A token with `change-owners` invites, and the account that accepts is an owner.
    listing.tokens_may_add_owners = true;
    listing.teams = teams;
    if let Some(why) = unread {
        listing.owners = ListingCompleteness::Unread(why);
    }
    Ok(listing)
}

/// Puts the entry that is known longest in the place of the first, where an account has entries under two owners: core looks for
/// one.
pub(super) fn put_longest_known_first(accounts: &mut [ListedAccount]) {
    for at in 0..accounts.len() {
        let (before, rest) = accounts.split_at_mut(at + 1);
        let Some(first) = before.last_mut() else {
            continue;
        };
        for other in rest {
            let is_better = seniority(other) < seniority(first);
            if is_better && other.account.same_as(&first.account) {
                std::mem::swap(first, other);
            }
        }
    }
}

/// Returns since when an owner is known: less is longer. The founder's own versions go before everything else.
fn seniority(listed: &ListedAccount) -> (Timestamp, Timestamp) {
    let published = listed
        .first_published
        .filter(|_| listed.absent_at.is_none());
    let known = published.into_iter().chain(listed.known_since).min();
    let made_it = published.filter(|_| listed.founder);
    let never = Timestamp::MAX;
    (made_it.unwrap_or(never), known.unwrap_or(never))
}

/// Returns the GitHub accounts of an owner by their ids, and why it may have others that were not read. An owner without any is
/// listed as what it is, an account of crates.io.
fn by_link(
    owner: &Owner,
    linked: &[LinkedLogin],
) -> Result<(Vec<ListedAccount>, Option<Unavailable>), Unavailable> {
    let (mut entries, mut unread) = (Vec::new(), None);
    for linked in linked {
        let id = match linked {
            LinkedLogin::Elsewhere => continue,
            LinkedLogin::Odd => Err(Unavailable::unreadable(
                "a linked account may be one of GitHub",
            )),
            LinkedLogin::GitHub { account_id, login } => numeric(account_id)
                .ok_or_else(|| {
                    Unavailable::unreadable(format!(
                        "{:?} is no id of GitHub",
                        shorten(account_id, MAX_SHOWN)
                    ))
                })
                .and_then(|id| account_named(&[login, &owner.login], id)),
        };
        match id {
            Ok(account) => entries.push(ListedAccount::new(account, OwnerRole::Owner, "owner")),
            Err(why) => unread = unread.or(Some(why)),
        }
    }
    match (entries.is_empty(), unread) {
        (false, unread) => Ok((entries, unread)),
        (true, Some(why)) => Err(why),
        (true, None) => {
            let label = "owner without a GitHub account";
            let entry = ListedAccount::new(holder(owner)?, OwnerRole::Owner, label);
            Ok((vec![entry], None))
        }
    }
}

/// Returns the owner as an account of crates.io.
fn holder(owner: &Owner) -> Result<Account, Unavailable> {
    let platform = Platform::new("crates-io").map_err(Unavailable::unreadable)?;
    let id = owner.id.to_string();
    let account = Account::parse_login(platform.clone(), &owner.login)
        .or_else(|_| Account::parse_login(platform, &format!("user-{id}")));
    let id = AccountId::new(&id).map_err(Unavailable::unreadable)?;
    Ok(account.map_err(Unavailable::unreadable)?.with_id(id))
}

/// Guesses the GitHub account of an owner on a server that is too old to name ids. The address of the picture holds the id by
/// habit, and the address of the page holds the login of the last visit. Both names may have changed hands, and are labelled so.
fn by_guess(owner: &Owner) -> Result<ListedAccount, Unavailable> {
    let page = owner.url.as_deref().and_then(page_login);
    let mut entry = match (owner.avatar.as_deref().and_then(picture_id), page) {
        (Some(id), page) => {
            let logins = [page.as_deref(), Some(&owner.login)];
            let logins: Vec<&str> = logins.into_iter().flatten().collect();
            let label = "owner, by the id in the address of its picture";
            ListedAccount::new(account_named(&logins, id)?, OwnerRole::Owner, label)
        }
        (None, Some(login)) => {
            let account = Account::parse_login(Platform::GITHUB, &login);
            let account = account.map_err(Unavailable::unreadable)?;
            let label = "owner, by the login of its GitHub page";
            ListedAccount::new(account, OwnerRole::Owner, label)
        }
        (None, None) => return Err(Unavailable::missing_field("linked_accounts")),
    };
    entry.basis = ListingBasis::RecyclableName;
    Ok(entry)
}

/// Returns the account of that id under the first login that GitHub's grammar allows. Old logins may break the grammar, and
/// beside an id the login is only for people to read.
fn account_named(logins: &[&str], id: AccountId) -> Result<Account, Unavailable> {
    let made_up = format!("id-{id}");
    let mut logins = logins.iter().copied().chain([made_up.as_str()]);
    let readable = logins.find_map(|l| Account::parse_login(Platform::GITHUB, l).ok());
    let account =
        readable.ok_or_else(|| Unavailable::unreadable("an owner's login cannot be read"))?;
    Ok(account.with_id(id))
}

fn numeric(text: &str) -> Option<AccountId> {
    let is_number = text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit());
    AccountId::new(text).ok().filter(|_| is_number)
}

/// Returns the id in `https://avatars.githubusercontent.com/u/7?v=4`.
fn picture_id(text: &str) -> Option<AccountId> {
    let url = exact_url(text)?;
    let host = url.host_str()?.strip_suffix(".githubusercontent.com")?;
    let number = host.strip_prefix("avatars")?;
    let mut path = url.path_segments()?;
    let id = match (path.next()?, path.next()?, path.next()) {
        ("u", id, None) if number.bytes().all(|b| b.is_ascii_digit()) => id,
        _ => return None,
    };
    numeric(id)
}

/// Returns the login in `https://github.com/alice`.
fn page_login(text: &str) -> Option<String> {
    let url = exact_url(text)?;
    let mut path = url.path_segments()?;
    match (url.host_str()?, path.next()?, path.next()) {
        ("github.com", login, None) => Some(login.to_owned()),
        _ => None,
    }
}

fn exact_url(text: &str) -> Option<Url> {
    let plain = text.len() <= 300 && !text.contains(['@', '\\', '%']);
    let url = Url::parse(text).ok().filter(|_| plain)?;
    (url.scheme() == "https" && url.port().is_none()).then_some(url)
}

fn instant(text: &str) -> Result<ExactTime, Unavailable> {
    ExactTime::parse_rfc3339(text).map_err(|_| no_time(text))
}

fn no_time(text: &str) -> Unavailable {
    Unavailable::unreadable(format!("{:?} is no time", shorten(text, MAX_SHOWN)))
}
