"""The training branch: an invented bank whose switch, supplicants, RADIUS and agents are real.

	console 127.0.0.1:PORT ──┐
	                      ┌──┴── core ──┐  menshend, menshen-gate + FreeRADIUS
	   management 10.91.0.0/24          │  normal 10.91.10.0/24
	                      └── switch ───┘  menshen-port, p1 .. p8; the bank's own server is 10.91.10.100
	                        │ │ │ ... │
	                      pc1 pc2 printer ...   (town.py)

Isolation is in place: a terminal keeps its address and reaches only DHCP, DNS, the enrolment page and
the agent gateway.
"""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess

import seed
import town
from api import Api
from lab import Lab, LabError, run, tcp_answers, wait_until

CORE_MGMT, SWITCH_MGMT = "10.91.0.1", "10.91.0.2"
CORE_NORMAL, BANK_SERVER = "10.91.10.1", "10.91.10.100"
GATEWAY_PORT, API_PORT, ENROLMENT_PORT = 8444, 8443, 8445
SWITCH_SECRET = "training-branch-switch-secret"


def free_port():
    """Of the loopback: a test takes whichever is free, whatever else this machine runs."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def has_user(name):
    """Makes it where it is missing; another lab on this machine may be doing the same right now."""
    if not run(["getent", "passwd", name], check=False):
        run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name], check=False)
    return run(["getent", "passwd", name], check=False) != ""


class Branch(Lab):
    def __init__(self, root, folder, prefix="mn", console_port=8443, heartbeat_s=10):
        super().__init__(folder, prefix)
        self.root = pathlib.Path(root)
        self.build = pathlib.Path(os.environ.get("MENSHEN_BUILD", self.root / "build/release"))
        self.console_port = console_port or free_port()
        self.heartbeat_s = heartbeat_s
        self.server_dir = self.folder / "server"
        self.gate_dir = self.folder / "gate"
        self.gate_run = pathlib.Path(f"/dev/shm/{prefix}-gate")  # the accounts lie open on a tmpfs only
        self.people_file = self.folder / "people.json"
        self.sessions = {}

    def program(self, name):
        for place in (self.build / name, *self.build.glob(f"src/*/{name}")):
            if place.is_file():
                return place
        raise LabError(f"{name} is not built in {self.build}; run make first")

    # ---- up ----

    has_terminals = True

    def up(self):
        """Everything, in order; harmless when it runs already."""
        if self.runs():
            return
        self.down()
        self.lay_wires()
        self.init()
        self.start_core()
        self.start_gate()
        seed.seed(self)
        self.start_switch()
        for device in town.DEVICES:
            self.start_desk(device)
        for device in town.DEVICES:
            self.await_verdict(device)

    def runs(self):
        names = list(self.state["processes"])
        return "console" in names and all(self.alive(name) for name in names)

    def await_verdict(self, device):
        """A supplicant that failed once keeps quiet for a minute before it tries again."""
        try:
            wait_until(f"the verdict on {device['en']}", lambda: self.got(device, device["gets"]), 150, 0.5)
        except LabError as error:
            ends = "\n".join(f"-- {name}\n{self.log_tail(name, 6)}"
                             for name in ("gate", "port", f"supplicant-{device['host']}"))
            raise LabError(f"{error}: wanted {device['gets']}, last knock {self.last_knock(device)}\n{ends}") from None

    def got(self, device, wanted):
        knock = self.last_knock(device)
        return knock and (knock["verdict"], knock["reason"]) == wanted

    def last_knock(self, device):
        rows = self.api("admin").get("/admission/knocks", mac=device["mac"])["rows"]
        return rows[0] if rows else None

    def unit(self, code):
        return next(u["id"] for u in self.api("admin").rows("/units") if u["code"] == code)

    def switch_id(self):
        return self.api("admin").rows("/switches")[0]["id"]

    def start_desk(self, device):
        """First the client, then the supplicant: a computer enrols by the MAC fallback."""
        if device.get("agent"):
            code = self.people.get("codes", {}).get(device["host"])
            if code:
                wait_until(f"{device['host']} to enrol", lambda: self.enrol(device, code), 120, 1)
                people = self.people
                del people["codes"][device["host"]]
                self.keep_people(people)
            self.start_agent(device)
        if device.get("account"):
            self.start_supplicant(device, seed.password_of(device["account"]))
        self.talk(device)

    def down(self):
        super().down()
        shutil.rmtree(self.gate_run, ignore_errors=True)

    # ---- the wires ----

    def lay_wires(self):
        for host in ("core", "switch", "bank"):
            self.host(host)
        for bridge in ("br-normal", "br-critical"):
            self.ip("switch", "link", "add", bridge, "type", "bridge")
            self.ip("switch", "link", "set", bridge, "up")
        self.link("core", "mgmt", "switch", "mgmt")
        self.ip("core", "addr", "add", f"{CORE_MGMT}/24", "dev", "mgmt")
        self.ip("switch", "addr", "add", f"{SWITCH_MGMT}/24", "dev", "mgmt")
        self.link("core", "normal", "switch", "up-core")
        self.ip("core", "addr", "add", f"{CORE_NORMAL}/24", "dev", "normal")
        self.link("bank", "eth0", "switch", "up-bank")
        self.ip("bank", "addr", "add", f"{BANK_SERVER}/24", "dev", "eth0")
        for uplink in ("up-core", "up-bank"):
            self.ip("switch", "link", "set", uplink, "master", "br-normal")
        for port in town.PORTS:
            if not any(device["port"] == port for device in town.DEVICES):
                self.leave_empty(port)
        for device in town.DEVICES:
            self.plug(device)

    def leave_empty(self, port):
        """A port with nothing in it: its cable's other end hangs loose and is down."""
        self.ip("switch", "link", "add", port, "type", "veth", "peer", "name", f"{port}-loose")
        self.ip("switch", "link", "set", port, "up")

    def plug(self, device):
        """The device with its cable; the port's end is menshen-port's business."""
        self.host(device["host"])
        self.link("switch", device["port"], device["host"], "eth0", device["mac"])
        self.ip(device["host"], "addr", "add", f"{device['ip']}/24", "dev", "eth0")

    def plug_into_empty(self, device):
        """A device comes to a port that was empty."""
        self.host(device["host"])
        self.ip("switch", "link", "set", f"{device['port']}-loose", "netns", self.ns(device["host"]), "name", "eth0")
        self.ip(device["host"], "link", "set", "eth0", "address", device["mac"])
        self.ip(device["host"], "addr", "add", f"{device['ip']}/24", "dev", "eth0")
        self.ip(device["host"], "link", "set", "eth0", "up")

    def swap(self, host, mac):
        """Another device comes to this one's cable: carrier lost, another MAC, carrier back."""
        self.ip(host, "link", "set", "eth0", "down")
        self.ip(host, "link", "set", "eth0", "address", mac)
        self.ip(host, "link", "set", "eth0", "up")

    def replug(self, host):
        self.ip(host, "link", "set", "eth0", "down")
        self.ip(host, "link", "set", "eth0", "up")

    # ---- head office ----

    def init(self):
        """Keys, store, first administrators and the gate's bundle; once."""
        if (self.server_dir / "menshend.conf").exists():
            return
        said = run([self.program("menshen"), "init", "--dir", self.server_dir, "--gate-dir", self.gate_dir,
                    "--gate", "north", *self.addresses(), "--console-dir", self.root / "console/dist", "--heartbeat-s", str(self.heartbeat_s),
                    "--unit-code", town.UNITS[0][0], "--unit-name", town.UNITS[0][3]])
        people = {name: {"account": name, "password": password, "role": role}
                  for name, password, role in re.findall(r"^account (\S+)\s+password (\S+)\s+role (\S+)$", said, re.M)}
        if len(people) != 3:
            raise LabError(f"menshen init printed no first passwords:\n{said}")
        self.keep_people(people)
        self.hand_over()

    def addresses(self):
        return ["--server", f"{CORE_NORMAL}:{GATEWAY_PORT}", "--san", CORE_NORMAL,
                "--gateway", f"0.0.0.0:{GATEWAY_PORT}", "--console", f"0.0.0.0:{API_PORT}",
                "--enrolment", f"0.0.0.0:{ENROLMENT_PORT}"]

    def hand_over(self):
        """The server and the gate run as users of their own; each owns its folder."""
        for user, folder in (("menshen", self.server_dir), ("menshen-gate", self.gate_dir)):
            wait_until(f"the user {user}", lambda: has_user(user), 20)
            run(["chown", "-R", f"{user}:", folder])
        self.folder.chmod(0o711)
        conf = self.gate_dir / "gate.conf"
        here = f"[gate]\nstate_dir = state\nrun_dir = {self.gate_run}\nvendors_dir = {self.root}/vendors\n"
        conf.write_text(conf.read_text().replace("[gate]\n", here).replace(
            "[engine]", f"[radius]\nauth = {CORE_MGMT}:1812\nacct = {CORE_MGMT}:1813\nauth6 = none\nacct6 = none\n[engine]"))

    def keep_people(self, people):
        """The invented people's passwords, readable by root alone: this is a training branch."""
        with open(os.open(self.people_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(people, out, ensure_ascii=False, indent=1)

    @property
    def people(self):
        return json.loads(self.people_file.read_text())

    def api(self, account):
        """A browser's session of this person; what changed on the way (password, TOTP) is kept."""
        if account in self.sessions:
            return self.sessions[account]
        people = self.people
        client = Api(self.console_port, self.server_dir / "ca.pem")
        client.login(people[account])
        self.keep_people(people)
        self.sessions[account] = client
        return client

    def start_core(self):
        self.start("menshend", ["setpriv", "--reuid=menshen", "--regid=menshen", "--clear-groups",
                                self.program("menshend"), self.server_dir / "menshend.conf"], host="core")
        wait_until("menshend to answer", self.console_in_core, 30)
        self.forward_console()
        wait_until("the console's port", self.console_answers, 10)

    def console_in_core(self):
        self.expect_alive("menshend")
        probe = f"exec 3<>/dev/tcp/127.0.0.1/{API_PORT}"
        return self.run_in("core", ["bash", "-c", f"{probe} && echo yes"], check=False).strip().endswith("yes")

    def console_answers(self):
        self.expect_alive("console")
        return tcp_answers("127.0.0.1", self.console_port)

    def forward_console(self):
        """From the machine's loopback into the core's: a socket in each, a file between them."""
        middle = self.folder / "console.sock"
        self.start("console-core", ["socat", f"UNIX-LISTEN:{middle},fork,unlink-early,mode=600",
                                    f"TCP:127.0.0.1:{API_PORT}"], host="core")
        wait_until("the console's socket", middle.exists, 5)
        self.start("console", ["socat", f"TCP-LISTEN:{self.console_port},bind=127.0.0.1,fork,reuseaddr",
                               f"UNIX-CONNECT:{middle}"])

    def gate(self, *words):
        """A word to the gate itself, by its control socket."""
        return run([self.program("menshen-gate"), "-c", self.gate_dir / "gate.conf", *words], check=False)

    def start_gate(self):
        self.start("gate", [self.program("menshen-gate"), "-c", self.gate_dir / "gate.conf", "run"], host="core")

    def start_switch(self):
        (self.folder / "port").mkdir(exist_ok=True)
        conf = self.folder / "port.conf"
        conf.write_text(f"""[switch]
identifier = outlet-0101
address = {SWITCH_MGMT}
run-dir = {self.folder}/port
ports = {' '.join(town.PORTS)}
vlans = 10:br-normal 900:br-critical
vlan = 10
[isolation]
filter = isolation
reach = {CORE_NORMAL}:{GATEWAY_PORT} {CORE_NORMAL}:{ENROLMENT_PORT}
resolvers = {CORE_NORMAL}
[binding]
bind = yes
network = {BANK_SERVER}
[gate]
primary = {CORE_MGMT}:1812
secret = {SWITCH_SECRET}
critical-vlan = 900
probe-s = 2
timeout-ms = 1000
tries = 2
[session]
eapol-wait-ms = 1500
hold-s = 5
interim-s = 60
""")
        os.chmod(conf, 0o600)
        self.start("port", [self.program("menshen-port"), "-c", conf], host="switch")

    # ---- a desk ----

    def start_supplicant(self, device, password, account=None):
        name = f"supplicant-{device['host']}"
        folder = self.folder / device["host"]
        (folder / "wpa").mkdir(parents=True, exist_ok=True)
        conf = folder / "wpa.conf"
        inner = "auth=PAP" if device.get("eap") == "TTLS" else "auth=MSCHAPV2"
        conf.write_text(f"""ctrl_interface={folder}/wpa
ap_scan=0
network={{
 key_mgmt=IEEE8021X
 eapol_flags=0
 eap={device.get('eap', 'PEAP')}
 anonymous_identity="anonymous"
 identity="{account or device['account']}"
 password="{password}"
 ca_cert="{self.server_dir}/ca.pem"
 phase2="{inner}"
}}
""")
        os.chmod(conf, 0o600)
        self.start(name, ["wpa_supplicant", "-D", "wired", "-i", "eth0", "-c", conf], host=device["host"])

    def agent_conf(self, device):
        folder = self.folder / device["host"]
        for sub in ("agent", "run"):
            (folder / sub).mkdir(parents=True, exist_ok=True)
        conf = folder / "agent.conf"
        conf.write_text(f"""[server]
addresses = {CORE_NORMAL}:{GATEWAY_PORT}
ca = {self.server_dir}/ca.pem
reconnect_max_s = 2
[agent]
state_dir = {folder}/agent
run_dir = {folder}/run
[supplicant]
dir = {folder}/wpa
interface = eth0
[guards]
period_s = 5
""")
        return conf

    def start_agent(self, device):
        self.start(f"agent-{device['host']}",
                   [self.program("menshen-agent"), "--config", self.agent_conf(device), "run"], host=device["host"])

    def enrol(self, device, code):
        return self.enrol_status(device, code) == 0

    def enrol_status(self, device, code):
        """The agent's own exit status: 0 enrolled, 2 refused, 3 no server reached."""
        done = subprocess.run(["ip", "netns", "exec", self.ns(device["host"]), self.program("menshen-agent"),
                               "--config", self.agent_conf(device), "enrol", code],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        with open(self.logs / f"enrol-{device['host']}.log", "a") as log:
            log.write(done.stdout)
        return done.returncode

    def agent_is_heard(self, host):
        """The agent itself says that head office answers it."""
        said = self.run_in(host, [self.program("menshen-agent"), "--config", self.folder / host / "agent.conf",
                                  "status", "--json"], check=False)
        return said.startswith("{") and json.loads(said)["connection"]["connected"]

    def talk(self, device):
        """A device without client says something now and then; that is what the switch hears."""
        self.start(f"talk-{device['host']}", ["ping", "-i", "2", "-n", BANK_SERVER], host=device["host"])


class SmallBranch(Branch):
    """Without root: the server and a gate on the loopback, as the caller, and no branch behind them."""

    has_terminals = False

    def up(self):
        if self.runs():
            return
        self.down()
        self.init()
        self.start("menshend", [self.program("menshend"), self.server_dir / "menshend.conf"])
        wait_until("menshend to answer", lambda: self.alive("menshend") and
                   tcp_answers("127.0.0.1", self.console_port), 30)
        self.start("gate", [self.program("menshen-gate"), "-c", self.gate_dir / "gate.conf", "run"])
        wait_until("the gate", lambda: "north" in self.gate("status"), 15)
        self.expect_alive("menshend")
        self.expect_alive("gate")

    def runs(self):
        return self.alive("menshend") and self.alive("gate")

    def addresses(self):
        return ["--server", f"127.0.0.1:{GATEWAY_PORT}", "--gateway", f"127.0.0.1:{GATEWAY_PORT}",
                "--console", f"127.0.0.1:{self.console_port}", "--gate-runs", "here"]

    def hand_over(self):
        conf = self.gate_dir / "gate.conf"
        conf.write_text(conf.read_text().replace("[engine]", "[radius]\nauth = 127.0.0.1:1812\nacct = 127.0.0.1:1813\n"
                                                 "auth6 = none\nacct6 = none\n[engine]"))
