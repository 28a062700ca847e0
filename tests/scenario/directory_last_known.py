"""A directory that is down, at a unit that chose the last known accounts for three days: who proved
a password there before is let in by it, from the memory of the EAP engine."""
from directory_lab import BASE, nt_hash
from gate_lab import Gate, Supplicant, wait_for

METHODS = ("peap", "ttls", "ttls-mschapv2")


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
    t.check("a password that a bind proved counts as well, in MSCHAPv2 too",
            *is_let_in(gate, mac, "chen", "great wall", "ttls-mschapv2"))
    t.check("who did not prove it lately is met with silence",
            *is_silent(gate, mac, "wu", "lakeside"))
    t.check("so is an account of a unit that chose silence", *is_silent(gate, mac, "sun", "tower"))
    a = Supplicant(gate, "peap", mac, "ghost", "x")
    t.check("an account that head office does not have is refused as ever",
            a.rejected and a.reason() == "account-unknown", a.last[-1500:])
    status = gate.status()
    t.check("the gate counts both and says so", status["counters"]["last_known"] >= 4 and
            status["counters"]["directory_down"] >= 5 and
            "within the days of last_known is let in" in gate.log_text(), status["counters"])


def last_known(t, world, mac, servers, more):
    """`servers` run; they are killed, and the first runs again at the end."""
    world["units"].append({"id": 2, "code": "quiet", "parent_id": 1, "mode": 2})
    world["accounts"] = [{"id": i, "name": name, "directory": True, "unit_id": unit} for i, (name, unit)
                         in enumerate((("wang", 1), ("chen", 1), ("wu", 1), ("sun", 2)), 1)]
    world["pairs"] = [{"id": i, "terminal_id": 1, "account_id": i} for i in range(1, 5)]
    gate = Gate(world, more=more + "last_known = branch:3 quiet:0\n")
    try:
        t.check("a gate of units with a choice starts", gate.start(), gate.log_text()[-1500:])
        for name, password, method in (("wang", "forbidden city", "peap"),
                                       ("chen", "great wall", "ttls"), ("sun", "tower", "peap")):
            t.check(f"{name} proves the password while the directory answers",
                    *is_let_in(gate, mac, name, password, method))
        for each in servers:
            each.stop()
        silence_and_proof(t, gate, mac)
        servers[0].start()
        servers[0].modify(f"dn: uid=wang,ou=people,{BASE}\nchangetype: modify\n"
                          f"replace: sambaNTPassword\nsambaNTPassword: {nt_hash('new palace')}\n")
        t.check("once the directory answers, it has the word: the old password is refused",
                wait_for(lambda: Supplicant(gate, "peap", mac, "wang", "forbidden city",
                                            seconds=2).reason() == "password-wrong", 20),
                gate.log_text()[-1500:])
        gate.stop()
        log = gate.log_text()
        t.check("no sanitizer spoke", "runtime error" not in log and "AddressSanitizer" not in log)
    finally:
        if gate.process and gate.process.poll() is None:
            gate.process.kill()
        gate.remove()
