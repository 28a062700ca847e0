"""A directory that is down, at units that chose differently: one the last known accounts for three days,
one silence, one nothing. Who proved a password where that counts is let in by it, from the memory of
the EAP engine; head office changes its mind and the engine keeps what it knows."""
import json
import os
import signal
import struct
import subprocess

from directory_lab import BASE, nt_hash
from gate_lab import BUILD, FIXTURE, Gate, HeadOffice, Supplicant, wait_for

METHODS = ("peap", "ttls", "ttls-mschapv2")
BRANCH, QUIET, COUNTER, FAR = 1, 2, 3, 4
DAY_MS = 86_400_000
ENFORCE = 2


def is_silent(gate, mac, name, password, method="peap"):
    a = Supplicant(gate, method, mac, name, password, seconds=2)
    return not a.accepted and not a.rejected and "CTRL-EVENT-EAP-FAILURE" not in a.text and \
        "Received EAP-Failure" not in a.text and "TLV" not in a.text, a.text[-3000:]


def is_let_in(gate, mac, name, password, method="peap"):
    a = Supplicant(gate, method, mac, name, password)
    return a.ok, a.last[-1500:]


def silence_and_proof(t, gate, mac):
    for method in METHODS:
        t.check(f"with both servers killed, who proved the password lately is let in over {method}",
                *is_let_in(gate, mac, "wang", "forbidden city", method))
        t.check(f"another password is met with silence over {method}, for it may be the newest",
                *is_silent(gate, mac, "wang", "wrong", method))
    t.check("a password that a bind proved counts as well, in MSCHAPv2 too, below the unit that chose it",
            *is_let_in(gate, mac, "chen", "great wall", "ttls-mschapv2"))
    t.check("who did not prove it lately is met with silence",
            *is_silent(gate, mac, "wu", "lakeside"))
    t.check("so is an account of a unit that chose silence, whatever the gate's own file says",
            *is_silent(gate, mac, "sun", "tower"))
    t.check("where head office says nothing the gate's own file counts", *is_let_in(gate, mac, "zhao", "x"))
    a = Supplicant(gate, "peap", mac, "ghost", "x")
    t.check("an account that head office does not have is refused as ever",
            a.rejected and a.reason() == "account-unknown", a.last[-1500:])
    status = gate.status()
    t.check("the gate counts both and says so", status["counters"]["last_known"] >= 5 and
            status["counters"]["directory_down"] >= 5 and
            "within the days of their unit is let in" in gate.log_text(), status["counters"])


class Change:
    """What head office says of its units from then on, to a running gate."""

    def __init__(self, gate, office):
        self.gate, self.office = gate, office
        self.file = gate.dir / "changed"

    def say(self, unit, days):
        row = next(u for u in self.gate.world["units"] if u["id"] == unit)
        row["last_known_days"] = days
        subprocess.run([FIXTURE, self.file, self.gate.keys], check=True, text=True,
                       input=json.dumps(self.gate.world))
        return self.office.send(self.gate, signal.SIGUSR2)

    def start(self):
        subprocess.run([FIXTURE, self.file, self.gate.keys], check=True, text=True,
                       input=json.dumps(self.gate.world))
        return self.office.start(self.file / "snapshot")


def soon(what, gate, mac, name, password):
    """Once the engine has read its accounts again."""
    return wait_for(lambda: what(gate, mac, name, password)[0], 30), gate.log_text()[-1500:]


def head_office_changes_its_mind(t, gate, mac, change):
    t.check("head office's word reaches the gate", change.say(BRANCH, 0), gate.log_text()[-1500:])
    t.check("a unit that chooses silence now has it at once, and who stands below it",
            *soon(is_silent, gate, mac, "wang", "forbidden city"))
    t.check("there too", *is_silent(gate, mac, "chen", "great wall", "ttls-mschapv2"))
    t.check("others are remembered beyond that", *is_let_in(gate, mac, "zhao", "x"))
    change.say(QUIET, 3)
    t.check("who proved nothing while it counted is not known afterwards",
            not soon(is_let_in, gate, mac, "sun", "tower")[0])


def make_world(world):
    world["units"] = [
        {"id": BRANCH, "code": "branch", "mode": ENFORCE, "last_known_days": 3},
        {"id": QUIET, "code": "quiet", "parent_id": BRANCH, "mode": ENFORCE, "last_known_days": 0},
        {"id": COUNTER, "code": "counter", "parent_id": BRANCH, "mode": ENFORCE},
        {"id": FAR, "code": "far", "mode": ENFORCE}]
    world["accounts"] = [{"id": i, "name": name, "directory": True, "unit_id": unit} for i, (name, unit)
                         in enumerate((("wang", BRANCH), ("chen", COUNTER), ("wu", BRANCH), ("sun", QUIET),
                                       ("zhao", FAR)), 1)]
    world["pairs"] = [{"id": i, "terminal_id": 1, "account_id": i} for i in range(1, 6)]
    return world


def drop(gate, office):
    if gate.process and gate.process.poll() is None:
        gate.process.kill()
    office.end()
    gate.remove()


def last_known(t, world, mac, servers, more):
    """`servers` run; they are killed, and the first runs again at the end."""
    office = HeadOffice()
    gate = Gate(make_world(world), more=more + "last_known = quiet:5 far:2\n" + office.settings())
    change = Change(gate, office)
    try:
        t.check("a gate of units with a choice starts", change.start() and gate.start(),
                gate.log_text()[-1500:])
        for name, password, method in (("wang", "forbidden city", "peap"), ("chen", "great wall", "ttls"),
                                       ("sun", "tower", "peap"), ("zhao", "x", "peap")):
            t.check(f"{name} proves the password while the directory answers",
                    *is_let_in(gate, mac, name, password, method))
        for each in servers:
            each.stop()
        silence_and_proof(t, gate, mac)
        head_office_changes_its_mind(t, gate, mac, change)
        servers[0].start()
        servers[0].modify(f"dn: uid=wang,ou=people,{BASE}\nchangetype: modify\n"
                          f"replace: sambaNTPassword\nsambaNTPassword: {nt_hash('new palace')}\n")
        t.check("once the directory answers, it has the word: the old password is refused",
                wait_for(lambda: Supplicant(gate, "peap", mac, "wang", "forbidden city",
                                            seconds=2).reason() == "password-wrong", 20),
                gate.log_text()[-1500:])
        gate.stop()
    finally:
        drop(gate, office)


def move_clock(gate, days):
    with open(gate.dir / "shift", "r+b") as f:
        f.write(struct.pack("=q", days * DAY_MS))


def last_known_of_one_server(t, world, mac, server, more):
    """`server` runs, the only one; days pass while it is down."""
    office = HeadOffice()
    gate = Gate(make_world(world), more="\n".join(line for line in more.splitlines() if "server2" not in line) +
                "\n" + office.settings())
    change = Change(gate, office)
    (gate.dir / "shift").write_bytes(bytes(8))
    (gate.dir / "shift").chmod(0o644)
    gate.environment = {"LD_PRELOAD": str(BUILD / "tests/scenario/libclock_shift.so"),
                        "CLOCK_SHIFT": str(gate.dir / "shift"),
                        "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
    try:
        t.check("a gate with one server of the directory starts", change.start() and gate.start(),
                gate.log_text()[-1500:])
        change.say(BRANCH, 30)
        t.check("its accounts are proven", *soon(is_let_in, gate, mac, "wang", "new palace"))
        server.stop()
        t.check("with that one killed the last known account is let in", *is_let_in(gate, mac, "wang", "new palace"))
        move_clock(gate, 2)
        t.check("two days later, too", *is_let_in(gate, mac, "wang", "new palace"))
        change.say(BRANCH, 1)
        t.check("a unit that chooses fewer days has them for what was proven before, too",
                *soon(is_silent, gate, mac, "wang", "new palace"))
        change.say(BRANCH, 3)
        t.check("and more", *soon(is_let_in, gate, mac, "wang", "new palace"))
        move_clock(gate, 4)
        t.check("not beyond them", *is_silent(gate, mac, "wang", "new palace"))
        gate.stop()
    finally:
        drop(gate, office)
