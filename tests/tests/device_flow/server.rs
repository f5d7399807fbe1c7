//! The server of `tests/peers/oauth.mjs`, for as long as it is held.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use auths_core::Origin;
use auths_tests::root;

pub(crate) struct OAuthServer {
    child: Child,
    talk: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    origin: Origin,
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

impl OAuthServer {
    /// Starts one whose codes live so many seconds.
    pub(crate) fn start(life: u32) -> Self {
        let mut child = Command::new("node")
            .arg(root().join("tests/peers/oauth.mjs"))
            .arg(peers())
            .arg(life.to_string())
            .env("NODE_ENV", "test")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("node does not start: {e}"));
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut port = String::new();
        output.read_line(&mut port).unwrap();
        let origin = format!("http://127.0.0.1:{}", port.trim());
        Self {
            child,
            talk: Mutex::new((input, output)),
            origin: origin.parse().unwrap(),
        }
    }

    pub(crate) fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// Gives a command, and waits until it is done.
    pub(crate) fn tell(&self, command: &str) {
        let mut talk = self.talk.lock().unwrap();
        let (input, output) = &mut *talk;
        writeln!(input, "{command}").unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim(), "done", "{command}");
    }
}

impl Drop for OAuthServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
