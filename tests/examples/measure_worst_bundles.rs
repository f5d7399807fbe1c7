//! Measures what the worst bundle of each ecosystem costs: requests, processor time and memory of the process that checks it.
//!
//! `cargo run --release -p auths-tests --example measure_worst_bundles` prints a table, and ends with 1 when a target is missed:
//! the requests of the limits, a second of processor time, 100 MB. The servers run in this process, the check in one of its own,
//! so that what the servers take is not counted. Linux only: it reads `/proc`.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement: it prints, and ends where something cannot be set up"
)]

use std::process::{Command, ExitCode};

use auths_core::use_cases::VerificationLimits;
use auths_core::{Bundle, Origin};
use auths_tests::worst::{MOST, Weight, Worst};

/// The targets: processor time in milliseconds, memory in KiB.
const MAX_CPU_MS: u64 = 1_000;
const MAX_KIB: u64 = 100_000_000 / 1024;

/// As large as each server's answers may be, and more releases than are ever read.
fn heavy(worst: Worst) -> Weight {
    let (releases, padding) = match worst {
        Worst::PyPi => (4_000, 1_000_000),
        Worst::Npm => (4_000, 15_000),
        Worst::CratesIo => (2_000, 5_000),
        Worst::GitHub => (1, 0),
    };
    Weight {
        releases,
        padding,
        acts: MOST,
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [name, origin, file] = arguments.as_slice() {
        check(name, origin, file);
        return ExitCode::SUCCESS;
    }
    println!(
        "{:<10} {:>9} {:>9} {:>9}  answer",
        "", "requests", "cpu ms", "KiB"
    );
    let mut is_good = true;
    for worst in Worst::ALL {
        let weight = heavy(worst);
        let server = worst.serve(weight);
        let life = runtime().block_on(worst.life_there(&server.origin()));
        let bundle = worst.bundle(&server.origin(), life, weight).to_json();
        let before = server.request_count();
        let file = std::env::temp_dir().join(format!("auths-worst-{}.json", std::process::id()));
        std::fs::write(&file, &bundle).unwrap();
        let checking = Command::new(std::env::current_exe().unwrap())
            .args([worst.name(), &server.origin().to_string()])
            .arg(&file)
            .output();
        std::fs::remove_file(&file).unwrap();
        let said = String::from_utf8(checking.unwrap().stdout).unwrap();
        let mut parts = said.trim().splitn(3, ' ');
        let cpu: u64 = parts.next().unwrap().parse().unwrap();
        let kib: u64 = parts.next().unwrap().parse().unwrap();
        let requests = server.request_count() - before;
        let answer = parts.next().unwrap_or_default();
        println!(
            "{:<10} {requests:>9} {cpu:>9} {kib:>9}  {answer}",
            worst.name()
        );
        is_good &= requests <= VerificationLimits::default().requests as usize;
        is_good &= cpu <= MAX_CPU_MS && kib <= MAX_KIB;
    }
    match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Checks one bundle in this process, and prints what that took.
fn check(name: &str, origin: &str, file: &str) {
    let worst = Worst::ALL.into_iter().find(|w| w.name() == name).unwrap();
    let origin: Origin = origin.parse().unwrap();
    let bundle = Bundle::parse(&std::fs::read(file).unwrap()).unwrap();
    let decision =
        runtime().block_on(worst.verify(&bundle, &origin, VerificationLimits::default()));
    let reason = decision.reason().map_or("none", |r| r.name());
    println!(
        "{} {} {} ({reason})",
        processor_ms(),
        peak_kib(),
        decision.outcome()
    );
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().build().unwrap()
}

/// Of all threads of this process so far, in user and kernel: `/proc/self/stat` counts hundredths of a second.
fn processor_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let rest = stat.rsplit(')').next().unwrap();
    let field = |n: usize| {
        rest.split_whitespace()
            .nth(n)
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    (field(11) + field(12)) * 10
}

/// The most memory that this process has had.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
