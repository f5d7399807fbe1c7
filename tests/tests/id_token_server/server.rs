//! The server of `tests/peers/id_tokens.mjs`, for as long as it is held.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use auths_tests::root;
use serde_json::Value;

pub(crate) struct IdTokenServer {
    child: Child,
    talk: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    issuer: String,
}

/// The packages of `tests/peers`.
fn peers() -> PathBuf {
    match std::env::var_os("AUTHS_TEST_PEERS") {
        Some(peers) => peers.into(),
        None => panic!(
            "AUTHS_TEST_PEERS is not set: tests/run installs the packages of tests/peers and sets it; by hand, target/peers"
        ),
    }
}

impl IdTokenServer {
    /// Starts one whose tokens are for this audience.
    pub(crate) fn start(audience: &str) -> Self {
        let mut child = Command::new("node")
            .arg(root().join("tests/peers/id_tokens.mjs"))
            .arg(peers())
            .arg(audience)
            .env("NODE_ENV", "test")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("node does not start: {e}"));
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut port = String::new();
        output.read_line(&mut port).unwrap();
        Self {
            child,
            talk: Mutex::new((input, output)),
            issuer: format!("http://127.0.0.1:{}", port.trim()),
        }
    }

    /// Returns the `iss` of its tokens.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Issues a token with these claims beside its own.
    pub(crate) fn issue(&self, claims: &Value) -> String {
        let token = self.tell(&format!("token {claims}"));
        assert!(token.starts_with("eyJ"), "{token}");
        token
    }

    /// Signs with a new key, and shows the old one beside it.
    pub(crate) fn add_key(&self) {
        assert_eq!(self.tell("add"), "done");
    }

    /// Signs with a new key, and shows no other.
    pub(crate) fn replace_keys(&self) {
        assert_eq!(self.tell("replace"), "done");
    }

    /// Gives a command, and returns its answer.
    fn tell(&self, command: &str) -> String {
        let mut talk = self.talk.lock().unwrap();
        let (input, output) = &mut *talk;
        writeln!(input, "{command}").unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        answer.trim().to_owned()
    }
}

impl Drop for IdTokenServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
