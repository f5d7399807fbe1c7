//! `auths completions` and `auths man`.

use clap_complete::Shell;

use super::Context;
use crate::args;
use crate::exit::Exit;
use crate::failure::Failure;

/// Prints a completion script.
pub(crate) fn completions(context: &Context, shell: Shell) -> Exit {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "auths", &mut bytes);
    context.output.raw(&String::from_utf8_lossy(&bytes))
}

/// Prints the manual: the main page, and every command's after it.
pub(crate) fn man(context: &Context) -> Result<Exit, Failure> {
    let mut bytes = Vec::new();
    pages(
        args::command().disable_help_subcommand(true),
        "auths",
        &mut bytes,
    )
    .map_err(|e| Failure::internal(e.to_string()))?;
    Ok(context.output.raw(&String::from_utf8_lossy(&bytes)))
}

fn pages(command: clap::Command, name: &str, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    let subcommands: Vec<_> = command.get_subcommands().cloned().collect();
    // Names need a static life in clap. The manual is printed once, right before the end.
    let title: &'static str = Box::leak(name.to_owned().into_boxed_str());
    clap_mangen::Man::new(command.name(title).bin_name(title)).render(bytes)?;
    for sub in subcommands {
        let path = format!("{name} {}", sub.get_name());
        pages(sub, &path, bytes)?;
    }
    Ok(())
}
