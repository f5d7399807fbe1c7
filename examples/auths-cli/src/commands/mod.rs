//! One file a command.

mod explain;
mod id_keys;
mod shell;

use crate::args::{Cli, Command, Global, Id};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// What every command is given.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) output: Output,
}

/// Runs one command.
pub(crate) async fn run(cli: Cli, output: &Output) -> Result<Exit, Failure> {
    let context = Context {
        global: cli.global,
        output: *output,
    };
    match cli.command {
        Command::Id(Id::New { name, recovery }) => id_keys::new(&context, name, recovery).await,
        Command::Id(Id::Show { name }) => id_keys::show(&context, &name).await,
        Command::Id(Id::List) => id_keys::list(&context).await,
        Command::Explain(what) => explain::run(&context, &what),
        Command::Completions { shell } => Ok(shell::completions(&context, shell)),
        Command::Man => shell::man(&context),
        _ => Err(Failure::usage("not built yet")),
    }
}
