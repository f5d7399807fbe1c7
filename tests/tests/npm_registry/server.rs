//! A real npm registry server on 127.0.0.1, and the real npm client against it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use auths_core::Origin;
use auths_testkit::server::{Reply, Server};
use serde_json::{Value, json};

/// Stopped, and its files deleted, when dropped.
pub(crate) struct Registry {
    process: Child,
    port: u16,
    folder: PathBuf,
}

/// An account, and the folder where its npm client lives.
pub(crate) struct Publisher<'a> {
    registry: &'a Registry,
    home: PathBuf,
}

const CONFIG: &str = "\
storage: ./storage
auth:
  htpasswd:
    file: ./htpasswd
uplinks: {}
packages:
  '**':
    access: $all
    publish: $authenticated
    unpublish: $authenticated
web:
  enable: false
log: { type: stdout, format: json, level: error }
";

impl Registry {
    /// Starts the server on a free port, in a folder of its own.
    pub(crate) fn start(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("npm-{name}"));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.yaml"), CONFIG).unwrap();
        let port = free_port();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let process = Command::new("node")
            .arg(peers().join("node_modules/verdaccio/bin/verdaccio"))
            .args(["-c", "config.yaml", "-l", &format!("127.0.0.1:{port}")])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let registry = Self {
            process,
            port,
            folder,
        };
        registry.wait();
        registry
    }

    fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        while self.ask("GET", "/-/ping", None).is_none() {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(
                Instant::now() < end,
                "the registry does not answer: {}",
                log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Where it is.
    pub(crate) fn origin(&self) -> Origin {
        format!("http://127.0.0.1:{}", self.port).parse().unwrap()
    }

    /// A front that adds what this server lacks beside npm's own: the maintainers of every package.
    pub(crate) fn with_maintainers(&self, logins: &[&str]) -> Server {
        let maintainers: Vec<_> = logins.iter().map(|name| json!({ "name": name })).collect();
        let port = self.port;
        Server::start(move |request| {
            let Some(mut answer) = ask(port, "GET", &request.path, None) else {
                return Reply::status(502);
            };
            let status = if answer.get("error").is_some() {
                404
            } else {
                200
            };
            if status == 200 {
                answer["maintainers"] = json!(maintainers);
            }
            Reply::json(status, answer)
        })
    }

    /// What it answers, when that is JSON.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Value> {
        ask(self.port, method, path, body)
    }
    /// Makes an account, with an npm client that is signed in.
    pub(crate) fn publisher(&self, login: &str) -> Publisher<'_> {
        let path = format!("/-/user/org.couchdb.user:{login}");
        let account =
            json!({ "name": login, "password": "of the test alone", "email": "a@npm.example" });
        let made = self.ask("PUT", &path, Some(&account)).unwrap();
        let token = made["token"].as_str().unwrap();
        let home = self.folder.join(format!("home-{login}"));
        std::fs::create_dir_all(&home).unwrap();
        let origin = self.origin();
        let rc = format!(
            "registry={origin}/\n//127.0.0.1:{}/:_authToken={token}\nupdate-notifier=false\nfund=false\naudit=false\n",
            self.port
        );
        std::fs::write(home.join(".npmrc"), rc).unwrap();
        Publisher {
            registry: self,
            home,
        }
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Publisher<'_> {
    /// Publishes this `package.json`, and nothing else.
    pub(crate) fn publish(&self, package: &Value, more: &[&str]) {
        let folder = self.home.join("package");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("package.json"), package.to_string()).unwrap();
        let mut args = vec!["publish", "--access", "public"];
        args.extend(more);
        self.npm_in(&folder, &args);
    }

    /// Runs the real client.
    pub(crate) fn npm(&self, args: &[&str]) -> String {
        self.npm_in(&self.home, args)
    }

    fn npm_in(&self, folder: &Path, args: &[&str]) -> String {
        let output: Output = Command::new("npm")
            .args(args)
            .current_dir(folder)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", &self.home)
            .env("npm_config_userconfig", self.home.join(".npmrc"))
            .env("npm_config_cache", self.registry.folder.join("cache"))
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "npm {args:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn ask(port: u16, method: &str, path: &str, body: Option<&Value>) -> Option<Value> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.0\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    serde_json::from_str(body).ok()
}

fn peers() -> PathBuf {
    match std::env::var_os("AUTHS_TEST_PEERS") {
        Some(peers) => peers.into(),
        None => panic!(
            "AUTHS_TEST_PEERS is not set: tests/run installs those servers and sets it; by hand, target/peers"
        ),
    }
}

/// Free a moment ago; nothing else on this machine is likely to take it before the server does.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
