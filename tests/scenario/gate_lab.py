"""A gate on high ports of loopback with its own FreeRADIUS, and what asks it: a small RADIUS client
for packets that no real one would send, eapol_test for EAP, a switch that obeys Disconnect."""
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(os.environ.get("MENSHEN_ROOT", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("MENSHEN_BUILD", ROOT / "build/asan"))
GATE, FIXTURE = BUILD / "src/gate/menshen-gate", BUILD / "tests/scenario/gate_fixture"
SECRET = "testing123"
ACCESS_REQUEST, ACCEPT, REJECT, CHALLENGE = 1, 2, 3, 11
ACCT_REQUEST, ACCT_RESPONSE, STATUS_SERVER = 4, 5, 12
DISCONNECT, COA = 40, 43
ACK = "ack"


def wait_for(condition, seconds=15):
    """What the condition gives once it is true; its last word otherwise."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.05)


def free_udp_port(count=1):
    """The first of `count` free ports in a row."""
    while True:
        sockets = []
        try:
            first = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sockets.append(first)
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            for i in range(1, count):
                sockets.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                sockets[-1].bind(("127.0.0.1", port + i))
            return port
        except (OSError, OverflowError):
            continue
        finally:
            for each in sockets:
                each.close()


def free_tcp_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# ---- RADIUS ----

def attribute(kind, value):
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, int):
        value = struct.pack("!I", value)
    return bytes([kind, len(value) + 2]) + value


def hide(password, secret, authenticator):
    padded = password.encode().ljust(max(16, -(-len(password) // 16) * 16), b"\0")
    out, last = b"", authenticator
    for at in range(0, len(padded), 16):
        pad = hashlib.md5(secret.encode() + last).digest()
        last = bytes(a ^ b for a, b in zip(padded[at:at + 16], pad))
        out += last
    return out


def build(code, ident, attributes, secret=SECRET, signed=True, authenticator=None):
    """A finished request: bytes."""
    is_access = code in (ACCESS_REQUEST, STATUS_SERVER)
    authenticator = (authenticator or os.urandom(16)) if is_access else bytes(16)
    body = b"".join(attributes(authenticator) if callable(attributes) else attributes)
    if signed:
        body = attribute(80, bytes(16)) + body
    head = struct.pack("!BBH", code, ident, 20 + len(body))
    if signed:
        mac = hmac.new(secret.encode(), head + authenticator + body, hashlib.md5).digest()
        body = body[:2] + mac + body[18:]
    if not is_access:
        authenticator = hashlib.md5(head + bytes(16) + body + secret.encode()).digest()
    return head + authenticator + body


class Answer:
    def __init__(self, data, request=None, secret=SECRET):
        self.data, self.code = data, data[0]
        self.attributes, at = [], 20
        while at < len(data):
            self.attributes.append((data[at], data[at + 2:at + data[at + 1]]))
            at += data[at + 1]
        self.proven = False
        if request:
            wanted = hashlib.md5(data[:4] + request[4:20] + data[20:] + secret.encode()).digest()
            self.proven = wanted == data[4:20] and self.attributes[:1] and \
                self.attributes[0][0] == 80 and hmac.new(
                    secret.encode(), data[:4] + request[4:20] + data[20:22] + bytes(16) +
                    data[38:], hashlib.md5).digest() == data[22:38]

    def get(self, kind):
        return next((value for number, value in self.attributes if number == kind), None)

    def reason(self):
        text = (self.get(18) or b"").decode()
        return text[text.rfind("[") + 1:-1]


class Client:
    """A switch's RADIUS client on its own socket."""

    def __init__(self, port, source="127.0.0.1", target=None):
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((source, 0))
        self.target = (target or ("::1" if ":" in source else "127.0.0.1"), port)
        self.ident = 0

    def send(self, data):
        self.socket.sendto(data, self.target)

    def receive(self, seconds=2.0):
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(4096)
        except socket.timeout:
            return None

    def ask(self, code, attributes, seconds=2.0, **how):
        self.ident = (self.ident + 1) % 256
        request = build(code, self.ident, attributes, **how)
        self.send(request)
        data = self.receive(seconds)
        return Answer(data, request, how.get("secret", SECRET)) if data else None

    def mab(self, mac, port="p1", seconds=2.0, name=None, password=None, **how):
        plain = mac.replace("-", "").lower()
        secret = how.get("secret", SECRET)
        return self.ask(ACCESS_REQUEST, lambda authenticator: [
            attribute(1, name or plain),
            attribute(2, hide(password or plain, secret, authenticator)),
            attribute(31, mac), attribute(87, port), attribute(6, 10)], seconds, **how)

    def account(self, status, mac, session, class_value=None, port="p1", seconds=2.0, extra=()):
        attributes = [attribute(40, status), attribute(31, mac), attribute(44, session),
                      attribute(87, port), *extra]
        if class_value:
            attributes.append(attribute(25, class_value))
        return self.ask(ACCT_REQUEST, attributes, seconds)


class Switch:
    """Answers Disconnect and CoA: the n-th with the n-th of `answers`, each ACK, the Error-Cause of a
    NAK, or None for silence; what comes after them with ACK. Keeps what it heard and from where."""

    def __init__(self, host="127.0.0.1", answers=()):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.host, self.port = self.socket.getsockname()
        self.answers, self.heard, self.senders = list(answers), [], []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            data, sender = self.socket.recvfrom(4096)
            self.senders.append(sender)
            self.heard.append(Answer(data))
            says = self.answers.pop(0) if self.answers else ACK
            if says is None:
                continue
            body = b"" if says is ACK else attribute(101, struct.pack("!I", says))
            code = data[0] + (1 if says is ACK else 2)
            head = struct.pack("!BBH", code, data[1], 20 + len(body))
            proof = hashlib.md5(head + data[4:20] + body + SECRET.encode()).digest()
            self.socket.sendto(head + proof + body, sender)


# ---- the gate ----

class Gate:
    def __init__(self, world, engine=True, radius=None, more="", name="test-gate", keys=None):
        """`keys`: another gate's, with which this one shares its CA and its sealing key."""
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="gate-"))
        self.keys = keys or self.dir / "keys"
        self.dir.chmod(0o755)
        self.auth, self.engine_port = free_udp_port(2), free_udp_port(5)
        self.acct = self.auth + 1
        self.radsec = free_tcp_port()
        self.world, self.process, self.environment = world, None, {}
        self.write_world()
        settings = {"auth": f"127.0.0.1:{self.auth}", "acct": f"127.0.0.1:{self.acct}",
                    "auth6": f"[::1]:{self.auth}", "acct6": "none", **(radius or {})}
        settings.update({"radsec": f"127.0.0.1:{self.radsec}",
                         "radsec_ca": f"{self.keys}/ca.pem"} if "radsec" in settings else {})
        lines = [f"{name} = {value}" for name, value in settings.items()]
        (self.dir / "gate.conf").write_text(f"""[gate]
name = {name}
user = root
state_dir = {self.dir}/state
run_dir = {self.dir}/run
sealing_key = {self.keys}/sealing.key
vendors_dir = {ROOT}/vendors
[radius]
""" + "\n".join(lines) + f"""
[engine]
enabled = {'yes' if engine else 'no'}
port = {self.engine_port}
certificate = {self.keys}/eap.pem
key = {self.keys}/eap.key
client_ca = {self.keys}/ca.pem
{more}""")

    def write_world(self):
        subprocess.run([FIXTURE, self.dir / "state", self.keys], check=True,
                       input=json.dumps(self.world), text=True)
        self.keys.chmod(0o755)

    def serial(self):
        return (self.keys / "terminal.serial").read_text()

    def start(self, engine_up=True):
        self.log = open(self.dir / "log", "ab")
        self.process = subprocess.Popen([GATE, "-c", self.dir / "gate.conf"], stderr=self.log,
                                        env={**os.environ, **self.environment})
        wait_for(lambda: self.status() is not None)
        return not engine_up or self.wait_engine()

    def wait_engine(self, seconds=20):
        return bool(wait_for(lambda: set((self.status() or {}).get("engine") or ["?"]) == {"up"},
                             seconds))

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        status = self.process.wait(15)
        self.log.close()
        return status

    def run(self, *arguments):
        return subprocess.run([GATE, "-c", self.dir / "gate.conf", *arguments],
                              capture_output=True, text=True)

    def status(self):
        done = self.run("status")
        return json.loads(done.stdout) if done.returncode == 0 else None

    def session(self, mac):
        found = json.loads(self.run("sessions").stdout)["sessions"]
        return next((each for each in found if each["mac"] == mac.lower().replace("-", ":")), None)

    def workers(self):
        """The engine's processes, as the kernel lists them."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and \
                        str(self.dir).encode() in (entry / "cmdline").read_bytes() and \
                        b"radiusd\0" in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def log_text(self):
        return (self.dir / "log").read_text()

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)


class HeadOffice:
    """A stand-in that sends one gate all its facts, again and again."""

    def __init__(self):
        self.keys, self.port = pathlib.Path(tempfile.mkdtemp(prefix="office-")), free_tcp_port()
        self.process = None

    def settings(self):
        return f"[server]\naddress = 127.0.0.1:{self.port}\nca = {self.keys}/ca.pem\n" \
               f"certificate = {self.keys}/gate.pem\nkey = {self.keys}/gate.key\n"

    def start(self, snapshot):
        self.process = subprocess.Popen([BUILD / "tests/bench/gate_office", self.keys, str(self.port),
                                         snapshot], stdout=subprocess.PIPE, text=True)
        return self.process.stdout.readline() == "ready\n"

    def send(self, gate, how=signal.SIGUSR1):
        """Once; SIGUSR2: what the file holds now."""
        before = self.sent(gate)
        self.process.send_signal(how)
        return wait_for(lambda: self.sent(gate) > before, 10)

    def sent(self, gate):
        return gate.log_text().count("snapshot from head office")

    def end(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.keys, ignore_errors=True)


METHODS = {
    "peap": 'eap=PEAP\n phase2="auth=MSCHAPV2"',
    "ttls": 'eap=TTLS\n phase2="auth=PAP"',
    "ttls-mschapv2": 'eap=TTLS\n phase2="auth=MSCHAPV2"',
    "ttls-eap-mschapv2": 'eap=TTLS\n phase2="autheap=MSCHAPV2"',
    "peap-tls10": 'eap=PEAP\n phase1="tls_disable_tlsv1_0=0 tls_disable_tlsv1_1=1 '
                  'tls_disable_tlsv1_2=1 tls_disable_tlsv1_3=1"\n'
                  ' openssl_ciphers="DEFAULT@SECLEVEL=0"\n phase2="auth=MSCHAPV2"',
    "md5": "eap=MD5",
}


class Supplicant:
    """eapol_test: what a PC would say, and what it was answered."""

    def __init__(self, gate, method, mac, name="", password="", port="p2", seconds=6,
                 outer="anonymous", secret=SECRET, holds=None):
        path = gate.dir / f"supplicant-{time.monotonic_ns()}.conf"
        keys = gate.keys
        if method == "tls":
            holds = holds or keys / "terminal"  # the stem of a certificate's path and its key's
            body = f'eap=TLS\n identity="host/terminal"\n client_cert="{holds}.pem"\n' \
                   f' private_key="{holds}.key"'
        else:
            body = f'{METHODS[method]}\n identity="{name}"\n password="{password}"'
            if method != "md5":
                body += f'\n anonymous_identity="{outer}"'
        path.write_text(f'network={{\n key_mgmt=IEEE8021X\n {body}\n ca_cert="{keys}/ca.pem"\n}}\n')
        done = subprocess.run(["eapol_test", "-c", path, "-p", str(gate.auth), "-s", secret,
                               "-M", mac.replace("-", ":"), "-N", f"87:s:{port}", "-r0",
                               "-t", str(seconds)], capture_output=True)
        self.text = done.stdout.decode(errors="replace")
        self.ok = done.returncode == 0 and "MPPE keys OK: 1" in self.text
        last = self.text.rfind("Received RADIUS message")
        self.last = self.text[last:] if last >= 0 else ""
        self.accepted = "code=2 (Access-Accept)" in self.last
        self.rejected = "code=3 (Access-Reject)" in self.last

    def reason(self):
        at = self.last.find("Reply-Message")
        value = self.last[at:].split("Value:", 1)[1].splitlines()[0] if at >= 0 else ""
        return value[value.rfind("[") + 1:value.rfind("]")]
