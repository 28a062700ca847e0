"""The desk agent's lab: a gateway behind the wire contract (agent_peer.c), desks with roots of their
own, and cases that are functions whose names are sentences. For agent.test and desk.test."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import sanitizer

ROOT = pathlib.Path(os.environ.get("MENSHEN_ROOT", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("MENSHEN_BUILD", ROOT / "build/asan"))
AGENT, PEER = BUILD / "src/agent/menshen-agent", BUILD / "tests/scenario/agent_peer"
CODE = "K7QF-2M9X-TDRA"
GOOD, BAD = 1, 2


def wait_for(condition, seconds=20):
    """What the condition gives once it is true; its last word otherwise."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.05)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Gateway:
    """agent_peer, its output kept in `lines`."""

    def __init__(self, folder, life_s=86400, host="127.0.0.1", before=()):
        self.folder, self.life_s, self.host, self.port = folder, life_s, host, free_port()
        self.lines, self.before = [], before
        folder.mkdir(parents=True, exist_ok=True)
        self.start()

    def start(self):
        self.process = subprocess.Popen([*self.before, PEER, self.folder, f"{self.host}:{self.port}",
                                         str(self.life_s)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True).start()
        self.expect("ready", 1)

    def _read(self, stream):
        for line in stream:
            self.lines.append(line.rstrip("\n"))

    def tell(self, command):
        done = len(self.find("done"))
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        wait_for(lambda: len(self.find("done")) > done)

    def find(self, start):
        return [line for line in list(self.lines) if line.startswith(start)]

    def expect(self, start, count=1, seconds=20):
        return wait_for(lambda: len(self.find(start)) >= count, seconds)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)

    def events(self, kind=""):
        """(terminal and epoch, seq, kind, body) of each event that was made durable."""
        log = self.folder / "events.log"
        rows = [line.split(" ", 4) for line in log.read_text().splitlines()] if log.exists() else []
        return [(row[0] + " " + row[1], int(row[2]), row[3], json.loads(row[4])) for row in rows
                if row[3].startswith(kind)]


class Desk:
    """One terminal: its own root, state, configuration, and the agent on it."""

    def __init__(self, folder, gateway, **settings):
        self.folder, self.process = folder, None
        self.root, self.state, self.run = folder / "root", folder / "state", folder / "run"
        self.wpa = folder / "wpa"
        for path in ("proc", "etc", "var/lib/dpkg", "var/lib/clamav", "run/clamav", "usr/sbin"):
            (self.root / path).mkdir(parents=True)
        self.wpa.mkdir()
        (self.root / "etc/passwd").write_text("root:x:0:0::/root:/bin/bash\n"
                                              "li:x:1000:1000:李明,,,:/home/li:/bin/bash\n")
        (self.root / "etc/group").write_text("root:x:0:\nsudo:x:27:li\n")
        self.install({"bash": "5.2", "coreutils": "9.1"})
        self.settings = {"queue_kib": 1024, "guard_s": 1, "inventory_s": 10, "code": "", **settings}
        self.gateway = gateway
        self.configure()

    def configure(self):
        self.conf = self.folder / "agent.conf"
        self.conf.write_text(f"""[server]
addresses = {self.gateway.host}:{self.gateway.port}
ca = {self.gateway.folder}/ca.pem
reconnect_max_s = 1
[agent]
state_dir = {self.state}
run_dir = {self.run}
queue_kib = {self.settings['queue_kib']}
[enrol]
code = {self.settings['code']}
[supplicant]
dir = {self.wpa}
interface = eth0
[guards]
root = {self.root}
period_s = {self.settings['guard_s']}
[inventory]
period_s = {self.settings['inventory_s']}
""")

    def install(self, packages):
        """What dpkg says is installed, all of it."""
        self.packages = dict(packages)
        text = "".join(f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n"
                       f"Version: {version}\n\n" for name, version in packages.items())
        path = self.root / "var/lib/dpkg/status"
        path.with_suffix(".new").write_text(text)
        path.with_suffix(".new").rename(path)

    def call(self, *words, lang="en"):
        return subprocess.run([AGENT, "--config", self.conf, "--lang", lang, *words],
                              capture_output=True, text=True, timeout=60)

    def start(self, *before):
        self.log = open(self.folder / "agent.log", "a")
        self.process = subprocess.Popen([*before, AGENT, "--config", self.conf, "run"],
                                        stderr=self.log)

    def kill(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        code = self.process.wait(20)
        self.process = None
        return code

    def status(self):
        answer = self.call("status", "--json")
        return json.loads(answer.stdout) if answer.stdout.startswith("{") else {}

    def waiting(self):
        return self.status().get("queue", {}).get("waiting", -1)

    def told_packages(self):
        """The packages as a server knows them after every event in turn."""
        known = {}
        for _, _, _, body in self.gateway.events("inventory.packages"):
            if body.get("reset"):
                known = {}
            for item in body.get("remove", []):
                known.pop((item["name"], item["version"]), None)
            for item in body.get("add", []):
                known[(item["name"], item["version"])] = True
        return dict(known.keys())


cases = []


def case(function):
    cases.append(function)
    return function


def sequence_is_whole(gateway):
    """Every epoch counts from 1 without a gap or a double."""
    seen = {}
    for name, seq, _, _ in gateway.events():
        assert seq == seen.get(name, 0) + 1, f"{name}: {seq} after {seen.get(name, 0)}"
        seen[name] = seq
    return seen


def run(function, number):
    top = pathlib.Path(tempfile.mkdtemp(prefix="menshen-agent-"))
    sentence = function.__name__.replace("_", " ")
    skip, failure = None, None
    try:
        skip = function(top)
    except Exception as error:  # a case that breaks off has failed
        failure = f"{type(error).__name__}: {error}"
    log = top / "desk/agent.log"
    failure = sanitizer.said() or failure
    if failure:
        print(f"not ok {number} - {sentence}\n# " + failure.replace("\n", "\n# "))
        for line in (log.read_text() if log.exists() else "").splitlines()[-40:]:
            print("# " + line)
    else:
        print(f"ok {number} - {sentence}" + (f" # SKIP {skip}" if skip else ""))
    sys.stdout.flush()
    stop_children()
    shutil.rmtree(top, ignore_errors=True)
    return failure is None


def stop_children():
    """A failed case leaves its processes to us; only our own children are touched."""
    for entry in pathlib.Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if entry.name.isdigit() and int(fields[1]) == os.getpid() and fields[0] != "Z":
            os.kill(int(entry.name), signal.SIGKILL)


def main():
    wanted = sys.argv[1:]
    chosen = [c for c in cases if not wanted or any(w in c.__name__ for w in wanted)]
    print(f"1..{len(chosen)}")
    if not AGENT.exists() or not PEER.exists():
        for number, function in enumerate(chosen, 1):
            print(f"not ok {number} - {function.__name__.replace('_', ' ')} (not built)")
        return 1
    good = [run(function, number) for number, function in enumerate(chosen, 1)]
    return 0 if all(good) else 1
