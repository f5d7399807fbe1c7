"""Runs a command on a terminal of its own, types, sends a signal, and says what became of both.

Usage: prompt.py STEPS COMMAND...   with STEPS a JSON list of ["expect", text], ["type", text], ["signal", name].
Prints {"code", "shown", "echo"}; the code is negative where a signal ended it, and `echo` is the terminal's, afterwards.
"""

import json
import os
import pty
import select
import signal
import sys
import termios
import time


def main(steps, command):
    # Held open here, so that the terminal's settings can be read after the command has ended.
    master, slave = pty.openpty()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.close(os.open(os.ttyname(slave), os.O_RDWR))
        for fd in (0, 1, 2):
            os.dup2(slave, fd)
        os.execv(command[0], command)
    shown, seen, end = b"", 0, time.monotonic() + 60

    def read(wait):
        nonlocal shown
        if select.select([master], [], [], wait)[0]:
            shown += os.read(master, 65536)

    for kind, what in steps:
        if kind == "expect":
            while what.encode() not in shown[seen:]:
                if time.monotonic() > end:
                    sys.exit(f"{what!r} was not shown: {shown!r}")
                read(0.1)
            seen = shown.index(what.encode(), seen) + len(what)
        elif kind == "type":
            os.write(master, what.encode())
            # The kernel hands on what was typed in its own time, and nothing tells when it has. A signal must not overtake it.
            time.sleep(0.3)
        else:
            os.kill(child, getattr(signal, what))
    status = None
    while status is None and time.monotonic() < end:
        read(0.05)
        pid, raw = os.waitpid(child, os.WNOHANG)
        status = os.waitstatus_to_exitcode(raw) if pid else None
    if status is None:
        os.kill(child, signal.SIGKILL)
        sys.exit(f"it did not end: {shown!r}")
    read(0.2)
    echo = bool(termios.tcgetattr(slave)[3] & termios.ECHO)
    print(json.dumps({"code": status, "shown": shown.decode(), "echo": echo}))


main(json.loads(sys.argv[1]), sys.argv[2:])
