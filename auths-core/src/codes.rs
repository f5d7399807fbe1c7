//! The closed lists of reasons, each reason with a stable code and a remedy. They know nothing of the rest of the library, so that
//! every error of it can name its code.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A reason of one class, with its stable code.
pub trait Reason: Copy + fmt::Debug {
    /// Returns the stable code, such as `AUTHS-2014`.
    fn code(self) -> &'static str;
    /// Returns the stable short name, such as `not-listed`.
    fn name(self) -> &'static str;
    /// Returns the meaning of the reason, in one sentence.
    fn meaning(self) -> &'static str;
    /// Returns the remedy: the action that is open to the reader.
    fn remedy(self) -> &'static str;
}

/// One row of the tables of reasons, for documents and front ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReasonRow {
    /// The class: `refuted`, `unavailable` or `invalid`.
    pub class: &'static str,
    /// The stable code.
    pub code: &'static str,
    /// The stable short name.
    pub name: &'static str,
    /// The meaning of the reason.
    pub meaning: &'static str,
    /// The action that is open to the reader.
    pub remedy: &'static str,
}

/// Returns every reason of every class, in the order of the codes.
#[must_use]
pub fn all_reasons() -> Vec<ReasonRow> {
    let mut rows: Vec<ReasonRow> = Invalid::ROWS.to_vec();
    rows.extend_from_slice(RefutedReason::ROWS);
    rows.extend_from_slice(UnavailableReason::ROWS);
    rows
}

macro_rules! reasons {
    ($(#[$meta:meta])* $vis:vis enum $name:ident: $class:literal {
        $($variant:ident $code:literal $short:literal $meaning:literal $remedy:literal)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        $vis enum $name {
            $(#[doc = concat!("`", $code, "` ", $meaning)] #[serde(rename = $short)] $variant,)*
        }

        impl $name {
            /// All rows of this class, in the order of their codes.
            pub const ROWS: &'static [ReasonRow] = &[
                $(ReasonRow { class: $class, code: $code, name: $short, meaning: $meaning, remedy: $remedy },)*
            ];

            fn row(self) -> &'static ReasonRow {
                &Self::ROWS[self as usize]
            }
        }

        impl Reason for $name {
            fn code(self) -> &'static str { self.row().code }
            fn name(self) -> &'static str { self.row().name }
            fn meaning(self) -> &'static str { self.row().meaning }
            fn remedy(self) -> &'static str { self.row().remedy }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.meaning())
            }
        }
    };
}

reasons! {
    /// A reason why the caller's input cannot be used.
    pub enum Invalid: "invalid" {
        Usage "AUTHS-1001" "usage" "the call does not fit what this can do" "read the message; --help shows the forms"
        BadName "AUTHS-1002" "bad-name" "a DID, namespace, account or origin is not written as it must be" "write it as the message says"
        BadTime "AUTHS-1003" "bad-time" "a time is not readable or out of range" "write it as 2026-11-21T08:46:00Z"
        BadJson "AUTHS-1004" "bad-json" "the document is not the strict JSON of this format" "send the file as it was signed; duplicate keys and numbers are refused"
        BadClaim "AUTHS-1005" "bad-claim" "the document is not a claim of the exact profile" "sign it anew with this library"
        BadPolicy "AUTHS-1006" "bad-policy" "the policy is not usable" "correct the field that the message names"
        BadBundle "AUTHS-1007" "bad-bundle" "the bundle is not readable" "make the bundle anew with `auths namespace claim`"
        BadConfiguration "AUTHS-1008" "bad-configuration" "a setting cannot be used" "correct the setting that the message names"
        NoKey "AUTHS-1009" "no-key" "there is no device key of that name" "make one with `auths id new`"
        KeyExists "AUTHS-1010" "key-exists" "there is a device key of that name already" "choose another name"
        WrongPassphrase "AUTHS-1011" "wrong-passphrase" "the passphrase does not open the key file" "try again with the right passphrase"
        KeyFileCorrupt "AUTHS-1012" "key-file-corrupt" "the key file was damaged or cut" "restore it from a copy; nothing can be read from this one"
        KeyFileVersion "AUTHS-1013" "key-file-version" "the key file is of a version that this program does not know" "use the program that wrote it, or a newer one"
        Locked "AUTHS-1014" "locked" "the keystore is locked, or no passphrase was given" "unlock it, or give the passphrase by prompt, file or descriptor"
        BadToken "AUTHS-1015" "bad-token" "the text is no PyPI token, or none can be made of it" "give the whole token, from `pypi-` to its end, and nothing else"
        TokenTooLarge "AUTHS-1016" "token-too-large" "the ID token is larger than any that is read" "give the token of the job alone, as its platform handed it out"
        MalformedToken "AUTHS-1017" "malformed-token" "the text is no ID token: three parts of strict base64url, of which two hold strict JSON" "give the whole token as the platform handed it out, and nothing else"
        BadPublisherRule "AUTHS-1018" "bad-publisher-rule" "the publisher rule is not usable" "correct the member that the message names"
        MalformedGrant "AUTHS-1019" "malformed-grant" "the text is no grant" "give the whole grant as it was handed out, and nothing else; an ID token is exchanged for one first"
        BadDenyList "AUTHS-1020" "bad-deny-list" "the deny list is not usable" "write one name a line, such as pkg:pypi/six; correct the line that the message names"
    }
}

reasons! {
    /// A reason why a claim is refuted: what was seen contradicts it.
    pub enum RefutedReason: "refuted" {
        BadSignature "AUTHS-2001" "bad-signature" "the signature does not belong to this document and key" "get the document anew from its signer"
        Expired "AUTHS-2002" "expired" "the claim has expired" "sign a new one"
        NotYetValid "AUTHS-2003" "not-yet-valid" "the claim was created in the future" "set the signer's clock"
        LifeTooLong "AUTHS-2004" "life-too-long" "the claim lives longer than its type may" "sign one with a shorter life"
        WrongAudience "AUTHS-2005" "wrong-audience" "the claim was signed for another verifier" "sign one for this audience"
        WrongChallenge "AUTHS-2006" "wrong-challenge" "the claim does not answer the challenge that was given" "ask for a new challenge and sign that"
        WrongSubject "AUTHS-2007" "wrong-subject" "the claim is about another DID or namespace than asked" "use the claim that fits the question"
        UnknownKey "AUTHS-2008" "unknown-key" "the signing key is not a key of the DID" "sign with a key of the DID"
        ChallengeUsed "AUTHS-2009" "challenge-used" "the challenge was answered before, or has expired" "ask for a new challenge and sign that"
        UnknownProject "AUTHS-2010" "unknown-project" "the registry knows no such name" "check the spelling; publish first"
        Quarantined "AUTHS-2011" "quarantined" "the registry has quarantined the project" "settle it with the registry's administrators"
        NoReleases "AUTHS-2012" "no-releases" "the project has no release" "publish a release"
        AnotherIncarnation "AUTHS-2013" "another-incarnation" "the name was deleted and registered again since the claim" "sign a new claim for what the name is now"
        NotListed "AUTHS-2014" "not-listed" "the registry does not list the account" "let an owner add the account, or use an account that is listed"
        LesserRole "AUTHS-2015" "lesser-role" "the registry lists the account in a lesser role" "let an owner raise the role"
        NotLinked "AUTHS-2016" "not-linked" "no claim of the DID links the account that the registry lists" "link the account: `auths id claim`"
        NotSoleOwner "AUTHS-2017" "not-sole-owner" "others than this account can publish, or may have published, the package that should speak for the account" "use another package, whose one owner is the account and always was; on npm one in its own scope, such as @LOGIN/auths"
        TeamsOnly "AUTHS-2018" "teams-only" "the registry lists teams alone, and a team owns nothing: its members may publish, no more" "let an owner of the package, or of the team's organisation where that is claimed, delegate: `auths delegate`"
        RolePending "AUTHS-2019" "role-pending" "the role was offered to the account, which has not accepted it yet" "accept the invitation, and ask again"
        StatementAbsent "AUTHS-2020" "statement-absent" "no release names the DID for this package" "publish a release that names the DID; for an account, make a new package whose every release, from the first on, says so"
        StatementDropped "AUTHS-2021" "statement-dropped" "the newest release no longer names the DID" "publish a release that names the DID"
        StatementContested "AUTHS-2022" "statement-contested" "another DID was named before, and its holder has not agreed" "let the other DID sign a delegation, or wait until it has been absent for the maturity"
        DefaultOutside "AUTHS-2023" "default-outside" "the version that installers pick does not name the DID" "make a version that names the DID the default"
        OtherRepository "AUTHS-2024" "other-repository" "the source repository or build belongs to another account" "link the account that owns the repository"
        StatementsNotOffered "AUTHS-2025" "statements-not-offered" "this registry does not offer the releases that a statement would stand in" "use another kind of evidence"
        Revoked "AUTHS-2030" "revoked" "the claim or its DID was revoked" "make a new key and link it"
        DelegationTooNarrow "AUTHS-2031" "delegation-too-narrow" "the delegation does not cover the namespace or the action" "ask the owner for a delegation that does"
        Resisted "AUTHS-2040" "resisted" "every way to a yes falls to something that the policy resists" "follow the remedy of the answer"
        Young "AUTHS-2041" "young" "what the answer rests on has not stood for long enough yet" "ask again at the time given"
        NoChain "AUTHS-2042" "no-chain" "nothing leads from the DID to the namespace" "link an account that owns it, or publish a release that names the DID"
        GistOfAnother "AUTHS-2050" "gist-of-another" "the gist belongs to another account than the claim names" "publish the proof from the account itself: `auths id claim github`"
        GistForked "AUTHS-2051" "gist-forked" "the gist is a fork of another" "publish the proof in a gist of its own: `auths id claim github`"
        GistNamesAnother "AUTHS-2052" "gist-names-another" "the claim in the gist names another account than the gist's owner" "publish a claim of the account itself: `auths id claim github`"
        GistOtherClaim "AUTHS-2053" "gist-other-claim" "the gist holds another claim than this one" "use the gist that was made for this claim"
        GistWithoutClaim "AUTHS-2054" "gist-without-claim" "the gist holds no signed platform claim in a file called auths-claim.json" "give the gist that `auths id claim github` made"
        GistEdited "AUTHS-2055" "gist-edited" "the gist was changed since it was recorded, and no longer holds the claim" "link the account anew: `auths id claim github`"
        GistDeleted "AUTHS-2056" "gist-deleted" "the gist is gone, and its account is still there" "link the account anew: `auths id claim github`"
        LoginReregistered "AUTHS-2057" "login-reregistered" "the login belongs to another account than it did when the claim was signed" "link the account that has the login now"
        NotAPerson "AUTHS-2058" "not-a-person" "the account is an organisation's or a bot's" "link the account of a person"
        FlowDenied "AUTHS-2059" "flow-denied" "the holder of the account said no to the device flow" "run the command again, and approve the code only if you began the flow yourself"
        UnknownAccount "AUTHS-2060" "unknown-account" "the platform shows no account of that name" "check the spelling; an account that is suspended or hidden is not shown either"
        RestrictionUnmet "AUTHS-2070" "restriction-unmet" "the token is restricted to something else" "use a token that is good for this; a restriction cannot be taken back"
        TokenNotServed "AUTHS-2071" "token-not-served" "the emulated service does not take such a token at all" "use a token as that service issues it"
        TokenHeader "AUTHS-2080" "token-header" "the header of the ID token has a member that no token of an issuer has, or lacks one that every token has" "ask the job's platform for a new token, and send it unchanged"
        TokenAlgorithm "AUTHS-2081" "token-algorithm" "the ID token is signed by another algorithm than its issuer's" "ask the job's platform for a new token; nothing else signs one"
        TokenIssuer "AUTHS-2082" "token-issuer" "the ID token is of an issuer that is not accepted here" "use a token of an issuer that is configured here, or configure that issuer by its exact address"
        TokenKey "AUTHS-2083" "token-key" "the issuer has no key of the id that the ID token names" "ask the job's platform for a new token"
        TokenSignature "AUTHS-2084" "token-signature" "the ID token was changed, or another key signed it" "ask the job's platform for a new token, and send it unchanged"
        TokenAudience "AUTHS-2085" "token-audience" "the ID token is for another audience" "ask the job's platform for a token of the audience that the message names"
        TokenExpired "AUTHS-2086" "token-expired" "the ID token has expired" "ask the job's platform for a new token just before it is used"
        TokenNotYetValid "AUTHS-2087" "token-not-yet-valid" "the ID token is not valid yet" "set the clock of this machine"
        TokenLifeTooLong "AUTHS-2088" "token-life-too-long" "the ID token lives longer than tokens of its platform do" "ask the job's platform for a new token; it alone sets their life"
        TokenClaimMissing "AUTHS-2089" "token-claim-missing" "the ID token lacks a claim that every token of its platform has" "ask the job's platform for a new token; check that the issuer is one of that platform"
        TokenClaimMalformed "AUTHS-2090" "token-claim-malformed" "a claim of the ID token is empty, null, or not of the form that its platform documents" "ask the job's platform for a new token; check that the issuer is one of that platform"
        TokenInconsistent "AUTHS-2091" "token-inconsistent" "two claims of the ID token contradict each other" "ask the job's platform for a new token; report it if it is the public service"
        NoRuleMatches "AUTHS-2092" "no-rule-matches" "no publisher rule matches the CI run" "run the workflow that the rule names; if the rule is wrong, and only then, sign another: `auths publisher new`"
        TokenUsed "AUTHS-2093" "token-used" "the ID token was used before: it is worth one decision that is acted on" "ask the job's platform for a new token"
        PinnedToAnother "AUTHS-2094" "pinned-to-another" "the package was published by runs of another repository before" "run it from that repository; to move the package, let an owner sign a rule that names the package and this repository: `auths publisher new`"
        GrantKey "AUTHS-2100" "grant-key" "the grant is signed with a key that is not one of its issuer's" "ask for a new grant; if that one fails too, whoever checks it must learn the issuer's present key"
        GrantSignature "AUTHS-2101" "grant-signature" "the grant was changed, or another key signed it" "ask for a new grant, and send it unchanged"
        GrantIssuer "AUTHS-2102" "grant-issuer" "the grant is of another issuer" "ask the issuer that the message names for a grant"
        GrantAudience "AUTHS-2103" "grant-audience" "the grant is for another audience" "ask for a grant for the audience that the message names"
        GrantExpired "AUTHS-2104" "grant-expired" "the grant has expired" "ask for a new grant just before it is used; none is renewed"
        GrantNotYetValid "AUTHS-2105" "grant-not-yet-valid" "the grant was issued in the future" "set the clock of the issuer and of this machine"
        GrantLifeTooLong "AUTHS-2106" "grant-life-too-long" "the grant lives longer than any grant does" "let the issuer make grants with this library"
        GrantTooNarrow "AUTHS-2107" "grant-too-narrow" "what was granted or decided does not reach to this name or action" "ask for a grant of every name and action that it is used for"
        NameDenied "AUTHS-2108" "name-denied" "whoever runs the service lets nobody act for the name" "settle it with whoever runs the service"
        WorkflowFileUnknown "AUTHS-2109" "workflow-file-unknown" "the run's token does not show which workflow file of its own repository was started" "start the run with a workflow file of its own repository, directly in the platform's folder for workflows"
    }
}

reasons! {
    /// A reason why something could not be seen.
    pub enum UnavailableReason: "unavailable" {
        Network "AUTHS-3001" "network" "the server could not be reached" "check the network and ask again"
        Timeout "AUTHS-3002" "timeout" "the server did not answer in time" "ask again later"
        RateLimited "AUTHS-3003" "rate-limited" "the server asks for fewer requests" "ask again after the time given"
        ServerError "AUTHS-3004" "server-error" "the server failed" "ask again later"
        Forbidden "AUTHS-3005" "forbidden" "the server refuses the question" "check the origin, and the token where one is sent"
        MissingScope "AUTHS-3006" "missing-scope" "the token may not ask this" "use a token with the scope that the message names"
        SsoRequired "AUTHS-3007" "sso-required" "the organisation wants a single sign-on for this token" "authorise the token for the organisation"
        Truncated "AUTHS-3008" "truncated" "the answer was cut short" "ask again; where the platform itself shows a part only, as of a gist that is too large, publish the claim in a gist of its own: `auths id claim github`"
        TooLarge "AUTHS-3009" "too-large" "the answer is larger than the limit" "check the origin; for a server that is trusted, a program can raise the limit where it makes the adapter or transport"
        Unreadable "AUTHS-3010" "unreadable" "the answer is not in the documented form" "check the origin; report it if it is the public service"
        MissingField "AUTHS-3011" "missing-field" "the answer lacks a field that is needed" "ask the registry itself where the server is a mirror or a cache of it; where the registry leaves the field out, use another kind of evidence"
        Empty "AUTHS-3012" "empty" "the answer lists nothing, which shows nothing" "ask the registry itself; where the service takes a token, ask with one that may see the list"
        ClockSkew "AUTHS-3013" "clock-skew" "this machine's clock and the server's are too far apart" "set the clock"
        SerialRegressed "AUTHS-3014" "serial-regressed" "the answer is older than one already seen" "ask again later: a cache is behind; if that never ends, the number seen before was false: remove that collection from what the verifier keeps (`keys/records/` in the home)"
        Redirected "AUTHS-3015" "redirected" "the server sends us to another address" "check the origin: the server there does not answer itself"
        UnexpectedStatus "AUTHS-3016" "unexpected-status" "the server answered with a status that has no meaning here" "check the origin"
        RequestBudget "AUTHS-3017" "request-budget" "the answer would take more requests than allowed" "ask about less at once, or raise the limit: `auths namespace claim NAMESPACE --max-requests N`, `auths namespace verify FILE --live --max-requests N`, or the limits that a program sets"
        StaleEvidence "AUTHS-3018" "stale-evidence" "the evidence is older than the policy allows" "ask again later, since a cache may have given an old copy; what came in a bundle is read anew by `auths namespace verify FILE --live`"
        EvidenceMismatch "AUTHS-3019" "evidence-mismatch" "the evidence is about something else than was asked" "distrust what it came from: check the origin; what came in a bundle is read anew by `auths namespace verify FILE --live`"
        UntrustedObserver "AUTHS-3020" "untrusted-observer" "the evidence was signed by an observer that is not trusted here" "trust the observer, if you do: `auths namespace verify FILE --trust-observer DID`; what came in a bundle is read anew by `auths namespace verify FILE --live`"
        OwnersHidden "AUTHS-3021" "owners-hidden" "an organisation owns the project, and its members are not listed" "let the account be listed as a direct Owner, or use a statement; on GitHub, ask with a token of the account that has the scope read:org"
        RevocationsUnread "AUTHS-3022" "revocations-unread" "a source of revocations could not be read" "ask again when it can"
        ReleaseWithoutTime "AUTHS-3023" "release-without-time" "a release has no upload time, so its place is unknown" "delete the release that has no file, where the registry lets you; or use another kind of evidence"
        StoreFailed "AUTHS-3024" "store-failed" "the local store could not be read or written" "check the disk and the permissions"
        KeyUnresolved "AUTHS-3025" "key-unresolved" "the keys of the DID could not be looked up" "plug in a resolver for the DID's method"
        NotOffered "AUTHS-3026" "not-offered" "this registry or adapter does not offer that evidence" "use another kind of evidence"
        KeystoreFailed "AUTHS-3027" "keystore-failed" "the keystore could not be used" "check the disk, the permissions or the keychain"
        IncarnationUnread "AUTHS-3028" "incarnation-unread" "whether it is still the same project could not be seen" "ask again later; what came in a bundle is read anew by `auths namespace verify FILE --live`"
        RevokedObserver "AUTHS-3029" "revoked-observer" "the evidence was signed by an observer who was revoked, or it was revoked itself" "let another observer see it; what came in a bundle is read anew by `auths namespace verify FILE --live`"
        TokenKind "AUTHS-3030" "token-kind" "this kind of token cannot show it" "use a token of an OAuth app, or a classic one, with the scope that the message names; or give the app of the token the permission that the message names, and let the organisation install it"
        AppRestricted "AUTHS-3031" "app-restricted" "the organisation does not let this OAuth app see it" "let an owner of the organisation approve the app"
        AccountHidden "AUTHS-3032" "account-hidden" "neither the proof nor its account can be seen: deleted, suspended or hidden" "sign in to the platform and look whether the account is there"
        FlowExpired "AUTHS-3033" "flow-expired" "no approval was seen before the code ended" "run the command again, and type the code in before the time is over"
        ReleaseGone "AUTHS-3034" "release-gone" "a release was deleted, and what it named cannot be read any more" "publish a release of the same package that names the DID, and another one when the maturity has passed"
        EmailUnverified "AUTHS-3035" "email-unverified" "the platform lets no app in while the account's primary email address is not verified" "verify the address in the account's settings on the platform, and run the command again"
        DeadToken "AUTHS-3036" "dead-token" "the platform does not know the token, or not any more" "make a new token on the platform, and give that one"
        NameHidden "AUTHS-3038" "name-hidden" "the registry says the same of a private name as of one that is not there" "check the spelling, and publish the package for everybody to see: a private one cannot be read here"
        StepBudget "AUTHS-3040" "step-budget" "deciding would take more steps than one decision may" "leave out the delegations and accounts that are not needed"
        ChallengeUnused "AUTHS-3041" "challenge-unused" "the claim answers a challenge, which was not used up" "decide with the challenge that this verifier gave, and use it up first: `Challenges::use_once`"
        KeysReadRecently "AUTHS-3042" "keys-read-recently" "the issuer's keys were read too recently to look for a new one" "ask again after the time given"
        Internal "AUTHS-3999" "internal-error" "this program made a mistake" "report it, with what you ran"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_and_names_are_unique_and_ordered() {
        let rows = all_reasons();
        let codes: Vec<_> = rows.iter().map(|r| r.code).collect();
        assert!(codes.is_sorted());
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), rows.len());
        assert_eq!(
            rows.iter().map(|r| r.name).collect::<BTreeSet<_>>().len(),
            rows.len()
        );
        assert!(
            rows.iter()
                .all(|r| !r.meaning.is_empty() && !r.remedy.is_empty())
        );
    }

    /// A reason is met by many commands and by programs: a bare flag is one that most of them do not have.
    #[test]
    fn a_remedy_names_no_flag_without_the_command_that_has_it() {
        for row in all_reasons() {
            let outside = row.remedy.split('`').step_by(2);
            for text in outside {
                let text = text.replace("--help", "");
                assert!(!text.contains("--"), "{}: {}", row.code, row.remedy);
            }
        }
    }

    #[test]
    fn a_variant_finds_its_own_row() {
        assert_eq!(UnavailableReason::Network.code(), "AUTHS-3001");
        assert_eq!(
            UnavailableReason::IncarnationUnread.name(),
            "incarnation-unread"
        );
        assert_eq!(RefutedReason::NoChain.name(), "no-chain");
        assert_eq!(Invalid::Locked.code(), "AUTHS-1014");
        assert_eq!(
            serde_json::to_string(&UnavailableReason::RateLimited).unwrap(),
            "\"rate-limited\""
        );
    }
}
