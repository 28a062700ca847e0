"""Terminals that know TLS 1.0 alone: the legacy engine serves those registered as XPE, into a
restricted network, and nobody else."""
import subprocess

from gate_lab import Gate, Supplicant, wait_for

PC, XPE, IN_USE, GOOD = 0, 1, 2, 1
PC_MAC, XPE_MAC, STRANGE_MAC = (f"00-11-22-44-66-0{i}" for i in (1, 2, 3))
NORMAL, RESTRICTED = b"10".hex(), b"xpe-only".hex()


def make_world(world):
    good = {"unit_id": 1, "status": IN_USE, "posture": GOOD,
            "posture_at_ms": world["terminals"][0]["posture_at_ms"]}
    return dict(world, macs=[{"id": 1, "mac": PC_MAC, "terminal_id": 1},
                             {"id": 2, "mac": XPE_MAC, "terminal_id": 2}], permits=[],
                terminals=[{"id": 1, "kind": PC, **good}, {"id": 2, "kind": XPE, **good}],
                accounts=[{"id": 1, "name": "alice", "password": "wonderland"}],
                pairs=[{"id": i, "terminal_id": i, "account_id": 1} for i in (1, 2)])


def knock(gate, mac, method="peap-tls10", password="wonderland"):
    return Supplicant(gate, method, mac, "alice", password)


def both_engines(t, gate):
    a = knock(gate, XPE_MAC)
    t.check("an XPE terminal that knows TLS 1.0 alone proves its account",
            a.ok and "TLSv1" in a.text, a.last[-1500:])
    t.check("and lives in the restricted network", RESTRICTED in a.last and NORMAL not in a.last,
            a.last[-1500:])
    a = knock(gate, XPE_MAC, password="wrong")
    t.check("a wrong password is refused there as everywhere",
            a.rejected and a.reason() == "password-wrong", a.last[-1500:])
    for who, mac in (("a PC", PC_MAC), ("a stranger", STRANGE_MAC)):
        a = knock(gate, mac)
        t.check(f"{who} that speaks TLS 1.0 is refused",
                a.rejected and a.reason() == "method-refused", a.text[-1500:])
    a = knock(gate, PC_MAC, "peap")
    t.check("with TLS 1.2 the PC is admitted to its own network", a.ok and
            RESTRICTED not in a.last, a.last[-1500:])
    a = Supplicant(gate, "tls", XPE_MAC)
    t.check("the old engine takes no certificate for a proof", not a.accepted, a.last[-1500:])


def legacy_engine(t, world):
    gate = Gate(make_world(world), more="[legacy]\nvlan = xpe-only\n")
    try:
        t.check("a gate with a legacy engine starts", gate.start() and
                len(gate.status()["engine"]) == 3, gate.log_text()[-1500:])
        both_engines(t, gate)
        old = next(pid for pid in gate.workers() if b"worker4" in
                   open(f"/proc/{pid}/cmdline", "rb").read())
        subprocess.run(["kill", "-STOP", str(old)], check=True)
        a = knock(gate, PC_MAC, "peap")
        t.check("the old engine hung, others do not notice", a.ok, a.last[-1500:])
        t.check("it is started anew by itself", wait_for(lambda: knock(gate, XPE_MAC).ok, 30),
                gate.log_text()[-1500:])
        gate.stop()
    finally:
        if gate.process and gate.process.poll() is None:
            gate.process.kill()
        gate.remove()
