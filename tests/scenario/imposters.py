"""The seven ways to be somebody else that banks try (D06), at a switch with a mirror port: real stacks
and DHCP clients behind its ports, a listener at the mirror, a gate and head office. The one with
another's account needs a supplicant: gate.test has it."""
import shutil

from gate_lab import Client, REJECT, wait_for
from lab import wait_until

# What head office isolates for in this scenario.
ISOLATES = "clone two-places nat other-branch"
HOSTS = {"prn": ("00:1e:67:00:00:71", "10.78.0.71"), "own": ("00:1e:67:00:00:72", "10.78.0.72"),
         "pos": ("00:1e:67:00:00:73", "10.78.0.73"), "fake1": ("00:1e:67:00:00:91", None),
         "fake2": ("00:1e:67:00:00:92", None), "fake3": ("00:1e:67:00:00:93", None),
         "hub": ("00:1e:67:00:00:60", None)}
BEHIND = "00:1e:67:00:00:74"  # two machines behind the hub have it
ELSEWHERE = "00:1e:67:00:00:75"
WINDOWS = ["-V", "MSFT 5.0"]


def lay_wires(office):
    """A hub: a bridge that learns nothing."""
    for kid in ("cash", "spy"):
        office.host(kid)
    office.ip("hub", "link", "add", "br0", "type", "bridge", "ageing_time", "0")
    office.ip("hub", "link", "set", "br0", "up")
    office.ip("hub", "link", "set", "e0", "master", "br0")
    for kid in ("cash", "spy"):
        office.link("hub", kid, kid, "e0", BEHIND)
        office.ip("hub", "link", "set", kid, "master", "br0")


def asks(office, host, name, more=()):
    """A DHCP client that nobody answers: how it asks is enough."""
    office.run_in(host, ["busybox", "udhcpc", "-f", "-n", "-q", "-t", "1", "-T", "1", "-i", "e0", "-s", "/bin/true",
                         "-x", f"hostname:{name}", *more], check=False)


def becomes(office, host, whom, address=False):
    """Another machine with its MAC, and its address where told."""
    office.ip(host, "link", "set", "e0", "down")
    office.ip(host, "link", "set", "e0", "address", HOSTS[whom][0])
    office.ip(host, "link", "set", "e0", "up")
    if address:
        office.ip(host, "addr", "add", HOSTS[whom][1] + "/24", "dev", "e0")


def load(security, kind, lines):
    return security.call("POST", f"/imports/{kind}", "\n".join(lines) + "\n", "text/csv", commit="true")


def register(office, tap, security, system, nat, secret):
    load(system, "units", ["code,name,kind,parent_code", "B9,城西支行,支行," + system.rows("/units")[0]["code"]])
    other = next(u["id"] for u in system.rows("/units") if u["code"] == "B9")
    system.post("/switches", {"unit_id": other, "name": "access-9", "address": "127.0.0.2", "vendor": "generic",
                              "secret": secret, "vlan_normal": "10"})
    home = system.rows("/units")[0]["code"]
    machines = {"PRN": ("printer", HOSTS["prn"][0], "p11"), "OWN": ("printer", HOSTS["own"][0], "p12"),
                "POS": ("camera", HOSTS["pos"][0], "p13"), "CASH": ("camera", BEHIND, "p15"),
                "CTR": ("camera", nat, "p30"), "FAR": ("printer", ELSEWHERE, "p31")}
    came = [load(security, "terminals", ["asset_no,kind,unit_code,mac"] +
                 [f"{no},{kind},{home},{mac}" for no, (kind, mac, _) in machines.items()]),
            load(security, "macs", ["mac,asset_no,switch,port,valid_until"] +
                 [f"{mac},{no},access-1,{port},2099-12-31" for no, (_, mac, port) in machines.items()])]
    tap.check("six terminals have permits", all(c["committed"] for c in came), came)
    return {no: mac for no, (_, mac, _) in machines.items()}


class Doors:
    """Two switches, and what head office found and did."""

    def __init__(self, office, security, secret):
        self.office, self.security, self.secret = office, security, secret
        self.switches = {"access-1": Client(office.radius), "access-9": Client(office.radius, source="127.0.0.2")}

    def knock(self, mac, port, switch="access-1"):
        return self.switches[switch].mab(mac.replace(":", "-"), port=port, secret=self.secret, seconds=1)

    def admitted(self, mac, port):
        return wait_until(f"{mac} at {port}", lambda: (a := self.knock(mac, port)) and a.reason() in ("ok", "observed"), 20, 0.2)

    def found(self, code, mac):
        rows = self.security.get("/admission/findings", code=code)["rows"]
        return next(((r["switch_name"], r["port"]) for r in rows if r["mac"] == mac), None)

    def note(self, code, mac):
        rows = self.security.get("/admission/records", kind="finding", limit=200, mac=mac)["rows"]
        return " | ".join(r["body"]["note"] for r in rows if r["reason"] == code)

    def isolated(self, number):
        rows = self.security.get("/terminals", isolated="true")["rows"]
        return any(r["asset_no"] == number for r in rows)


def seven(office, tap, security, system, nat, secret):
    if not shutil.which("busybox"):
        tap.skip("the impersonation cases", "not installed: busybox")
        return
    macs = register(office, tap, security, system, nat, secret)
    doors = Doors(office, security, secret)

    def case(name, code, number, places, said="", act=None):
        mac = macs[number]
        place = tap.step(f"{name}: found as {code}, with switch and port", lambda: wait_until(
            f"{code} of {number}", lambda: (act and act(), doors.found(code, mac))[1], 30, 0.3))
        note = wait_for(lambda: said in (note := doors.note(code, mac)) and note, 20) or doors.note(code, mac)
        tap.check(f"{name}: at the right place, and it says by what", place in places and said in note, (place, note))
        tap.step(f"{name}: the policy isolates it", lambda: wait_until("the isolation", lambda: doors.isolated(number), 20, 0.3))

    becomes(office, "fake3", "pos", address=True)

    def both():
        for host, port in (("pos", "p13"), ("fake3", "p14"), ("pos", "p13"), ("fake3", "p14")):
            office.say(host, "10.78.0.2")
            doors.knock(macs["POS"], port)
    case("IP and MAC cloned together", "two-places", "POS", [("access-1", "p13"), ("access-1", "p14")], "back and forth", both)
    # Where the unit enforces, a permit's port alone keeps one of the two out.
    for unit in system.rows("/units"):
        security.post(f"/units/{unit['id']}/mode", {"mode": "enforce", "reason": "impersonation is tried"})
    for number, port in (("PRN", "p11"), ("OWN", "p12"), ("CASH", "p15"), ("CTR", "p30")):
        doors.admitted(macs[number], port)
    learnt = office.folder / "state/learnt"

    def first_use():
        for host, name in (("prn", "prn-3f"), ("own", "prn-1f"), ("cash", "cash-01")):
            asks(office, host, name)
        return all(name in learnt.read_bytes() for name in (b"prn-3f", b"prn-1f", b"cash-01"))
    tap.step("what they are like is learnt at the first use of their permits", lambda: wait_until("it", first_use, 30, 0.3))
    for host in ("prn", "own"):
        office.ip(host, "link", "set", "e0", "down")
    becomes(office, "fake1", "prn")
    becomes(office, "fake2", "own")
    asks(office, "fake2", "laptop")
    asks(office, "spy", "spy")
    case("a printer's MAC on a computer", "clone", "PRN", [("access-1", "p11")], "asks for its address as a computer",
         lambda: asks(office, "fake1", "kali", WINDOWS))
    case("a clone while the owner is off", "clone", "OWN", [("access-1", "p12")], "its host name is 'laptop', 'prn-1f'")
    case("a clone behind a hub, beside its owner", "clone", "CASH", [("access-1", "p15")], "'spy', 'cash-01'")

    def through():
        office.connect("kid1", "10.78.0.11", 3)
        office.connect("kid2", "10.78.0.11", 3)
    case("through a terminal of the bank, which translates", "nat", "CTR", [("access-1", "p30")], "under one address", through)
    doors.knock(macs["FAR"], "p31")
    answer = wait_for(lambda: doors.knock(macs["FAR"], "p9", "access-9"))
    tap.check("a MAC of another branch is refused", answer and answer.code == REJECT, answer and answer.reason())
    case("from another branch", "other-branch", "FAR", [("access-9", "p9")], "access-9 port p9")
    again = wait_for(lambda: (a := doors.knock(macs["PRN"], "p11")) and a.reason() == "isolated-by-person" and a)
    tap.check("whoever knocks with the cloned MAC is answered with the isolation", again and again.reason() == "isolated-by-person", again)
