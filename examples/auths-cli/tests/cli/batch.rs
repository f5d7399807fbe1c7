//! `auths namespace check --batch`.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use auths_testkit::server::{Reply, Server};
use serde_json::Value;

use crate::sandbox::{Run, Sandbox, status};
use crate::schema;
use crate::world::{Pypi, nobody, sixty_days_ago};

fn lines(run: &Run) -> Vec<Value> {
    let lines: Vec<Value> = run
        .out
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    for line in &lines {
        schema::check("namespace-check", line);
    }
    lines
}

#[test]
fn every_line_has_its_answer_in_order() {
    let pypi = Pypi::serve(sixty_days_ago().0);
    let sandbox = Sandbox::new().asking(pypi.origin());
    let list = "pypi:six\tgutworth\nnonsense\npypi:seven\tgutworth\r\n\ngem:left-pad\tx\npypi:Six\tmallory\n\u{202e}\tx\npypi:six\tgutworth";
    let file = sandbox.file("list.tsv", list);
    let run = sandbox.run(&["namespace", "check", "--batch", &file, "--json"]);
    let lines = lines(&run);
    let seen: Vec<_> = lines
        .iter()
        .map(|l| (l["line"].as_u64().unwrap(), l["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(
        seen,
        [
            (1, "confirmed"),
            (2, "invalid"),
            (3, "refuted"),
            (5, "invalid"),
            (6, "refuted"),
            (7, "invalid"),
            (8, "confirmed"),
        ]
    );
    assert_eq!(run.code, 2, "the worst of them");
    assert!(
        run.err.contains("2 confirmed, 3 invalid, 2 refuted"),
        "{}",
        run.err
    );
    let six = pypi
        .server
        .requests()
        .iter()
        .filter(|r| r.path == "/pypi/six/json")
        .count();
    assert_eq!(six, 1, "one question a package");
    let text = sandbox.run(&["namespace", "check", "--batch", &file]);
    assert_eq!(text.out.lines().count(), 7);
}

#[test]
fn the_exit_status_is_the_worst() {
    let pypi = Pypi::serve(sixty_days_ago().0);
    let sandbox = Sandbox::new().asking(pypi.origin());
    let run = |list: &str| {
        sandbox.run_with(
            &["namespace", "check", "--batch", "-", "--json"],
            list.as_bytes(),
        )
    };
    assert_eq!(run("pypi:six\tgutworth\n").code, 0);
    assert_eq!(run("pypi:six\tgutworth\npypi:six\tmallory\n").code, 1);
    assert_eq!(run("").code, 2);
    let offline = Sandbox::new().asking(nobody());
    let run = offline.run_with(
        &["namespace", "check", "--batch", "-", "--json"],
        b"pypi:six\tgutworth\n",
    );
    assert_eq!(run.code, 3);
    assert_eq!(status(&lines(&run)[0]), 3);
    let missing = sandbox.json(
        "failure",
        &["namespace", "check", "--batch", "/nowhere/list"],
    );
    assert_eq!(missing["outcome"], "invalid");
}

/// Forty packages, and a registry that throttles: those that were under way, and not one more.
#[test]
fn a_registry_that_throttles_is_asked_no_further() {
    for named in [None, Some("0"), Some("120")] {
        let server = Server::start(move |_| match named {
            Some(named) => Reply::status(429).header("retry-after", named),
            None => Reply::status(429),
        });
        let sandbox = Sandbox::new().asking(server.origin());
        let list: String = (0..40).map(|i| format!("pypi:p{i}\tgutworth\n")).collect();
        let file = sandbox.file("list.tsv", list);
        let run = sandbox.run(&[
            "namespace",
            "check",
            "--batch",
            &file,
            "--json",
            "--concurrency",
            "2",
        ]);
        let lines = lines(&run);
        assert_eq!((lines.len(), run.code), (40, 3));
        let longest = named.map_or(60, |named| named.parse::<u64>().unwrap().max(60));
        for line in lines {
            assert_eq!(line["reason"], "rate-limited", "{line:#}");
            let wait = line["retry_after_s"].as_u64().unwrap();
            assert!(wait > 0 && wait <= longest, "{line:#}");
        }
        assert!(server.request_count() <= 2, "{}", server.request_count());
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_complete_lines_only() {
    let (world, _) = sixty_days_ago();
    let pypi = Pypi::serve_with(world, |request, reply| {
        // The first packages answer at once, the others never in time.
        let fast = request.path.starts_with("/pypi/six/");
        if fast {
            reply
        } else {
            reply.delay(Duration::from_secs(60))
        }
    });
    let sandbox = Sandbox::new().asking(pypi.origin());
    let mut list = "pypi:six\tgutworth\npypi:six\tmallory\n".to_owned();
    for i in 0..50 {
        list.push_str(&format!("pypi:slow{i}\tgutworth\n"));
    }
    let file = sandbox.file("list.tsv", list);
    let mut child = sandbox
        .command(&[
            "namespace",
            "check",
            "--batch",
            &file,
            "--json",
            "--concurrency",
            "2",
        ])
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    for _ in 0..2 {
        out.read_line(&mut text).unwrap();
    }
    let pid = child.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    std::io::Read::read_to_string(&mut out, &mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        schema::check("namespace-check", &serde_json::from_str(line).unwrap());
    }
    assert_eq!(text.lines().count(), 2);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let pypi = Pypi::serve(sixty_days_ago().0);
    let sandbox = Sandbox::new().asking(pypi.origin());
    let file = sandbox.file("list.tsv", "pypi:six\tgutworth\n".repeat(2_000));
    let mut child = sandbox
        .command(&["namespace", "check", "--batch", &file, "--json"])
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let run = Run::new(child.wait_with_output().unwrap());
    assert_eq!(run.code, 3, "what nobody read is not a yes: {}", run.err);
}

#[test]
fn a_list_without_a_question_is_no_yes() {
    let sandbox = Sandbox::new().asking(nobody());
    for list in ["", "\n\r\n", "\u{feff}\n"] {
        let args = ["namespace", "check", "--batch", "-", "--json"];
        let run = sandbox.run_with(&args, list.as_bytes());
        assert_eq!(run.json("failure")["outcome"], "invalid", "{list:?}");
    }
}

#[test]
fn a_list_that_is_not_there_is_answered_in_one_line() {
    let args = ["namespace", "check", "--batch", "/nowhere/list", "--json"];
    let run = Sandbox::new().run(&args);
    assert_eq!(run.json("failure")["outcome"], "invalid");
    assert_eq!(run.out.lines().count(), 1);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_line() {
    let pypi = Pypi::serve(sixty_days_ago().0);
    let sandbox = Sandbox::new().asking(pypi.origin());
    let args = ["namespace", "check", "--batch", "-", "--json"];
    let run = sandbox.run_with(&args, "\u{feff}pypi:six\tgutworth\n".as_bytes());
    assert_eq!(run.code, 0, "{}", run.out);
    assert_eq!(lines(&run)[0]["line"], 1);
}
