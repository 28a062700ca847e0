"""Replacing an old RADIUS server: a real FreeRADIUS keeps its realm, and a whole switch when that is
given back to it; what the gate denies stays denied."""
import datetime
import pathlib
import shutil
import signal
import subprocess
import tempfile

from gate_lab import ACCEPT, REJECT, Client, Gate, Supplicant, attribute, free_udp_port, wait_for

PC, PRINTER, IN_USE, GOOD = 0, 3, 2, 1
MACS = [f"00-11-22-55-77-0{i}" for i in range(1, 4)]
PC_MAC, DENIED_MAC, PRINTER_MAC = MACS
CONFIG = """prefix = /usr
libdir = /usr/lib/freeradius
raddbdir = {dir}
run_dir = {dir}
pidfile = {dir}/radiusd.pid
correct_escapes = true
security {{
	allow_vulnerable_openssl = 'yes'
}}
client gate {{
	ipaddr = 127.0.0.1
	secret = old-secret
}}
modules {{
	files {{
		filename = {dir}/users
	}}
	pap {{
	}}
	mschap {{
	}}
	detail {{
		filename = {dir}/detail
	}}
	eap {{
		default_eap_type = peap
		tls-config common {{
			private_key_file = {keys}/eap.key
			certificate_file = {keys}/eap.pem
			ca_file = {keys}/ca.pem
			ecdh_curve = ""
			tls_min_version = "1.2"
			tls_max_version = "1.2"
		}}
		mschapv2 {{
		}}
		peap {{
			tls = common
			default_eap_type = mschapv2
			virtual_server = old
		}}
	}}
}}
server old {{
	listen {{
		type = auth
		ipaddr = 127.0.0.1
		port = {port}
	}}
	listen {{
		type = acct
		ipaddr = 127.0.0.1
		port = {acct}
	}}
	accounting {{
		detail
	}}
	authorize {{
		mschap
		eap {{
			ok = return
		}}
		files
		pap
	}}
	authenticate {{
		Auth-Type PAP {{
			pap
		}}
		Auth-Type MS-CHAP {{
			mschap
		}}
		eap
	}}
	post-auth {{
		update reply {{
			&Reply-Message := "the old one"
			&Message-Authenticator := 0x00
		}}
	}}
}}
"""


class OldServer:
    def __init__(self):
        self.dir, self.process = pathlib.Path(tempfile.mkdtemp(prefix="old-")), None
        self.port = free_udp_port(2)
        (self.dir / "secret").write_text("old-secret\n")
        (self.dir / "secret").chmod(0o600)
        plain = PRINTER_MAC.replace("-", "").lower()
        (self.dir / "users").write_text(
            'bob@old.example Cleartext-Password := "builder"\n\n'
            f'{plain} Cleartext-Password := "{plain}"\n')
        (self.dir / "dictionary").write_text("")

    def settings(self, more=""):
        return f"[old]\nserver = 127.0.0.1:{self.port}\nsecret_file = {self.dir}/secret\n" \
               f"realms = other.example OLD.example\n{more}"

    def start(self, keys):
        (self.dir / "radiusd.conf").write_text(
            CONFIG.format(dir=self.dir, port=self.port, acct=self.port + 1, keys=keys))
        self.process = subprocess.Popen(["freeradius", "-f", "-l", "stdout", "-d", self.dir, "-n",
                                         "radiusd"], stdout=open(self.dir / "log", "ab"))
        return wait_for(lambda: "Ready to process" in (self.dir / "log").read_text(), 15)

    def has_heard(self, session):
        """Of a session, in their order: what its detail file says."""
        file = self.dir / "detail"
        said = file.read_text().split("\n\n") if file.exists() else []
        return [next(line.split(" = ")[1] for line in one.splitlines() if "Acct-Status-Type" in line)
                for one in said if f'"{session}"' in one]

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def make_world(world):
    good = {"unit_id": 1, "kind": PC, "status": IN_USE, "posture": GOOD,
            "posture_at_ms": world["terminals"][0]["posture_at_ms"]}
    return dict(world, terminals=[{"id": 1, **good}], permits=[], macs=[
        {"id": 1, "mac": PC_MAC, "terminal_id": 1}],
                accounts=[{"id": 1, "name": "alice", "password": "wonderland"}],
                pairs=[{"id": 1, "terminal_id": 1, "account_id": 1}],
                denies=[{"id": 1, "mac": DENIED_MAC}])


def knock(gate, mac, name, password, seconds=6):
    return Supplicant(gate, "peap", mac, name, password, outer=name, seconds=seconds)


def realms(t, gate, old):
    a = knock(gate, PC_MAC, "bob@old.example", "builder")
    t.check("who knocks under the old server's realm is admitted by it, keys and all",
            a.ok and "the old one" in a.last, a.last[-1500:])
    a = knock(gate, PC_MAC, "bob@old.example", "wrong")
    t.check("and refused by it", a.rejected, a.last[-1500:])
    a = knock(gate, DENIED_MAC, "bob@old.example", "builder")
    t.check("who is on the deny list is refused whatever it would say",
            a.rejected and "the old one" not in a.text, a.last[-1500:])
    a = knock(gate, PC_MAC, "alice", "wonderland")
    t.check("an account without a realm is the gate's", a.ok and "the old one" not in a.text,
            a.last[-1500:])
    printer = Client(gate.auth).mab(PRINTER_MAC)
    t.check("so is MAC authentication", printer is None or printer.code == REJECT or
            b"the old one" not in printer.data)
    old.stop()
    a = knock(gate, PC_MAC, "bob@old.example", "builder", seconds=2)
    t.check("killed, its silence is silence", not a.accepted and not a.rejected, a.last[-1500:])
    a = knock(gate, PC_MAC, "alice", "wonderland")
    t.check("and the gate's own accounts do not notice", a.ok, a.last[-1500:])


START, STOP, INTERIM, ON = 1, 2, 3, 7


def notes(gate, text):
    return b"".join(p.read_bytes() for p in (gate.dir / "state/spool").iterdir()).count(text.encode())


def accounting(t, gate, old):
    """After realms(): the old server is not there."""
    switch, bob = Client(gate.acct), [attribute(1, "bob@old.example")]

    def say(status, session, extra):
        return switch.account(status, PC_MAC, session, extra=extra)

    t.check("what a switch says of the old server's session is answered while that is away",
            say(START, "old-1", bob) and say(INTERIM, "old-1", bob) and
            say(STOP, "old-1", [*bob, attribute(46, 90)]))
    t.check("so is what it says of the gate's own", say(START, "own-1", [attribute(1, "alice")]))
    t.check("the gate keeps its own copy", wait_for(lambda: notes(
        gate, "accounting start for the old server: bob@old.example, session old-1") and notes(
            gate, "accounting stop for the old server: bob@old.example, session old-1, 90 s"), 5))
    t.check("the old server is back", old.start(gate.keys))
    t.check("and hears all of it, in order", wait_for(
        lambda: old.has_heard("old-1") == ["Start", "Interim-Update", "Stop"], 30), old.has_heard("old-1"))
    say(START, "old-2", bob)
    t.check("what follows it hears at once, once", wait_for(lambda: old.has_heard("old-2") == ["Start"], 5))
    switch.account(ON, PC_MAC, "on-1")
    t.check("and that the switch started anew", wait_for(lambda: old.has_heard("on-1"), 5))
    t.check("of the gate's own sessions it hears nothing", not old.has_heard("own-1"))


def killed(t, gate, old):
    """What the gate acknowledged outlives it, and what the old server answered is not told again."""
    switch, bob = Client(gate.acct), [attribute(1, "bob@old.example")]
    sessions = [f"kill-{i}" for i in range(20)]
    old.stop()
    t.check("with the old server away again, accounting is answered", all(
        switch.account(START, PC_MAC, each, extra=bob) for each in sessions) and
            switch.account(INTERIM, PC_MAC, "kill-0", extra=bob) and
            switch.account(STOP, PC_MAC, "kill-0", extra=[*bob, attribute(46, 90)]))
    gate.stop(signal.SIGKILL)
    t.check("the gate is killed, and starts again", gate.start(engine_up=False) and
            "22 packets of accounting wait for the old server from before" in gate.log_text(),
            gate.log_text()[-1500:])
    t.check("and the old server with it", old.start(gate.keys))
    t.check("which hears all that the killed gate had acknowledged", wait_for(
        lambda: all(old.has_heard(each) for each in sessions) and
        old.has_heard("kill-0") == ["Start", "Interim-Update", "Stop"], 30),
            [old.has_heard(each) for each in sessions])
    t.check("nothing of it twice, and nothing from before", all(
        old.has_heard(each) == ["Start"] for each in [*sessions[1:], "old-2"]))
    metrics = gate.run("metrics").stdout
    t.check("nothing waits any more", "menshen_gate_old_accounting_waiting 0" in metrics and
            "menshen_gate_old_accounting_lost_total 0" in metrics, metrics)
    gate.stop()
    t.check("and a gate that starts after that forwards nothing", gate.start(engine_up=False) and
            gate.log_text().count("wait for the old server from before") == 1)


def whole_switch(t, world, keys, old):
    day = datetime.date.today() + datetime.timedelta(days=3)
    gate = Gate(world, more=old.settings(f"give_back = sw1:{day}\n"), keys=keys)
    try:
        t.check("a gate that gives a switch back starts, and says until when", gate.start() and
                "switch sw1 is given back" in gate.log_text(), gate.log_text()[-1500:])
        a = Client(gate.auth).mab(PRINTER_MAC)
        t.check("MAC authentication there is the old server's", a and a.code == ACCEPT)
        a = Client(gate.auth).mab(DENIED_MAC)
        t.check("the deny list is the gate's all the same", a and a.code == REJECT)
        a = Client(gate.acct).account(START, PRINTER_MAC, "back-1")
        t.check("the whole switch's accounting is the old server's", a and wait_for(
            lambda: old.has_heard("back-1") == ["Start"], 5))
        gate.stop()
    finally:
        end(gate)
    gate = Gate(world, more=old.settings("give_back = sw1:2999-01-01\n"), keys=keys)
    said = subprocess.run(gate.run("status").args[:3], capture_output=True, text=True,
                          timeout=20)
    t.check("a switch is not given back for good", said.returncode != 0 and
            "give_back" in said.stderr, said.stderr)
    gate.remove()


def end(gate):
    if gate.process and gate.process.poll() is None:
        gate.process.kill()


def old_server(t, world):
    old, world = OldServer(), make_world(world)
    gate = Gate(world, more=old.settings())
    try:
        t.check("an old server runs, and a gate before it", old.start(gate.keys) and gate.start(),
                gate.log_text()[-1500:])
        realms(t, gate, old)
        accounting(t, gate, old)
        killed(t, gate, old)
        gate.stop()
        whole_switch(t, world, gate.keys, old)
    finally:
        end(gate)
        old.stop()
        gate.remove()
        shutil.rmtree(old.dir, ignore_errors=True)
