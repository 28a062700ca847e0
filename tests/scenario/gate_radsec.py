"""RadSec at the gate: Python's TLS as a switch that can misbehave, radsecproxy as a real peer."""
import hashlib
import os
import shutil
import socket
import ssl
import struct
import subprocess
import time

from gate_lab import (ACCEPT, ACCESS_REQUEST, ACCT_REQUEST, ACCT_RESPONSE, DISCONNECT, STATUS_SERVER, Answer,
                      Client, Gate, Supplicant, attribute, build, free_udp_port, hide, wait_for)

SECRET = "radsec"


def tls(gate, name="sw1", highest=ssl.TLSVersion.TLSv1_3):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(gate.dir / "keys/ca.pem")
    context.maximum_version = highest
    if name:
        context.load_cert_chain(gate.dir / f"keys/{name}.pem", gate.dir / f"keys/{name}.key")
    return context


class Line:
    """A switch's connection. `open` says whether the gate took it."""

    def __init__(self, gate, source="127.0.0.1", **how):
        self.open, self.ident, self.socket = False, 0, None
        try:
            raw = socket.create_connection(("127.0.0.1", gate.radsec), 5, (source, 0))
            self.socket = tls(gate, **how).wrap_socket(raw, server_hostname="gate.example")
            self.open = self.ask(STATUS_SERVER, []) is not None
        except (OSError, ssl.SSLError):
            pass

    def send(self, data):
        self.socket.sendall(data)

    def read(self, count, seconds):
        data = b""
        self.socket.settimeout(seconds)
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionError("the gate hung up")
            data += more
        return data

    def receive(self, seconds=3.0):
        head = self.read(4, seconds)
        return head + self.read(struct.unpack("!H", head[2:])[0] - 4, seconds)

    def request(self, code, attributes):
        self.ident = (self.ident + 1) % 256
        return build(code, self.ident, attributes, secret=SECRET)

    def ask(self, code, attributes):
        request = self.request(code, attributes)
        self.send(request)
        return Answer(self.receive(), request, SECRET)

    def mab_request(self, mac, port="p1"):
        plain = mac.replace("-", "").lower()
        return self.request(ACCESS_REQUEST, lambda auth: [
            attribute(1, plain), attribute(2, hide(plain, SECRET, auth)), attribute(31, mac),
            attribute(87, port)])

    def mab(self, mac):
        request = self.mab_request(mac)
        self.send(request)
        return Answer(self.receive(), request, SECRET)

    def ends(self, seconds):
        """How long it took the gate to hang up; None when it did not."""
        began = time.monotonic()
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(4096):
                pass
        except socket.timeout:
            return None
        except (OSError, ssl.SSLError):
            pass
        return time.monotonic() - began


def make_foreign(gate):
    """A certificate with the right name that another CA signed."""
    keys = gate.dir / "keys"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=sw1", "-days", "1",
                    "-addext", "extendedKeyUsage=clientAuth",
                    "-keyout", keys / "foreign.key", "-out", keys / "foreign.pem"],
                   check=True, capture_output=True)


def who_may_come(t, gate):
    make_foreign(gate)
    line = Line(gate)
    t.check("a switch with its certificate is answered over TLS", line.open, gate.log_text()[-800:])
    t.check("the connection is TLS 1.3", line.open and line.socket.version() == "TLSv1.3")
    for what, how in (("without a certificate", {"name": None}),
                      ("with a certificate of a foreign CA", {"name": "foreign"}),
                      ("with a terminal's certificate", {"name": "terminal"}),
                      ("with another switch's certificate", {"name": "sw2"}),
                      ("with TLS 1.2 only", {"highest": ssl.TLSVersion.TLSv1_2}),
                      ("from an address that is no switch's", {"source": "127.0.0.9"})):
        t.check(f"a peer {what} is not", not Line(gate, **how).open)
    said = gate.log_text()
    t.check("an unknown address is told as over UDP", "127.0.0.9 is no switch of ours" in said)
    return line


def what_it_carries(t, gate, line, printer):
    a = line.mab(printer)
    t.check("a printer is admitted over it", a.code == ACCEPT and a.reason() == "ok" and
            a.get(81) == b"10" and a.proven, a.attributes)
    class_value = a.get(25)
    b = line.ask(ACCT_REQUEST, [attribute(40, 1), attribute(44, "R1"), attribute(31, printer),
                                attribute(87, "p1"), attribute(25, class_value)])
    n = gate.session(printer)
    t.check("its accounting is acknowledged over the same connection",
            b.code == ACCT_RESPONSE and n and n["state"] == "running", n)
    request = line.mab_request(printer)
    before = gate.status()["counters"]["admitted"]
    line.send(request)
    first = line.receive()
    line.send(request)
    t.check("a repeated request gets the very same bytes and is decided once",
            line.receive() == first and gate.status()["counters"]["admitted"] == before + 1)
    many = [line.mab_request(printer) for _ in range(50)]
    joined = b"".join(many)
    for at in range(0, len(joined), 777):
        line.send(joined[at:at + 777])
    heard = [line.receive() for _ in many]
    t.check("packets cut anywhere are answered each, in its own bytes",
            sorted(a[1] for a in heard) == sorted(r[1] for r in many) and
            all(a[0] == ACCEPT for a in heard))
    unsigned = build(ACCESS_REQUEST, 200, [attribute(1, "x"), attribute(31, printer)],
                     secret=SECRET, signed=False)
    wrong = build(STATUS_SERVER, 201, [], secret="testing123")
    line.send(unsigned + wrong)
    a = line.ask(STATUS_SERVER, [])
    t.check("what is unsigned or signed with the UDP secret is met with silence",
            a.code == ACCEPT and a.proven)
    b = Client(gate.auth).mab(printer)
    t.check("UDP is answered beside it, under its own secret", b and b.code == ACCEPT)


def told_over_it(t, gate, line, printer):
    """Change while live (RFC 5176) comes over the connection, whichever is the newest."""
    def said(word):
        return any(word in path.read_bytes() for path in (gate.dir / "state/spool").glob("*.log"))
    newer, other = Line(gate), Line(gate, source="127.0.0.2", name="sw2")
    newer.mab(printer)
    gate.run("disconnect", printer)
    request = newer.receive(5)
    t.check("a Disconnect-Request comes over the switch's newest connection",
            request[0] == DISCONNECT and printer.encode() in request, request)

    def ack(code, secret=SECRET):
        head = struct.pack("!BBH", code, request[1], 20)
        return head + hashlib.md5(head + request[4:20] + secret.encode()).digest()
    other.send(ack(DISCONNECT + 1))
    line.send(ack(DISCONNECT + 1))
    newer.send(ack(DISCONNECT + 1, "testing123"))
    t.check("neither another switch, nor another connection, nor another secret answers it",
            other.ask(STATUS_SERVER, []).proven and line.ask(STATUS_SERVER, []).proven and
            newer.ask(STATUS_SERVER, []).proven and gate.session(printer) is not None)
    newer.send(ack(DISCONNECT + 1))
    t.check("its ACK ends the session", wait_for(lambda: gate.session(printer) is None, 5))
    t.check("and the record says so", wait_for(lambda: said(b"Disconnect-Request: ACK"), 5))
    line.mab(printer)
    gate.run("disconnect", printer)
    first = newer.receive(5)
    newer.socket.close()
    again = line.receive(8)
    t.check("who comes by another connection is told again", again == first, (first, again))
    request = again
    line.send(ack(DISCONNECT + 1))
    t.check("and agrees over that one", wait_for(lambda: gate.session(printer) is None, 5))
    line.mab(printer)
    other.socket.close()


def what_ends_it(t, gate, line):
    half, broken, kind, idle = (Line(gate) for _ in range(4))
    half.send(half.mab_request("00-11-22-33-44-55")[:50])
    broken.send(b"\1\1\377\377" + bytes(60))
    kind.send(build(2, 9, [], secret=SECRET))
    t.check("an oversized packet ends the connection at once", broken.ends(3) is not None)
    t.check("so does a packet that no switch sends", kind.ends(3) is not None)
    silent = socket.create_connection(("127.0.0.1", gate.radsec), 5)
    took = half.ends(9)
    t.check("half a packet ends it after a while", took is not None and took > 2, took)
    t.check("an idle one ends", idle.ends(9) is not None)
    t.check("the gate goes on", Line(gate).open and not line.socket.close())
    more = [socket.create_connection(("127.0.0.1", gate.radsec), 5) for _ in range(20)]
    t.check("a switch has a bounded number of connections",
            wait_for(lambda: gate.status()["radsec"] == 16, 5), gate.status()["radsec"])
    for each in (silent, *more):
        each.close()
    t.check("and they go when they hang up", wait_for(lambda: gate.status()["radsec"] < 3, 5))
    t.check("why is said", "half a packet" in gate.log_text(), gate.log_text()[-1500:])


def real_peer(t, gate, printer, pc):
    """Switches that speak UDP to radsecproxy, which speaks RadSec to the gate."""
    program = shutil.which("radsecproxy", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program:
        t.skip("RadSec with a client that is not ours", "needs radsecproxy")
        return
    port, keys = free_udp_port(), gate.dir / "keys"
    conf = gate.dir / "radsecproxy.conf"
    conf.write_text(f"""ListenUDP 127.0.0.1:{port}
LogLevel 3
tls gate {{
    CACertificateFile {keys}/ca.pem
    CertificateFile {keys}/sw1.pem
    CertificateKeyFile {keys}/sw1.key
}}
client 127.0.0.1 {{
    type udp
    secret testing123
}}
server gate.example {{
    host 127.0.0.1:{gate.radsec}
    type tls
    secret radsec
    tls gate
    certificateNameCheck off
    statusServer on
}}
realm * {{
    server gate.example
    accountingServer gate.example
}}
""")
    log = open(gate.dir / "radsecproxy.log", "wb")
    proxy = subprocess.Popen([program, "-f", "-c", conf], stdout=log, stderr=log)
    try:
        sw = Client(port)
        a = wait_for(lambda: sw.mab(printer, seconds=0.5), 8)
        why = (gate.dir / "radsecproxy.log").read_text()[-1500:]
        t.check("radsecproxy's switch gets its verdict by RadSec",
                a and a.code == ACCEPT and a.reason() == "ok" and a.proven, why)
        # Unsigned, as most switches do: its own authenticator proves an Accounting-Request.
        b = Client(port).ask(ACCT_REQUEST, [
            attribute(1, printer), attribute(40, 1), attribute(44, "R9"), attribute(31, printer),
            attribute(87, "p1"), attribute(25, a.get(25) if a else b"")], signed=False)
        t.check("and its accounting acknowledged", b and b.code == ACCT_RESPONSE, why)
        through = type("Through", (), {"auth": port, "dir": gate.dir, "keys": gate.keys})
        s = Supplicant(through, "peap", pc, "alice", "wonderland")
        t.check("PEAP goes through it, the keys arrive whole", s.ok, s.last[-1500:])
    finally:
        proxy.terminate()
        proxy.wait(10)
        log.close()


def run(t, world, printer, pc):
    gate = Gate(world, radius={"radsec": "", "radsec_idle_seconds": 5})
    try:
        t.check("a gate with RadSec starts", gate.start(), gate.log_text()[-1500:])
        line = who_may_come(t, gate)
        if line.open:
            what_it_carries(t, gate, line, printer)
            told_over_it(t, gate, line, printer)
            what_ends_it(t, gate, line)
        real_peer(t, gate, printer, pc)
        t.check("it ends cleanly with connections open", gate.stop() == 0, gate.log_text()[-3000:])
    finally:
        if gate.process and gate.process.poll() is None:
            gate.process.kill()
        gate.remove()
