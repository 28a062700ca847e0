"""When things break around the gate: an engine that is slow, a month without head office, a clock
that jumps, a branch that comes back from a power-cut."""
import os
import select
import signal
import struct
import threading
import time

from gate_lab import (ACCEPT, ACCESS_REQUEST, BUILD, REJECT, Answer, Client, Gate, Supplicant,
                      attribute, build, hide)

DAY_S = 86400
ENFORCE, PRINTER, IN_USE = 2, 3, 2


def end(gate):
    if gate.process and gate.process.poll() is None:
        gate.process.kill()
    gate.remove()


# ---- an engine that answers, but late ----

class Slow:
    """One worker that runs for a moment every two seconds."""

    def __init__(self, pid):
        self.pid, self.over = pid, threading.Event()
        os.kill(pid, signal.SIGSTOP)
        self.thread = threading.Thread(target=self._limp, daemon=True)
        self.thread.start()

    def _limp(self):
        while not self.over.wait(2):
            os.kill(self.pid, signal.SIGCONT)
            time.sleep(0.1)
            os.kill(self.pid, signal.SIGSTOP)

    def end(self):
        self.over.set()
        self.thread.join()
        os.kill(self.pid, signal.SIGCONT)


def slow_engine(t, world, printer, pc):
    gate = Gate(world)
    try:
        t.check("a gate with two workers starts", gate.start(), gate.log_text()[-1500:])
        workers = gate.workers()
        slow = Slow(workers[0])
        begun = [Client(gate.auth) for _ in range(4)]
        for each in begun:
            each.send(build(ACCESS_REQUEST, 1, [
                attribute(1, "anonymous"), attribute(31, pc), attribute(87, "p2"),
                attribute(79, b"\2\1\0\16\1anonymous")]))
        heard = [each.receive(0.7) for each in begun]
        t.check("conversations of the slow worker hear nothing, the others their challenge",
                0 < sum(h is not None for h in heard) < 4 and
                all(h is None or h[0] == 11 for h in heard), heard)
        time.sleep(1.2)
        took = []
        for _ in range(3):
            began = time.monotonic()
            a = Supplicant(gate, "peap", pc, "alice", "wonderland")
            took.append(time.monotonic() - began if a.ok else None)
        t.check("new ones go to another worker and are quick", all(s and s < 2 for s in took), took)
        sw, late = Client(gate.auth), 0
        for _ in range(40):
            b = sw.mab(printer, seconds=0.5)
            late += not b or b.code != ACCEPT
        t.check("MAC requests are undisturbed", late == 0, late)
        t.check("slow is not dead: the worker stays", set(gate.workers()) == set(workers))
        slow.end()
        gate.stop()
    finally:
        end(gate)


# ---- a month without head office, and a clock that jumps ----

def verdicts(gate, world_macs):
    sw = Client(gate.auth)
    found = {}
    for what, mac in world_macs.items():
        a = sw.mab(mac)
        found[what] = (a.code, a.reason()) if a else None
    return found


def month(t, world, printer, pc, denied, stranger):
    gate = Gate(world)
    shift = gate.dir / "shift"
    shift.write_bytes(bytes(8))

    def move(days):
        with open(shift, "r+b") as f:
            f.write(struct.pack("=q", days * DAY_S * 1000))

    gate.environment = {"LD_PRELOAD": str(BUILD / "tests/scenario/libclock_shift.so"),
                        "CLOCK_SHIFT": str(shift),
                        "ASAN_OPTIONS": "verify_asan_link_order=0:" +
                                        os.environ.get("ASAN_OPTIONS", "")}
    ending = "00-44-00-00-00-01"
    world["terminals"].append({"id": 50, "unit_id": 1, "kind": PRINTER, "status": IN_USE})
    world["macs"].append({"id": 50, "mac": ending, "terminal_id": 50})
    world["permits"].append({"id": 50, "mac": ending, "switch_id": 1,
                             "until_ms": int((time.time() + 10 * DAY_S) * 1000)})
    gate.write_world()
    macs = {"printer": printer, "permit of ten days": ending, "denied": denied,
            "stranger": stranger, "PC": pc}
    try:
        t.check("a gate with a clock of its own starts", gate.start(), gate.log_text()[-1500:])
        before = verdicts(gate, macs)
        t.check("each has its verdict", before == {
            "printer": (ACCEPT, "ok"), "permit of ten days": (ACCEPT, "ok"),
            "denied": (REJECT, "deny-listed"), "stranger": (ACCEPT, "terminal-unknown"),
            "PC": (ACCEPT, "supplicant-missing")}, before)
        t.check("the clock is good", gate.status()["clock_degraded"] is False)
        move(30)
        after = verdicts(gate, macs)
        t.check("when the clock jumps a month every verdict stays", after == before, after)
        a = Supplicant(gate, "peap", pc, "alice", "wonderland")
        t.check("a person's too", a.ok, a.last[-1500:])
        t.check("it is marked degraded, and said",
                gate.status()["clock_degraded"] is True and "the clock jumped" in gate.log_text())
        gate.stop()
        move(29)
        t.check("after a month without head office it starts again", gate.start(),
                gate.log_text()[-1500:])
        after = verdicts(gate, macs)
        t.check("who is known keeps the verdict, who is not is isolated, the deny list holds",
                after == {**before, "permit of ten days": (REJECT, "permit-expired")}, after)
        a = Supplicant(gate, "peap", pc, "alice", "wonderland")
        t.check("a PC that reported a month ago gets in", a.ok, a.last[-1500:])
        s = gate.status()
        t.check("what it rests on is said", s["server"] == "none" and s["snapshot_age_s"] >= 29 * DAY_S,
                s)
        gate.stop()
    finally:
        end(gate)


# ---- a branch comes back from a power-cut ----

PORTS = 2000


def knocks():
    """Per port: MAC, port, the code and reason that are right."""
    for i in range(PORTS):
        if i % 10 == 7:
            yield f"00-77-00-00-{i >> 8:02x}-{i & 255:02x}", ACCEPT, "terminal-unknown"
        elif i % 10 == 8:
            yield f"00-88-00-00-{i >> 8:02x}-{i & 255:02x}", REJECT, "deny-listed"
        elif i % 10 == 9:
            yield f"00-99-00-00-{i >> 8:02x}-{i & 255:02x}", REJECT, "permit-other-port"
        else:
            yield f"02-00-00-00-{i >> 8:02x}-{i & 255:02x}", ACCEPT, "ok"


def power_cut(t):
    all_knocks = list(knocks())
    odd = [(i, mac, reason) for i, (mac, _, reason) in enumerate(all_knocks)]
    world = {
        "rev": 1, "many": PORTS,
        "units": [{"id": 1, "code": "branch", "mode": ENFORCE}],
        "switches": [{"id": 1, "unit_id": 1, "name": "sw1", "address": "127.0.0.1",
                      "secret": "testing123", "vlan_isolation": "99"}],
        "terminals": [{"id": 10000 + i, "unit_id": 1, "kind": PRINTER, "status": IN_USE}
                      for i, _, reason in odd if reason == "permit-other-port"],
        "macs": [{"id": 10000 + i, "mac": mac, "terminal_id": 10000 + i}
                 for i, mac, reason in odd if reason == "permit-other-port"],
        "permits": [{"id": 10000 + i, "mac": mac, "switch_id": 1, "port": "elsewhere"}
                    for i, mac, reason in odd if reason == "permit-other-port"],
        "denies": [{"id": 10000 + i, "mac": mac} for i, mac, reason in odd
                   if reason == "deny-listed"],
    }
    gate = Gate(world, engine=False)
    try:
        gate.start(engine_up=False)
        sockets = [Client(gate.auth) for _ in range(PORTS // 250)]
        waiting = {}
        for i, (mac, code, reason) in enumerate(all_knocks):
            plain = mac.replace("-", "")
            waiting[i // 250, i % 250] = (build(ACCESS_REQUEST, i % 250, lambda auth: [
                attribute(1, plain), attribute(2, hide(plain, "testing123", auth)),
                attribute(31, mac), attribute(87, f"ge-0/0/{i}")]), code, reason)
        began, wrong, again = time.monotonic(), [], 0.0
        while waiting and time.monotonic() - began < 30:
            if time.monotonic() - began >= again:  # as a switch does that heard nothing
                for (at, _), (request, _, _) in waiting.items():
                    sockets[at].send(request)
                again += 3
            ready = select.select([s.socket for s in sockets], [], [], 0.5)[0]
            for at, each in enumerate(sockets):
                while each.socket in ready:
                    data = each.receive(0.001)
                    if not data:
                        break
                    asked = waiting.pop((at, data[1]), None)
                    if asked:
                        a = Answer(data, asked[0])
                        if (a.code, a.reason()) != asked[1:] or not a.proven:
                            wrong.append((data[1], a.code, a.reason(), asked[1:]))
        took = time.monotonic() - began
        t.check(f"{PORTS} ports knock at once and are all answered within 30 s ({took:.1f} s)",
                not waiting and took < 30, len(waiting))
        t.check("each in the right way", not wrong, wrong[:5])
        gate.stop()
    finally:
        end(gate)


def run(t, make_world, printer, pc, denied, stranger):
    slow_engine(t, make_world(3799), printer, pc)
    month(t, make_world(3799), printer, pc, denied, stranger)
    power_cut(t)
