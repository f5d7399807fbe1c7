//! Evidence: what an adapter saw on a platform, with the place, the time and the stable ids.
//!
//! Anyone can build these values; they prove nothing by themselves. The table [`WORTH`] fixes what each kind is worth, an adapter
//! has no say in it, and only [`decide`](crate::decide) weighs evidence. The types serialize without numbers or null, so that an
//! observer can sign them ([`Observation`](crate::claim::Observation)).

mod account;
mod any;
mod confirm;
mod kind;
mod known;
mod linked;
mod listing;
mod namespace;
mod observed;
mod provenance;
mod publishers;
mod reading;
mod repository;
mod roles;
mod timeline;

pub use account::{AccountEvidence, AccountProof, GistState};
pub use any::Evidence;
pub use kind::{EvidenceGrade, EvidenceKind, WORTH, WorthRow, worth};
pub use known::KnownOwners;
pub use linked::{LinkedAccount, MissingEvidence};
pub use listing::{ListedAccount, Listing, ListingBasis, ListingCompleteness, OwnerRole};
pub use namespace::{Existence, NamespaceEvidence};
pub use observed::{ObservedEvidence, SeenBy};
pub use provenance::Provenance;
pub use publishers::AttestedPublisher;
pub use reading::Reading;
pub use repository::{MAX_REPOSITORIES, SourceRepository};
pub use roles::SeenRoles;
pub use timeline::{NamedAccount, Release, ReleaseNames, Timeline};
