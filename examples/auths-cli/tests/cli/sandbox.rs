//! A home, a passphrase, and the binary run in them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use auths_core::ports::{KeyStore, NewKey, new_seed};
use auths_http::SystemClock;
use auths_keystore::{Argon2Cost, FileKeyStore, FixedPassphrase, OsEntropy};
use futures_util::FutureExt;
use serde_json::Value;

use crate::schema;

/// What must never be seen anywhere.
pub(crate) const PASSPHRASE: &str = "hunter2-never-shown";

/// A home of its own.
pub(crate) struct Sandbox {
    dir: tempfile::TempDir,
    env: Vec<(String, String)>,
    args: Vec<String>,
}

/// What a run left behind.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let passphrase = dir.path().join("passphrase");
        std::fs::write(&passphrase, format!("{PASSPHRASE}\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&passphrase, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let file = passphrase.display().to_string();
        Self {
            dir,
            env: vec![("AUTHS_PASSPHRASE_FILE".to_owned(), file)],
            args: Vec::new(),
        }
    }

    /// Makes a home with a device key named `main`, as `id new` does, but at the least cost of its passphrase: most commands
    /// open the key, and opening one that `id new` made takes most of their time.
    pub(crate) fn with_key() -> Self {
        let sandbox = Self::new();
        let passphrase = Arc::new(FixedPassphrase(PASSPHRASE.into()));
        let keys =
            FileKeyStore::with_cost(sandbox.home().join("keys"), passphrase, Argon2Cost::MINIMUM);
        let seed = new_seed(&OsEntropy).unwrap();
        let key = NewKey::new("main".parse().unwrap(), seed, SystemClock.now(), None);
        keys.create(key).now_or_never().unwrap().unwrap();
        sandbox
    }

    /// Asking this server in place of PyPI.
    pub(crate) fn asking(mut self, origin: impl ToString) -> Self {
        self.args = vec![
            "--origin".to_owned(),
            format!("pypi={}", origin.to_string()),
        ];
        self
    }

    /// Asking this server in place of the public one of that name.
    pub(crate) fn origin(mut self, name: &str, origin: impl ToString) -> Self {
        let named = format!("{name}={}", origin.to_string());
        self.args.extend(["--origin".to_owned(), named]);
        self
    }

    /// With a variable in the environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without any passphrase.
    pub(crate) fn without_passphrase(mut self) -> Self {
        self.env.retain(|(name, _)| name != "AUTHS_PASSPHRASE_FILE");
        self
    }

    /// The path of a file beside the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file beside the home.
    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// The files in a directory of the home.
    pub(crate) fn kept(&self, directory: &str) -> Vec<PathBuf> {
        files(&self.home().join(directory))
    }

    /// The files of device keys.
    pub(crate) fn keys(&self) -> Vec<PathBuf> {
        let is_key = |file: &PathBuf| file.extension().is_some_and(|e| e == "authskey");
        self.kept("keys").into_iter().filter(is_key).collect()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auths"));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("AUTHS_") || name == "CI" || name.to_lowercase().ends_with("_proxy")
            {
                command.env_remove(&*name);
            }
        }
        command
            .args(&self.args)
            .args(args)
            .env("AUTHS_HOME", self.home())
            .envs(self.env.iter().map(|(n, v)| (n, v)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::new(self.command(args).output().unwrap())
    }

    pub(crate) fn run_with(&self, args: &[&str], stdin: &[u8]) -> Run {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        // What cannot be run ends before it reads.
        match child.stdin.take().unwrap().write_all(stdin) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
            written => written.unwrap(),
        }
        Run::new(child.wait_with_output().unwrap())
    }

    /// Runs with `--json`, checks the answer against its schema, and the exit status against the outcome.
    pub(crate) fn json(&self, of: &str, args: &[&str]) -> Value {
        let mut all = args.to_vec();
        all.push("--json");
        self.run(&all).json(of)
    }

    /// The DID of the key `main`.
    pub(crate) fn did(&self) -> String {
        self.json("id-key", &["id", "show"])["did"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

impl Run {
    pub(crate) fn new(output: Output) -> Self {
        let run = Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        for text in [&run.out, &run.err] {
            assert!(!text.contains(PASSPHRASE), "the passphrase was shown");
            assert!(!text.contains("panicked"), "{text}");
            let raw = |c: char| c.is_control() && c != '\n' && c != '\t';
            assert!(!text.chars().any(raw), "control characters in {text:?}");
            assert!(
                !text.contains(['\u{202e}', '\u{2066}', '\u{200b}']),
                "{text:?}"
            );
        }
        run
    }

    /// The one document on stdout.
    pub(crate) fn json(&self, of: &str) -> Value {
        let value: Value = serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("{e}: {:?} {:?}", self.out, self.err));
        schema::check(of, &value);
        assert_eq!(self.code, status(&value), "{value:#}");
        value
    }
}

/// The exit status that an outcome stands for.
pub(crate) fn status(answer: &Value) -> i32 {
    match answer["outcome"].as_str().unwrap() {
        "confirmed" | "accepted" | "done" => 0,
        "refuted" | "denied" | "pending" => 1,
        "invalid" => 2,
        "undetermined" | "unavailable" => 3,
        other => panic!("{other}"),
    }
}

pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    entries.map(|e| e.unwrap().path()).collect()
}

/// The Python that has the libraries of `tests/python`.
pub(crate) fn python() -> std::ffi::OsString {
    match std::env::var_os("AUTHS_TEST_PYTHON") {
        Some(python) => python,
        None => panic!(
            "AUTHS_TEST_PYTHON is not set: tests/run makes that Python and sets it; by hand, target/venv/bin/python"
        ),
    }
}
