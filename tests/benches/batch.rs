//! Ten thousand questions about a thousand packages at once, against a bare client that makes the thousand requests.
//!
//! `cargo bench -p auths-tests` measures with criterion and ends with the ratio, the requests and the memory. The server is on
//! loopback and waits 20 ms before each answer, as a network would.
#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark: it reads what criterion wrote, and prints"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use auths_adapters_pypi::{PyPi, PyPiConfig};
use auths_core::ports::{NamespaceVerifier, Store};
use auths_core::use_cases::{ListingQuery, check_many};
use auths_core::{Account, Namespace, Origin, Policy};
use auths_http::{SystemClock, TokioSleeper, Transport, TransportConfig};
use auths_keystore::{FileStore, RecordKey};
use auths_testkit::server::{Reply, Server};
use criterion::Criterion;
use futures_util::StreamExt;
use serde_json::json;

const PACKAGES: usize = 1_000;
const LINES: usize = 10_000;
const AT_ONCE: usize = 32;

/// A project as large as an ordinary one, with alice as its owner.
fn project(path: &str) -> Option<serde_json::Value> {
    let name = path.strip_prefix("/pypi/")?.strip_suffix("/json")?;
    let file = |n: usize| json!([{ "upload_time_iso_8601": format!("2025-01-{n:02}T08:00:00.000000Z"), "yanked": false }]);
    let releases: serde_json::Map<_, _> = (1..29).map(|n| (format!("1.{n}"), file(n))).collect();
    Some(json!({
        "info": { "name": name, "version": "1.28", "project_urls": null, "keywords": null, "description": "a ".repeat(4_000) },
        "last_serial": 7,
        "releases": releases,
        "ownership": { "roles": [{ "role": "Owner", "user": "alice" }], "organization": null },
    }))
}

fn serve() -> Server {
    Server::start(|request| match project(&request.path) {
        Some(answer) => Reply::json(200, answer)
            .etag("\"7\"")
            .delay(Duration::from_millis(20)),
        None => Reply::status(404),
    })
}

fn name(n: usize) -> String {
    format!("package-{n}")
}

/// What a process has: a transport and an adapter of its own, over the store that outlives it.
fn process(origin: &Origin, store: &Path) -> Arc<dyn NamespaceVerifier> {
    let store: Arc<dyn Store> = Arc::new(FileStore::new(
        store,
        RecordKey::in_dir(store.with_extension("keys")),
    ));
    let (clock, sleeper) = (Arc::new(SystemClock), Arc::new(TokioSleeper));
    let config = TransportConfig::default().with_max_concurrent(AT_ONCE);
    let transport = Transport::new(config, clock, sleeper, store.clone()).unwrap();
    Arc::new(PyPi::new(PyPiConfig::at(origin.clone()), transport))
}

fn questions(origin: &Origin) -> Vec<ListingQuery> {
    let alice: Account = "pypi:alice".parse().unwrap();
    let alice = alice.at(Some(origin.clone()));
    let question = |n: usize| {
        let name: Namespace = format!("pypi:{}", name(n % PACKAGES)).parse().unwrap();
        ListingQuery::new(name.at(Some(origin.clone())), alice.clone())
    };
    (0..LINES).map(question).collect()
}

/// All the answers are a yes.
async fn ask_all(origin: &Origin, store: &Path) {
    let verifier = process(origin, store);
    let (policy, now) = (Policy::standard(), SystemClock.now());
    let answers = check_many(verifier, questions(origin), policy, now, AT_ONCE);
    let yes = answers.filter(|(_, answer)| std::future::ready(answer.is_ok()));
    assert_eq!(yes.count().await, LINES);
}

/// The floor: the requests of the batch, and nothing else.
async fn ask_barely(origin: &Origin) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answers = futures_util::stream::iter(0..PACKAGES).map(|n| {
        let asking = client.get(format!("{origin}/pypi/{}/json", name(n))).send();
        async move { asking.await.unwrap().bytes().await.unwrap().len() }
    });
    assert_eq!(answers.buffer_unordered(AT_ONCE).count().await, PACKAGES);
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("auths-batch-{}-{name}", std::process::id()));
        let folder = Self(folder);
        folder.remove();
        folder
    }
}

impl Folder {
    /// The records, and beside them their key.
    fn remove(&self) {
        let _ = std::fs::remove_dir_all(&self.0);
        let _ = std::fs::remove_dir_all(self.0.with_extension("keys"));
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.remove();
    }
}

fn batch(c: &mut Criterion) {
    let server = serve();
    let origin = server.origin();
    let runtime = runtime();
    let mut group = c.benchmark_group("batch");
    group.sample_size(10);
    group.bench_function("floor", |b| {
        b.iter(|| runtime.block_on(ask_barely(&origin)));
    });
    group.bench_function("first", |b| {
        b.iter_with_large_drop(|| {
            let folder = Folder::new("first");
            runtime.block_on(ask_all(&origin, &folder.0));
            folder
        });
    });
    let kept = Folder::new("again");
    runtime.block_on(ask_all(&origin, &kept.0));
    group.bench_function("again", |b| {
        b.iter(|| runtime.block_on(ask_all(&origin, &kept.0)));
    });
    // What a file costs differs between disks by a hundred times.
    let records = records(&kept.0);
    group.bench_function("files", |b| {
        b.iter_with_large_drop(|| {
            let folder = Folder::new("files");
            std::fs::create_dir(&folder.0).unwrap();
            for (n, record) in records.iter().enumerate() {
                let (made, kept) = (folder.0.join("made"), folder.0.join(n.to_string()));
                std::fs::write(&made, record).unwrap();
                std::fs::rename(&made, kept).unwrap();
            }
            folder
        });
    });
    group.finish();
}

/// What a store keeps, file by file.
fn records(store: &Path) -> Vec<Vec<u8>> {
    let in_folder = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let collections = in_folder(store).into_iter();
    let files = collections.flat_map(|collection| in_folder(&collection));
    files.map(|file| std::fs::read(file).unwrap()).collect()
}

/// What criterion measured, in nanoseconds.
fn measured(of: &str) -> Option<f64> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    let text =
        std::fs::read_to_string(target.join("criterion").join(of).join("new/estimates.json"));
    let estimates: serde_json::Value = serde_json::from_str(&text.ok()?).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}

fn summary() {
    println!("\nratios (target)");
    if let (Some(floor), Some(first), Some(again), Some(files)) = (
        measured("batch/floor"),
        measured("batch/first"),
        measured("batch/again"),
        measured("batch/files"),
    ) {
        println!(
            "10,000 questions / 1,000 requests  {:.3}  (at most 1.25); without what making its files takes alone, {:.3}",
            first / floor,
            (first - files) / floor
        );
        println!("the same, nothing changed          {:.3}", again / floor);
    }
    let (server, folder) = (serve(), Folder::new("summary"));
    let (origin, runtime) = (server.origin(), runtime());
    for what in ["first", "again"] {
        let before = server.requests().len();
        let used = allocation_counter::measure(|| runtime.block_on(ask_all(&origin, &folder.0)));
        let requests = server.requests();
        let requests = &requests[before..];
        let conditional = requests
            .iter()
            .filter(|r| r.header("if-none-match").is_some());
        println!(
            "{what}: {} requests, {} of them conditional; at most {:.1} MiB at once  (1,000; under 64)",
            requests.len(),
            conditional.count(),
            used.bytes_max as f64 / (1 << 20) as f64,
        );
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    batch(&mut criterion);
    criterion.final_summary();
    // Under `--test` nothing is measured.
    if std::env::args().any(|arg| arg == "--bench") && !std::env::args().any(|arg| arg == "--test")
    {
        summary();
    }
}
