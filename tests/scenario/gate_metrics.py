"""What a monitoring system reads of the gate."""
import socket
import time

import exposition
from exposition import http, value
from gate_lab import (ACCEPT, STATUS_SERVER, Client, Gate, Supplicant, Switch, build,
                      free_tcp_port, wait_for)


def run(t, world, printer, pc, stranger, denied):
    switch = Switch()
    world["switches"][0]["coa_port"] = switch.port
    port = free_tcp_port()
    gate = Gate(world, more=f"[metrics]\nlisten = 127.0.0.1:{port}\n")
    gate.metrics = port
    try:
        t.check("a gate with metrics starts", gate.start(), gate.log_text()[-1500:])

        def read():
            return exposition.parse(http(gate.metrics)[2])

        status, head, body = http(gate.metrics)
        t.check("GET /metrics is answered in the text format", status == 200 and
                "Content-Type: text/plain; version=0.0.4" in head, head)
        before = exposition.parse(body)
        sw = Client(gate.auth)
        for mac in (printer, stranger, denied):
            sw.mab(mac)
        sw.mab(printer, secret="wrong", seconds=0.3)
        sw.mab(printer, signed=False, seconds=0.3)
        request = build(STATUS_SERVER, 99, [])
        for _ in range(2):
            sw.send(request)
            sw.receive()
        Client(gate.auth, "127.0.0.9").send(request)
        a = Supplicant(gate, "peap", pc, "alice", "wonderland")
        wait_for(lambda: value(read(), "menshen_gate_drops_total", cause="unknown-switch") == 1, 5)
        after = read()
        found = {(m, v): value(after, "menshen_gate_verdicts_total", method=m, verdict=v)
                 for m, v in (("mab", "admit"), ("mab", "isolate"), ("mab", "reject"),
                              ("eap-password", "admit"))}
        t.check("verdicts are counted by method and verdict",
                a.ok and all(n == 1 for n in found.values()), found)
        drops = {c: value(after, "menshen_gate_drops_total", cause=c)
                 for c in ("wrong-secret", "unsigned", "unknown-switch", "malformed")}
        t.check("packets without an answer are counted by cause", drops ==
                {"wrong-secret": 1, "unsigned": 1, "unknown-switch": 1, "malformed": 0}, drops)
        t.check("so are duplicates", value(after, "menshen_gate_duplicates_total") == 1)
        t.check("sessions, revision, age and engine are there",
                value(after, "menshen_gate_sessions") >= 2 and
                value(after, "menshen_gate_snapshot_revision") == world["rev"] and
                0 <= value(after, "menshen_gate_snapshot_age_seconds") < 300 and
                value(after, "menshen_gate_engine_up", worker="0") == 1 and
                value(after, "menshen_gate_eap_in_flight") == 0)
        t.check("records wait for head office",
                value(after, "menshen_gate_spool_records") >
                value(before, "menshen_gate_spool_records"))
        gate.run("disconnect", "--mac", printer)
        t.check("a switch's answer to a Disconnect is counted", wait_for(
            lambda: value(read(), "menshen_gate_changes_total", answer="ack") == 1, 5))
        said = gate.run("metrics")
        t.check("the command line says the same",
                exposition.parse(said.stdout).keys() == read().keys(), said.stderr)
        strict(t, gate)
        b = sw.mab(printer)
        t.check("the gate goes on", b and b.code == ACCEPT and gate.stop() == 0)
    finally:
        if gate.process and gate.process.poll() is None:
            gate.process.kill()
        gate.remove()


def strict(t, gate):
    wanted = ((b"GET / HTTP/1.1\r\n\r\n", 404), (b"POST /metrics HTTP/1.1\r\n\r\n", 405),
              (b"rubbish\r\n\r\n", 400), (b"GET /metrics\r\n\r\n", 400),
              (b"GET /metrics HTTP/1.1\r\nX: " + b"a" * 4000 + b"\r\n\r\n", 431))
    got = [http(gate.metrics, request)[0] for request, _ in wanted]
    t.check("anything else is refused by its status", got[:4] == [s for _, s in wanted][:4] and
            got[4] in (431, 0), got)
    many = [socket.create_connection(("127.0.0.1", gate.metrics), 3) for _ in range(12)]
    many[0].sendall(b"GET /met")
    began = time.monotonic()
    t.check("who says nothing is cut, and the next is answered", wait_for(
        lambda: answered(gate), 9) and time.monotonic() - began > 1)
    for each in many:
        each.close()


def answered(gate):
    try:
        return http(gate.metrics, seconds=1)[0] == 200
    except OSError:
        return False
