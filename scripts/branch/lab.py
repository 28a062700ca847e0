"""Hosts and processes of a lab on one machine: network namespaces, links, daemons.

Everything that a lab makes is written down in its folder as it is made, so that another run can take
it down again: only namespaces with the lab's prefix and only processes that it started, each by pid
and start time.
"""
import json
import os
import pathlib
import signal
import socket
import subprocess
import time


class LabError(Exception):
    """Said to a person: what failed and where to look."""


def run(argv, check=True, **more):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if check and done.returncode:
        raise LabError(f"{' '.join(map(str, argv))}: {done.stdout.strip() or done.returncode}")
    return done.stdout


def start_time(pid):
    """The kernel's own start time of a process, so that a reused pid is not mistaken for ours."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rsplit(")", 1)[1].split()
    return None if fields[0] == "Z" else int(fields[19])


def wait_until(what, condition, seconds=20, step=0.05):
    """Returns the condition's first true value; LabError when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise LabError(f"waited {seconds} s for {what}")
        time.sleep(step)


class Lab:
    def __init__(self, folder, prefix):
        self.folder = pathlib.Path(folder).resolve()
        self.prefix = prefix
        self.logs = self.folder / "log"
        self.file = self.folder / "lab.json"
        self.state = {"namespaces": [], "processes": {}}
        if self.file.exists():
            self.state = json.loads(self.file.read_text())
        self.logs.mkdir(parents=True, exist_ok=True)

    def _save(self):
        beside = self.file.with_suffix(".new")
        beside.write_text(json.dumps(self.state, indent=1))
        beside.rename(self.file)

    # ---- hosts ----

    def ns(self, name):
        return f"{self.prefix}-{name}"

    def host(self, name):
        """A namespace with loopback up and nothing else."""
        full = self.ns(name)
        if full not in self.state["namespaces"]:
            self.state["namespaces"].append(full)
            self._save()
        run(["ip", "netns", "del", full], check=False)
        run(["ip", "netns", "add", full])
        self.ip(name, "link", "set", "lo", "up")

    def ip(self, name, *words):
        return run(["ip", "-n", self.ns(name), *words])

    def link(self, host_a, dev_a, host_b, dev_b, mac_b=None):
        """A cable. Both ends are born in their namespaces: nothing appears on the machine itself."""
        run(["ip", "link", "add", dev_a, "netns", self.ns(host_a), "type", "veth",
             "peer", "name", dev_b, "netns", self.ns(host_b)])
        if mac_b:
            self.ip(host_b, "link", "set", dev_b, "address", mac_b)
        self.ip(host_a, "link", "set", dev_a, "up")
        self.ip(host_b, "link", "set", dev_b, "up")

    def run_in(self, name, argv, check=True, **more):
        return run(["ip", "netns", "exec", self.ns(name), *map(str, argv)], check=check, **more)

    def pings(self, name, address, wait_s=1):
        return "bytes from" in self.run_in(
            name, ["ping", "-c1", f"-W{wait_s}", "-n", address], check=False)

    # ---- processes ----

    def start(self, name, argv, host=None, env=None):
        """Starts a daemon in the background; its output goes to log/NAME.log."""
        if self.alive(name):
            return
        argv = [str(word) for word in argv]
        if host:
            argv = ["ip", "netns", "exec", self.ns(host), *argv]
        with open(self.logs / f"{name}.log", "ab") as log:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     start_new_session=True, env={**os.environ, **(env or {})})
        self.state["processes"][name] = {"pid": child.pid, "start": start_time(child.pid)}
        self._save()

    def pid(self, name):
        known = self.state["processes"].get(name)
        if known and known["start"] is not None and start_time(known["pid"]) == known["start"]:
            return known["pid"]
        return None

    def alive(self, name):
        self._reap()
        return self.pid(name) is not None

    def _reap(self):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass

    def kill(self, name, number):
        pid = self.pid(name)
        if pid:
            os.kill(pid, number)

    def stop(self, name, number=signal.SIGTERM, seconds=10):
        self.kill(name, number)
        try:
            wait_until(f"{name} to end", lambda: not self.alive(name), seconds)
        except LabError:
            self.kill(name, signal.SIGKILL)
            wait_until(f"{name} to die", lambda: not self.alive(name), 5)
        self.state["processes"].pop(name, None)
        self._save()

    def log_tail(self, name, lines=15):
        path = self.logs / f"{name}.log"
        if not path.exists():
            return ""
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])

    def expect_alive(self, name):
        if not self.alive(name):
            raise LabError(f"{name} has ended; the end of {self.logs}/{name}.log:\n{self.log_tail(name)}")

    def down(self):
        """Stops what was started, the latest first; then whatever still lives in our namespaces."""
        for name in reversed(list(self.state["processes"])):
            self.stop(name)
        for full in self.state["namespaces"]:
            for pid in run(["ip", "netns", "pids", full], check=False).split():
                if pid.isdigit():
                    try:
                        os.kill(int(pid), signal.SIGKILL)
                    except ProcessLookupError:
                        pass
            run(["ip", "netns", "del", full], check=False)
        self.state = {"namespaces": [], "processes": {}}
        self._save()


def tcp_answers(address, port):
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False
