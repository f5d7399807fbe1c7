//! The moves, and their effects on the world.

use std::time::Duration;

use auths_core::claim::{Action, Actions, Delegation, PlatformClaim, Revocation, SigningRequest};
use auths_core::evidence::OwnerRole;
use auths_core::{Namespace, Platform};
use auths_testkit::world::{Grant, OrgRole, Refused};

use super::cast::{Home, Package, Players, Who};
use super::ci::CiMove;
use super::table::{Loot, Table};
use crate::claims::{did, sign};
use auths_testkit::scenes::APP;

/// The scope of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Publishing one package.
    One(Package),
    /// Publishing every package of the account, and new ones.
    All,
    /// Writing gists.
    Gists,
    /// Administering the organisations of the account.
    Organisations,
}

/// The credential that a player publishes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    /// The player's own session.
    Own,
    /// One of the things that it stole, counted from the newest.
    Stolen(u8),
    /// A workflow in the repository of this player, used by its owner or by a player who may write to it.
    Workflow(Who),
}

/// The subject of a revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revokes {
    /// The DID.
    Did,
    /// The newest delegation that the player signed.
    Delegation,
    /// Every platform claim that the player signed.
    Accounts,
}

/// One move. A move that the world refuses is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields say what they are")]
pub enum Move {
    /// Publishes a release that names the keys of players for the package. It may say that they speak for the account of a
    /// player, and name the repository of a player.
    Publish {
        who: Who,
        with: With,
        package: Package,
        names: Players,
        speaks_for: Option<Who>,
        typed: Option<Who>,
    },
    /// Publishes a release whose version installers never pick.
    PublishOldLooking {
        who: Who,
        with: With,
        package: Package,
        names: Players,
    },
    /// Publishes with an attestation of a build in one's own repository, where a token may.
    PublishAttested {
        who: Who,
        with: With,
        package: Package,
        names: Players,
    },
    /// Withdraws the newest release.
    Yank {
        who: Who,
        with: With,
        package: Package,
    },
    /// Deletes the newest release, or the whole project.
    Delete {
        who: Who,
        with: With,
        package: Package,
        all: bool,
    },
    /// Makes installers pick the oldest release.
    TagOldest {
        who: Who,
        with: With,
        package: Package,
    },
    /// Makes a token of an account, and steals it at once.
    StealToken { who: Who, from: Who, scope: Scope },
    /// Steals the browser session of a player.
    StealSession { who: Who, from: Who },
    /// Steals the device key of a player.
    StealKey { who: Who, from: Who },
    /// Steals the token of one run of a player's workflow.
    StealRun { who: Who, from: Who },
    /// Takes lasting control of a player's workflow.
    StealWorkflow { who: Who, from: Who },
    /// Ends every session and revokes every token of the player's own, stolen ones too.
    EndThefts { who: Who },
    /// Gives a role, and the other player accepts it.
    GiveRole {
        by: Who,
        with: With,
        package: Package,
        to: Who,
        owner: bool,
    },
    /// Takes a role away, perhaps the player's own.
    TakeRole {
        by: Who,
        with: With,
        package: Package,
        from: Who,
    },
    /// Gives the package to an organisation too, or takes it back.
    Organisation {
        by: Who,
        package: Package,
        gives: bool,
    },
    /// Makes a player a member of the organisation. The player accepts.
    Member {
        by: Who,
        with: With,
        whom: Who,
        admin: bool,
    },
    /// Takes a membership away.
    Dismiss { by: Who, with: With, whom: Who },
    /// Lets the workflow of a player's repository publish the package, or ends all such trust.
    Trust {
        by: Who,
        package: Package,
        repository_of: Who,
        trusts: bool,
    },
    /// Allows a player to write to one's repository, or forbids it.
    Writer { by: Who, whom: Who, writes: bool },
    /// Gives one's repository away.
    Transfer { by: Who, to: Who },
    /// Puts a claim of one's key for the account of a player into a gist of that account.
    Gist {
        who: Who,
        with: With,
        account_of: Who,
    },
    /// Deletes every gist of one's account.
    DeleteGists { who: Who },
    /// Approves a device flow that another player began.
    Approve { who: Who, begun_by: Who },
    /// Lets another key speak for a package.
    Delegate {
        from: Who,
        to: Who,
        package: Package,
        further: bool,
    },
    /// Signs an account claim that names one's recovery key, and shows it to the verifier.
    NameRecovery { who: Who },
    /// Revokes, with the device key or the recovery key. The verifier is given the revocation.
    Revoke {
        who: Who,
        what: Revokes,
        by_recovery: bool,
    },
    /// Closes the account of a player on the registry, and another takes its login.
    Reregister { who: Who, then: Who },
    /// Renames the GitHub account of a player, and another takes the old login.
    Rename { who: Who, then: Who },
    /// A move on a repository or a CI run.
    Ci(CiMove),
    /// Lets time pass.
    Wait { hours: u16 },
}

impl Table {
    /// Makes a move, as far as the world allows it.
    pub fn play(&mut self, one: &Move) {
        let refused = self.step(one).err();
        let what = if refused.is_none() { "made" } else { "refused" };
        *self.tally.entry(format!("move {what}")).or_default() += 1;
    }

    fn step(&mut self, one: &Move) -> Result<(), Refused> {
        let home = self.home;
        match one {
            Move::Publish {
                who,
                with,
                package,
                names,
                speaks_for,
                typed,
            } => {
                let version = self.next_version();
                let metadata = self.metadata(*package, *names, *speaks_for, *typed);
                self.publish(*who, *with, *package, &version, metadata)
            }
            Move::PublishOldLooking {
                who,
                with,
                package,
                names,
            } => {
                let version = format!("0.0.{}", self.next_version().trim_end_matches(".0.0"));
                let metadata = self.metadata(*package, *names, None, None);
                self.publish(*who, *with, *package, &version, metadata)
            }
            Move::PublishAttested {
                who,
                with,
                package,
                names,
            } => {
                let version = self.next_version();
                let metadata = self.metadata(*package, *names, None, None);
                let own = self.repositories.get(who).cloned();
                let own = own.ok_or(Refused::UnknownThing)?;
                let name = package.name(home);
                self.with(*who, *with, |world, by| {
                    world.publish_attested(by, &name, &version, metadata, &own)
                })
            }
            Move::Yank { who, with, package } => {
                let (name, version) = (package.name(home), self.edge(*package, true)?);
                self.with(*who, *with, |world, by| {
                    world.yank(by, &name, &version, true)
                })
            }
            Move::Delete {
                who,
                with,
                package,
                all,
            } => {
                let name = package.name(home);
                if *all {
                    return self.with(*who, *with, |world, by| world.delete_project(by, &name));
                }
                let version = self.edge(*package, true)?;
                self.with(*who, *with, |world, by| {
                    world.delete_release(by, &name, &version)
                })
            }
            Move::TagOldest { who, with, package } => {
                let (name, version) = (package.name(home), self.edge(*package, false)?);
                self.with(*who, *with, |world, by| {
                    world.tag(by, &name, "latest", &version)
                })
            }
            Move::StealToken { who, from, scope } => self.steal_token(*who, *from, *scope),
            Move::StealSession { who, from } => {
                let session = self.session(*from)?;
                let stolen = self.world().steal_session(who.person(), &session)?;
                self.stolen.push((*who, Loot::Session(stolen)));
                Ok(())
            }
            Move::StealKey { who, from } => {
                self.world().steal_key(who.person(), &from.did());
                self.stolen_keys.insert((*who, *from));
                Ok(())
            }
            Move::StealRun { who, from } => {
                let workflow = self.repository(*from)?;
                let run = self.world().run(&workflow)?;
                let stolen = self.world().steal_token(who.person(), &run)?;
                self.stolen.push((*who, Loot::Token(stolen)));
                Ok(())
            }
            Move::StealWorkflow { who, from } => {
                let workflow = self.repository(*from)?;
                let stolen = self.world().steal_workflow(who.person(), &workflow)?;
                self.stolen.push((*who, Loot::Workflow(stolen)));
                Ok(())
            }
            Move::EndThefts { who } => self.end_thefts(*who),
            Move::GiveRole {
                by,
                with,
                package,
                to,
                owner,
            } => {
                let name = package.name(home);
                let role = if *owner {
                    OwnerRole::Owner
                } else {
                    OwnerRole::Maintainer
                };
                let login = self.login_of(*to);
                self.with(*by, *with, |world, by| {
                    world.set_role(by, &name, &login, role)
                })?;
                let session = self.session(*to)?;
                // Where nobody is invited, there is nothing to accept.
                drop(self.world().accept_invitation(&session, &name));
                Ok(())
            }
            Move::TakeRole {
                by,
                with,
                package,
                from,
            } => {
                let (name, login) = (package.name(home), self.login_of(*from));
                self.with(*by, *with, |world, by| world.remove_role(by, &name, &login))
            }
            Move::Organisation { by, package, gives } => {
                let (name, session) = (package.name(home), self.session(*by)?);
                let organization = gives.then_some("acme");
                match home {
                    Home::CratesIo if *gives => {
                        self.world().add_team(&session, &name, "acme", "core")
                    }
                    Home::CratesIo => self
                        .world()
                        .remove_team(&session, &name, "github:acme:core"),
                    _ => self.world().set_organization(&session, &name, organization),
                }
            }
            Move::Member {
                by,
                with,
                whom,
                admin,
            } => {
                let role = if *admin {
                    OrgRole::Admin
                } else {
                    OrgRole::Member
                };
                let login = self.login_of(*whom);
                self.with(*by, *with, |world, by| {
                    world.set_member(by, "acme", &login, role)
                })?;
                let session = self.session(*whom)?;
                self.world().accept_membership(&session, "acme")
            }
            Move::Dismiss { by, with, whom } => {
                let login = self.login_of(*whom);
                self.with(*by, *with, |world, by| {
                    world.remove_member(by, "acme", &login)
                })
            }
            Move::Trust {
                by,
                package,
                repository_of,
                trusts,
            } => {
                let (name, session) = (package.name(home), self.session(*by)?);
                let workflow = self.repository(*repository_of)?;
                match trusts {
                    true => self.world().trust(&session, &name, &workflow),
                    false => self.world().stop_trusting(&session, &name),
                }
            }
            Move::Writer { by, whom, writes } => {
                let workflow = self.repository(*by)?;
                let (session, login) = (self.github(*by)?, self.github_login(*whom));
                self.world()
                    .set_writer(&session, &workflow, &login, *writes)
            }
            Move::Transfer { by, to } => {
                let workflow = self.repository(*by)?;
                let (session, login) = (self.github(*by)?, self.github_login(*to));
                self.world()
                    .transfer_repository(&session, &workflow, &login)
            }
            Move::Gist {
                who,
                with,
                account_of,
            } => {
                let account = self.account_on(&Platform::GITHUB, *account_of);
                let claim = self.link(*who, account);
                let content = claim.to_json();
                let id = match with {
                    With::Own => {
                        let session = self.github(*who)?;
                        self.world().create_gist(&session, content)?
                    }
                    _ => self.with_id(*who, *with, |world, by| world.create_gist(by, content))?,
                };
                self.gists.push((*who, claim, id));
                Ok(())
            }
            Move::DeleteGists { who } => {
                let session = self.github(*who)?;
                let mut world = self.world();
                let account = world.account_of_session(&session)?;
                let number = account.id().and_then(|id| id.as_str().parse().ok());
                let own = world.gists_of(number.ok_or(Refused::Dead)?);
                let own: Vec<String> = own.map(|gist| gist.id().to_owned()).collect();
                own.iter()
                    .try_for_each(|gist| world.delete_gist(&session, gist))
            }
            Move::Approve { who, begun_by } => {
                let session = self.github(*who)?;
                let mut world = self.world();
                let flow = world.begin_device_flow(APP, &[Grant::Gist, Grant::ReadOrg]);
                let flow = flow.map_err(|_| Refused::NotOffered)?;
                world.answer_device_flow(&session, &flow.user_code, true)?;
                let token = world.poll_device_flow(APP, &flow.device_code);
                let token = token.map_err(|_| Refused::NotOffered)?;
                let token = match who == begun_by {
                    true => token,
                    false => world.steal_token(begun_by.person(), &token)?,
                };
                drop(world);
                self.approvals.push((*begun_by, token));
                Ok(())
            }
            Move::Delegate {
                from,
                to,
                package,
                further,
            } => {
                let namespaces: [Namespace; 1] = [package.namespace(home)];
                let mut body =
                    Delegation::new(to.did(), namespaces, Actions::only(Action::Publish));
                if *further {
                    body = body.with_further();
                }
                let signed = sign(SigningRequest::new(body, self.now()), from.key());
                self.world().record_delegation(&signed);
                self.delegations.push(signed);
                Ok(())
            }
            Move::NameRecovery { who } => {
                let account = self.account_on(&home.platform(), *who);
                let claim = PlatformClaim::new(account, Some(did(who.recovery_key())));
                let claim = sign(SigningRequest::new(claim, self.now()), who.key());
                self.shown(&claim);
                Ok(())
            }
            Move::Revoke {
                who,
                what,
                by_recovery,
            } => {
                let key = if *by_recovery {
                    who.recovery_key()
                } else {
                    who.key()
                };
                for revoked in self.revocable(*who, *what) {
                    let request = SigningRequest::new(Revocation::new(revoked), self.now());
                    self.give_revocation(sign(request, key));
                }
                Ok(())
            }
            Move::Reregister { who, then } => {
                if let Ok(session) = self.session(*who) {
                    // The account may have been closed before, and its login still be reserved.
                    drop(self.world().close_account(&session));
                }
                let platform = home.platform();
                let session = self
                    .world()
                    .sign_up_as(then.person(), &platform, who.login())?;
                self.sessions.insert((*then, platform), session);
                Ok(())
            }
            Move::Rename { who, then } => {
                let session = self.github(*who)?;
                let (old, new) = (self.github_login(*who), format!("{}-new", who.login()));
                self.world().rename_account(&session, &new)?;
                let session = self
                    .world()
                    .sign_up_as(then.person(), &Platform::GITHUB, &old)?;
                self.sessions.insert((*then, Platform::GITHUB), session);
                Ok(())
            }
            Move::Ci(one) => self.step_ci(one),
            Move::Wait { hours } => {
                let time = Duration::from_secs(3_600 * u64::from(*hours));
                self.world().wait(time);
                Ok(())
            }
        }
    }
}
