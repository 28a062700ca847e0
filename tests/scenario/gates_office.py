"""Two gates with the certificates that head office gave them: the first by `menshen init`, the second by
two persons. Head office shows what they say of each other; one that is ended is heard no more."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from gate_lab import GATE, ROOT, free_tcp_port, free_udp_port, wait_for

sys.path.append(str(ROOT / "scripts/branch"))
from branch import SmallBranch  # noqa: E402
from lab import tcp_answers, wait_until  # noqa: E402


def set_up(folder, ports, name):
    """Ports of its own, no engine, and both gates as peers."""
    conf, radius = folder / "gate.conf", free_udp_port(2)
    text = conf.read_text().split("[radius]")
    text = text[0] + ("[engine]" + text[1].split("[engine]", 1)[1] if len(text) > 1 else "")
    if "\nuser =" not in text:
        text = text.replace("[gate]\n", "[gate]\nuser =\nstate_dir = state\nrun_dir = run\n")
    conf.write_text(text.replace("[engine]\n", f"""[radius]
auth = 127.0.0.1:{radius}
acct = 127.0.0.1:{radius + 1}
auth6 = none
acct6 = none
[peers]
gates = north=127.0.0.1:{ports['north']}, south=127.0.0.1:{ports['south']}
listen = 127.0.0.1:{ports[name]}
[engine]
enabled = no
"""))


class Office(SmallBranch):
    def menshen(self, *words):
        return subprocess.run([self.program("menshen"), *words], check=True, capture_output=True, text=True).stdout

    def by_role(self, role):
        return self.api(next(p["account"] for p in self.people.values() if p["role"] == role))

    def open(self, ports):
        self.init()
        set_up(self.gate_dir, ports, "north")
        self.start("menshend", [self.program("menshend"), self.server_dir / "menshend.conf"])
        wait_until("menshend to answer", lambda: tcp_answers("127.0.0.1", self.console_port), 30)
        self.start("gate", [GATE, "-c", self.gate_dir / "gate.conf", "run"])

    def add_gate(self, ports):
        """On three machines, as menshen-gate(8) has it."""
        new, sealed, bundle = (self.folder / name for name in ("south", "sealed", "bundle.json"))
        self.menshen("gate", "request", "south", "--out", new)
        request = json.loads((new / "request.json").read_text())
        system, unit = self.by_role("system"), self.by_role("system").rows("/units")[0]["id"]
        asked = system.post("/gates", {"name": "south", "unit_id": unit, "reason": "a second one",
                                       **{k: request[k] for k in ("csr", "eap_csr", "cosign_key")}})
        self.by_role("security").post(f"/proposals/{asked['id']}/decide", {"decision": "confirmed"})
        bundle.write_text(json.dumps(system.get(f"/gates/{self.row('south')['id']}/bundle")))
        self.menshen("gate", "hand-over", "--request", new / "request.json", "--sealing-key",
                     self.gate_dir / "gate-sealing.key", "--out", sealed)
        server = next(line.split("= ")[1] for line in (self.gate_dir / "gate.conf").read_text().splitlines()
                      if line.startswith("address"))
        self.menshen("gate", "install", "--out", new, "--bundle", bundle, "--sealed", sealed,
                     "--server", server)
        set_up(new, ports, "south")
        self.start("south", [GATE, "-c", new / "gate.conf", "run"])

    def row(self, name):
        return next((g for g in self.by_role("system").get("/gates")["rows"] if g["name"] == name), None)

    def says(self, name, of):
        """What head office shows of one peer of a gate."""
        return next((p for p in self.row(name)["peers"] if p["name"] == of), {})

    def log(self, name):
        return (self.logs / f"{name}.log").read_text()


def run(t):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gates-"))
    ports = {"north": free_tcp_port(), "south": free_tcp_port()}
    office = Office(ROOT, folder, prefix="gts", console_port=free_tcp_port())
    try:
        office.open(ports)
        office.add_gate(ports)
        t.check("a second gate with its certificates from head office is heard, and hears", wait_for(
            lambda: office.says("north", "south").get("state") == "heard" and
            office.says("south", "north").get("state") == "heard" and
            office.says("south", "north").get("told"), 30),
            (office.row("north"), office.row("south"), office.log("gate")[-800:], office.log("south")[-800:]))
        office.by_role("system").post(f"/gates/{office.row('south')['id']}/end", {"reason": "stolen"})
        t.check("a gate that is ended is missed by the other, which told it nothing more", wait_for(
            lambda: office.says("north", "south").get("state") == "missing" and
            not office.says("north", "south")["told"] and
            "its certificate is revoked" in office.log("gate"), 20),
            (office.row("north"), office.log("gate")[-800:]))
        acts = {entry["act"] for entry in office.by_role("auditor").rows("/audit/entries", limit=200)}
        t.check("which is an alarm in the audit log", "gate.peer-missing" in acts, acts)
    finally:
        office.down()
        shutil.rmtree(folder, ignore_errors=True)
