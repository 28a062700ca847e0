#!/usr/bin/env python3
"""What a switch says over SNMP, served by the real snmpd: `Switch` writes a walk of its tables and starts
snmpd over it; started by snmpd (pass_persist), this file answers from that walk and keeps what is set."""
import bisect
import json
import os
import pathlib
import subprocess
import sys

IF, IFX, ENTITY = (1, 3, 6, 1, 2, 1, 2, 2, 1), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1), (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
BRIDGE, QBRIDGE, LLDP = (1, 3, 6, 1, 2, 1, 17), (1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1), (1, 0, 8802, 1, 1, 2, 1)
TREES = (".1.3.6.1.2.1.2.2", ".1.3.6.1.2.1.31.1.1", ".1.3.6.1.2.1.47", ".1.3.6.1.2.1.17", ".1.0.8802.1.1.2")
ADMIN = IF + (7,)
SNMPD = "/usr/sbin/snmpd"


def octets(mac):
    return tuple(bytes.fromhex(mac.replace(":", "")))


class Switch:
    """`macs`: address → (port, VLAN); `neighbours`: port → (chassis, name, capabilities)."""

    def __init__(self, folder, name, address, mac, ports, macs, neighbours=None, vlans=True):
        self.folder, self.name, self.address = pathlib.Path(folder) / name, name, address
        self.folder.mkdir(mode=0o755)
        self.sets, self.process = self.folder / "sets", None
        self.mac, self.ports, self.neighbours, self.vlans = mac, ports, neighbours or {}, vlans
        self.say(macs)

    def say(self, macs, down=()):
        """From now on: who stands where, and ports without a link."""
        name, mac, ports, vlans = self.name, self.mac, self.ports, self.vlans
        rows = {ENTITY + (13, 1): ("string", "S5735-L24T4S-A1"), ENTITY + (11, 1): ("string", f"SN-{name}"),
                BRIDGE + (1, 1, 0): ("octet", mac)}
        for n in range(1, ports + 1):
            index = 100 + n
            rows |= {IFX + (1, index): ("string", f"GE0/0/{n}"), IFX + (18, index): ("string", f"desk {n}"),
                     IF + (2, index): ("string", f"GigabitEthernet0/0/{n}"), IF + (7, index): ("integer", 1),
                     IF + (3, index): ("integer", 6), IF + (8, index): ("integer", 2 if n in down else 1),
                     IFX + (15, index): ("gauge", 1000), BRIDGE + (1, 4, 1, 2, n): ("integer", index)}
        for each, (port, vlan) in macs.items():
            key = QBRIDGE + (2, vlan) if vlans else BRIDGE + (4, 3, 1, 2)
            rows[key + octets(each)] = ("integer", port)
        for port, (chassis, who, can, *kind) in self.neighbours.items():
            row = lambda column: LLDP + (4, 1, 1, column, 0, port, 1)  # noqa: E731
            rows |= {row(5): ("octet", chassis), row(7): ("string", "GE0/0/24"), row(9): ("string", who),
                     row(12): ("octet", can)}
            rows |= {row(4): ("integer", k) for k in kind}
        (self.folder / "walk.new").write_text(json.dumps(sorted((k, *v) for k, v in rows.items())))
        (self.folder / "walk.new").rename(self.folder / "walk")

    def start(self, community=None, user=None):
        """`user`: name, password, password of privacy."""
        passes = "".join(f"pass_persist -p 1 {tree} {sys.executable} {__file__} {self.folder}\n" for tree in TREES)
        access = f"rwcommunity {community}\n" if community else ""
        if user:
            access += f'createUser {user[0]} SHA "{user[1]}" AES "{user[2]}"\nrwuser {user[0]} authPriv\n'
        conf = self.folder / "snmpd.conf"
        conf.write_text(f"sysName {self.name}\nsysDescr a switch of the lab\n{access}{passes}")
        conf.chmod(0o600)
        (self.folder / "state").mkdir(exist_ok=True)
        with open(self.folder / "snmpd.log", "ab") as log:
            self.process = subprocess.Popen(
                [SNMPD, "-f", "-Lo", "-C", "-c", conf, "-I", "-ifTable,-ifXTable", "-p", self.folder / "pid",
                 f"udp:{self.address}:161"], stdout=log, stderr=log,
                env={**os.environ, "SNMP_PERSISTENT_DIR": str(self.folder / "state"), "MIBS": ""})
        return self

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def set_to(self):
        """What was set, in order: (object, value)."""
        return [tuple(json.loads(line)) for line in self.sets.read_text().splitlines()] if self.sets.exists() else []


class Walk:
    def __init__(self, folder):
        self.folder, self.read = pathlib.Path(folder), None
        self.read_again()

    def read_again(self):
        """What it says may change while it runs."""
        now = os.stat(self.folder / "walk").st_ino
        if now == self.read:
            return
        rows = json.loads((self.folder / "walk").read_text())
        self.rows = {tuple(oid): (kind, value) for oid, kind, value in rows}
        self.order, self.read = sorted(self.rows), now

    def say(self, oid):
        if oid not in self.rows:
            return "NONE"
        kind, value = self.rows[oid]
        if kind == "octet":
            value = value.replace(":", " ")
        return f".{'.'.join(map(str, oid))}\n{kind}\n{value}"

    def after(self, oid):
        at = bisect.bisect_right(self.order, oid)
        return self.say(self.order[at]) if at < len(self.order) else "NONE"

    def set(self, oid, value):
        if oid[:-1] != ADMIN or oid not in self.rows:
            return "not-writable"
        number = int(value.split()[-1])
        self.rows[oid] = ("integer", number)
        with open(self.folder / "sets", "a", encoding="ascii") as f:
            f.write(json.dumps([oid[-1], number]) + "\n")
        return "DONE"


def serve(folder):
    walk = Walk(folder)
    words = iter(sys.stdin.readline, "")
    for word in map(str.strip, words):
        if word == "PING":
            answer = "PONG"
        elif word in ("get", "getnext", "set"):
            oid = tuple(int(n) for n in next(words).strip().strip(".").split("."))
            walk.read_again()
            answer = {"get": walk.say, "getnext": walk.after}[word](oid) if word != "set" else \
                walk.set(oid, next(words))
        else:
            break
        print(answer, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
