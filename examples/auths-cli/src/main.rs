//! The `auths` command: may the holder of this key speak for this package, and what would an attacker have had to steal?
//!
//! This is a thin front end. It reads arguments, plugs the adapters into the ports of `auths-core`, and prints core's answers. It
//! decides nothing.
#![forbid(unsafe_code)]

mod answer;
mod args;
mod commands;
mod evidence;
mod exit;
mod failure;
mod files;
mod guard;
mod home;
mod keys;
mod output;
mod page;
mod passphrase;
mod policy;
mod progress;
mod registry;
mod revocations;
mod secret;
mod servers;
mod settings;
mod tables;
mod token;
mod when;

use std::process::ExitCode;

use crate::args::{Cli, SecretArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

fn main() -> ExitCode {
    let (cli, output, suspects) = match args::parse(std::env::args_os()) {
        Ok(parsed) => parsed,
        Err(exit) => return exit.into(),
    };
    output::quiet_panics();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::internal(format!("the runtime did not start: {error}"));
            return output.failure(&failure).into();
        }
    };
    let exit = runtime.block_on(run(cli, output, suspects));
    // Work that still runs was interrupted, and is not waited for.
    runtime.shutdown_background();
    exit.into()
}

/// Runs the command until it is done or interrupted.
async fn run(cli: Cli, output: Output, suspects: SecretArguments) -> Exit {
    let interrupted = interrupt();
    let command = tokio::spawn(async move {
        match commands::run(cli, &output).await {
            Ok(exit) => exit,
            Err(failure) => output.failure(&failure.without(&suspects)),
        }
    });
    tokio::select! {
        done = command => done.unwrap_or_else(|_| {
            output.failure(&Failure::internal("the command ended in an error of this program"))
        }),
        () = interrupted => {
            passphrase::restore_terminal();
            output::hold_for_exit();
            Exit::Interrupted
        }
    }
}

/// Waits for the user or the system to end the program. Listens from the call on, not from the first wait.
#[cfg(unix)]
fn interrupt() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).ok();
    let mut interrupt = listen(SignalKind::interrupt());
    let mut terminate = listen(SignalKind::terminate());
    async move {
        tokio::select! {
            Some(Some(())) = received(&mut interrupt) => {}
            Some(Some(())) = received(&mut terminate) => {}
            else => std::future::pending().await,
        }
    }
}

/// Returns the next signal; `None` where it cannot be listened for.
#[cfg(unix)]
async fn received(signal: &mut Option<tokio::signal::unix::Signal>) -> Option<Option<()>> {
    Some(signal.as_mut()?.recv().await)
}

/// Waits for the user to end the program.
#[cfg(not(unix))]
async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
