//! `auths publish`: decides whether a CI run or a key may publish packages, and hands out grants. Core decides.

mod answer;
mod setup;

use auths_core::Policy;
use auths_core::grant::{GrantIssuer, MAX_GRANT_LIFE};
use auths_core::use_cases::GrantDesk;
use auths_keystore::OsEntropy;
use std::sync::Arc;

use super::Context;
use crate::args::{CheckPublish, GrantPublish, Publish};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::home::Home;
use crate::policy;
use crate::progress::waiting;
use crate::servers::Servers;
use setup::{Documents, Speaking};

pub(super) use setup::read_deny_list;

/// Runs a command of `auths publish`.
pub(crate) async fn run(context: &Context, what: Publish) -> Result<Exit, Failure> {
    match what {
        Publish::Check(what) => check(context, &what).await,
        Publish::Grant(what) => grant(context, &what).await,
    }
}

async fn check(context: &Context, what: &CheckPublish) -> Result<Exit, Failure> {
    let asked = Asked::read(context, what)?;
    let pins = asked.home.pins()?;
    let speaking = asked.speaking(context, what).await?;
    let verifier = setup::verifier(context, what, &asked)?;
    let gate = setup::gate(what, &asked, pins)?;
    // A token may have ended while a passphrase was typed in.
    let (policy, now) = (&asked.policy, context.now());
    let checked = match speaking {
        Speaking::Run(request) => {
            let checking = verifier.check_publish(&gate, &request, policy, now);
            waiting("reading the registry", checking).await
        }
        Speaking::Key(request) => {
            let checking = verifier.check_publish_by_key(&gate, &request, policy, now);
            let checked = waiting("reading the registry", checking).await;
            checked.map(|package| vec![package])
        }
    };
    match checked {
        Ok(packages) => answer::checked(context, &packages),
        Err(error) => answer::refused(context, error, &*gate.pins).await,
    }
}

async fn grant(context: &Context, what: &GrantPublish) -> Result<Exit, Failure> {
    let asked = Asked::read(context, &what.asked)?;
    if what.life.is_zero() || what.life > MAX_GRANT_LIFE {
        return Err(Failure::usage("a grant lives 1 second to 5 minutes"));
    }
    let denied = read_deny_list(context, what.deny.as_deref())?;
    let signer = context.opened(&asked.home, &what.key).await?.signer;
    let speaking = asked.speaking(context, &what.asked).await?;
    let verifier = setup::verifier(context, &what.asked, &asked)?;
    let gate = setup::gate(&what.asked, &asked, asked.home.pins_to_write()?)?;
    let (issuer, audience) = (what.grant_issuer.clone(), what.grant_audience.clone());
    let grants = GrantIssuer::new(issuer, audience, signer, Arc::new(OsEntropy), denied);
    let desk = GrantDesk::new(gate, grants).granting_for(what.life);
    // A token may have ended while a passphrase was typed in.
    let (policy, now) = (&asked.policy, context.now());
    let granted = match speaking {
        Speaking::Run(request) => {
            let publishing = verifier.publish(&desk, *request, policy, now);
            waiting("reading the registry", publishing).await
        }
        Speaking::Key(request) => {
            let publishing = verifier.publish_by_key(&desk, &request, policy, now);
            waiting("reading the registry", publishing).await
        }
    };
    match granted {
        Ok(granted) => answer::granted(context, &granted),
        Err(error) => answer::refused(context, error, &*desk.gate.pins).await,
    }
}

/// Everything that was given but the proof of who asks. It is read before any secret is.
struct Asked {
    home: Home,
    servers: Servers,
    documents: Documents,
    policy: Policy,
}

impl Asked {
    fn read(context: &Context, what: &CheckPublish) -> Result<Self, Failure> {
        if context.global.token_stdin && what.claim.is_none() && !what.token.is_elsewhere() {
            let failure = Failure::usage("standard input cannot hold both tokens");
            return Err(failure.remedy("put the GitHub token into AUTHS_GITHUB_TOKEN"));
        }
        let home = context.home()?;
        let policy = policy::read(&what.deciding.policy)?;
        let documents = Documents::read(what, &home, context.now())?;
        let servers = context.servers(&home)?;
        Ok(Self {
            home,
            servers,
            documents,
            policy,
        })
    }
}
