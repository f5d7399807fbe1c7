#!/usr/bin/env python3
"""Runs the test programs that cargo built, several at a time, and adds up what their own summaries say.

    programs.py --target DIR [--only PACKAGE]... [--no-peers] LISTING[:NAME=VALUE]...

LISTING is a file of messages of `cargo test --no-run --message-format=json`; NAME=VALUE is set in the environment of its
programs. `--only` runs the programs of these packages alone, and `--no-peers` leaves out those that talk to the servers of
tests/peers (`package.metadata.peers` in Cargo.toml names them). The examples in the documentation are one more program,
beside the others.

Each program is reported when it ends; what it printed is shown where it failed, and kept in tests.log where it passed. What a test
says that it left out, in a line with `left out: `, is shown at the end.
"""

import argparse
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

# The one authority for TLS that the programs find on the machine; nobody has its key. A machine has some hundred and fifty, which
# every client would read and check; what a test must trust, it brings along.
AUTHORITIES = {"SSL_CERT_FILE": str(Path(__file__).resolve().with_name("nobody.pem"))}
OTHER_AUTHORITIES = "SSL_CERT_DIR"
# A program that takes longer hangs: it is ended, and has failed.
MOST_SECONDS = 900
LEFT_OUT = re.compile(r"left out: .*")
RESULT = re.compile(r"^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored", re.MULTILINE)


class Program:
    """One thing to run: a test program, or cargo with the examples in the documentation."""

    def __init__(self, name, command, folder, env, has_parts=False):
        self.name, self.command, self.folder, self.env, self.has_parts = name, command, folder, env, has_parts

    def run(self):
        began = time.monotonic()
        inherited = {name: value for name, value in os.environ.items() if name != OTHER_AUTHORITIES}
        # Into a file: a pipe would stay open as long as anything that the program left behind.
        with tempfile.TemporaryFile() as output:
            started = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**inherited, **AUTHORITIES, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            limit = threading.Timer(MOST_SECONDS, os.killpg, [started.pid, signal.SIGKILL])
            limit.start()
            _, status, used = os.wait4(started.pid, 0)
            limit.cancel()
            output.seek(0)
            said = output.read().decode("utf-8", "replace")
        self.seconds = time.monotonic() - began
        self.processor = used.ru_utime + used.ru_stime
        if self.seconds >= MOST_SECONDS:
            said += f"\nended: it took longer than {MOST_SECONDS} seconds\n"
        self.said = said
        # The last summary is the program's own: what a test starts, such as this very program, may print one too. Cargo prints
        # one for each package.
        found = RESULT.findall(said) if self.has_parts else RESULT.findall(said)[-1:]
        self.counts = [sum(map(int, column)) for column in zip(*found)] or [0, 0, 0]
        # A program that printed no summary of its own did not end as a test runner does.
        self.passed = status == 0 and bool(RESULT.search(said)) and self.counts[1] == 0
        return self


def affected(packages, metadata):
    """Returns the named packages and those that depend on them, through any kind of dependency."""
    chosen = set(packages)
    while True:
        more = {
            package["name"]
            for package in metadata["packages"]
            if package["name"] not in chosen and any(d["name"] in chosen for d in package["dependencies"] if d.get("path"))
        }
        if not more:
            return chosen
        chosen |= more


def programs_of(listing, packages, only, no_peers):
    file, *settings = listing.split(":")
    env = dict(setting.split("=", 1) for setting in settings)
    suffix = "".join(f", {setting}" for setting in settings)
    for line in Path(file).read_text().splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("reason") != "compiler-artifact" or not message.get("executable") or not message["profile"]["test"]:
            continue
        target, package = message["target"], packages[message["package_id"]]
        kind, name = target["kind"][0], target["name"]
        # Benchmarks compile; criterion's own runner is not a test.
        if kind == "bench" or (only and package["name"] not in only):
            continue
        if no_peers and name in ((package.get("metadata") or {}).get("peers") or []):
            continue
        folder = str(Path(package["manifest_path"]).parent)
        # What `cargo test` sets, as far as a program can ask for it while it runs.
        own = {"CARGO_MANIFEST_DIR": folder, "CARGO_PKG_NAME": package["name"], "CARGO_PKG_VERSION": package["version"]}
        title = package["name"] if kind in ("lib", "bin") and name.replace("_", "-") == package["name"] else f"{package['name']} {name}"
        yield Program(f"{title}{suffix}", [message["executable"]], folder, {**own, **env})


def documentation(only):
    command = ["cargo", "test", "--locked", "--workspace", "--all-features", "--doc", "--no-fail-fast"]
    if only:
        # The names of these tests begin with the path of their file.
        command += ["--", *sorted(f"{package}/" for package in only)]
    return Program("examples in the documentation", command, os.getcwd(), {}, has_parts=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", required=True, type=Path)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("listings", nargs="+")
    arguments = parser.parse_args()

    metadata = json.loads(
        subprocess.check_output(["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"])
    )
    only = affected(arguments.only, metadata) if arguments.only else set()
    packages = {package["id"]: package for package in metadata["packages"]}
    programs = [documentation(only)]
    for listing in arguments.listings:
        programs += programs_of(listing, packages, only, arguments.no_peers)

    # The longest first, as the last run found them: the end is then not spent waiting for one of them alone.
    times = arguments.target / "test-times.json"
    try:
        known = json.loads(times.read_text())
    except (OSError, ValueError):
        known = {}
    programs.sort(key=lambda program: known.get(program.name, 0), reverse=True)

    jobs = int(os.environ.get("AUTHS_TEST_JOBS", 0)) or os.cpu_count() or 1
    totals, failed, took, left_out = [0, 0, 0], [], dict(known), set()
    with (arguments.target / "tests.log").open("w") as log, concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(program.run) for program in programs]
        for finished in concurrent.futures.as_completed(running):
            program = finished.result()
            totals = [a + b for a, b in zip(totals, program.counts)]
            took[program.name] = round(program.seconds, 1)
            left_out.update(LEFT_OUT.findall(program.said))
            verdict = "ok" if program.passed else "FAILED"
            passed, wrong, skipped = program.counts
            log.write(f"== {program.name}\n{program.said}\n")
            if not program.passed:
                failed.append(program.name)
                print(program.said, end="")
            print(
                f"{verdict:6} {program.seconds:6.1f} s, processor {program.processor:6.1f} s   {program.name}: "
                f"{passed} passed, {wrong} failed, {skipped} skipped",
                flush=True,
            )
    times.write_text(json.dumps(took, indent=1, sort_keys=True))
    for line in sorted(left_out):
        print(line)
    for name in failed:
        print(f"failed: {name}")
    print(f"programs: {len(programs)}, in {arguments.target / 'tests.log'}")
    summary = "{} passed, {} failed, {} skipped".format(*totals)
    print(summary)
    (arguments.target / "tests.summary").write_text(f"{summary}\n")
    sys.exit(1 if failed or totals[0] == 0 else 0)


main()
