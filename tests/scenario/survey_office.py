"""What switches say over SNMP on its way to a person: survey, gate, head office, REST API; all of them real."""
import pathlib
import shutil
import sys
import tempfile

from gate_lab import ROOT, free_tcp_port, free_udp_port

sys.path.append(str(ROOT / "scripts/branch"))
from branch import SmallBranch  # noqa: E402
from lab import tcp_answers, wait_until  # noqa: E402

WHY = "surveyed"


class Office(SmallBranch):
    def __init__(self, folder):
        super().__init__(ROOT, folder, prefix="svy", console_port=free_tcp_port())
        self.gateway_port, self.ids = free_tcp_port(), {}

    def addresses(self):
        return ["--server", f"127.0.0.1:{self.gateway_port}", "--gateway", f"127.0.0.1:{self.gateway_port}",
                "--console", f"127.0.0.1:{self.console_port}", "--gate-runs", "here"]

    def hand_over(self):
        conf, radius = self.gate_dir / "gate.conf", free_udp_port(2)
        before, engine = conf.read_text().split("[engine]", 1)
        conf.write_text(before.split("[radius]")[0] + f"""[radius]
auth = 127.0.0.1:{radius}
acct = 127.0.0.1:{radius + 1}
auth6 = none
acct6 = none
[survey]
user = nobody
[engine]
enabled = no
""" + engine)

    def by_role(self, role):
        return self.api(next(p["account"] for p in self.people.values() if p["role"] == role))

    def open(self):
        self.init()
        for folder in (self.folder, self.gate_dir, self.gate_dir / "run"):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
        self.start_server()
        self.start("gate", [self.program("menshen-gate"), "-c", self.gate_dir / "gate.conf", "run"])

    def start_server(self):
        self.start("menshend", [self.program("menshend"), self.server_dir / "menshend.conf"])
        wait_until("menshend to answer", lambda: tcp_answers("127.0.0.1", self.console_port), 30)

    def register(self, name, address, snmp):
        system = self.by_role("system")
        unit = system.rows("/units")[0]
        self.ids[name] = system.post("/switches", {
            "unit_id": unit["id"], "name": name, "address": address, "vendor": "ruijie", "secret": "a-secret-of-the-lab-0123",
            "vlan_normal": "10", "vlan_isolation": "99"})["id"]
        system.post(f"/switches/{self.ids[name]}/snmp", snmp)
        return unit["code"]

    def hears_the_gate_up_to_date(self):
        """Both switches are in its snapshot: a survey of one alone takes the other for a stranger."""
        entries = self.by_role("auditor").rows("/audit/entries", limit=200)
        wanted = max(e["seq"] for e in entries if e["act"].startswith("switch."))
        return (self.by_role("system").get("/gates")["rows"][0]["snapshot_rev"] or 0) >= wanted

    def add_terminal(self, unit_code, asset_no, mac):
        """A printer, by import; gives its number."""
        columns = self.by_role("security").get("/imports/terminals/template").splitlines()[0].lstrip("\ufeff").split(",")
        row = {"资产编号": asset_no, "终端类型": "printer", "机构代码": unit_code, "MAC地址": mac}
        text = ",".join(columns) + "\n" + ",".join(row.get(c.split("(")[0].strip(), "") for c in columns) + "\n"
        report = self.by_role("security").call("POST", "/imports/terminals", text, "text/csv", commit="true")
        if not report["committed"]:
            raise RuntimeError(report)
        return next(t["id"] for t in self.by_role("security").rows("/terminals") if t["asset_no"] == asset_no)

    def ports(self, name):
        return self.by_role("security").get(f"/switches/{self.ids[name]}/ports")

    def port(self, name, port):
        return next((p for p in self.ports(name)["states"] if p["port"] == port), {})

    def seen(self, name):
        return {row["mac"]: row for row in self.ports(name)["seen"]}

    def neighbours(self, name):
        return {row["port"]: row for row in self.ports(name)["neighbours"]}

    def asked_at(self, name):
        return (self.ports(name)["survey"] or {}).get("asked_at", 0)

    def search(self, mac):
        return self.by_role("security").get("/search", q=mac)["rows"]

    def log(self, name):
        return (self.logs / f"{name}.log").read_text()


def what_it_says_is_shown(t, lab, office, world):
    t.step("what a switch says stands at head office", lambda: wait_until(
        "both switches", lambda: office.asked_at("core") and office.asked_at("edge"), 60) or True)
    survey = office.ports("core")["survey"]
    t.check("with what it is", (survey["said"], survey["model"], survey["serial"], survey["gate"]) ==
            ("ok", "S5735-L24T4S-A1", "SN-core", "north"), survey)
    up, down = office.port("core", "GE0/0/3"), office.port("core", "GE0/0/9")
    t.check("its ports are up or down, with their speed and what a person wrote at them",
            (up["linked"], up["speed_mbit"], up["alias"], down["linked"]) == (True, 1000, "desk 3", False), (up, down))
    t.check("an uplink is one, an access port is none",
            office.port("core", "GE0/0/24")["uplink"] and not up["uplink"], office.ports("core")["states"])
    seen = office.seen("core")
    t.check("who stands at a port is there, without a session; who stands behind an uplink is not",
            set(seen) == {world["printer"]} and not seen[world["printer"]]["session"] and
            seen[world["printer"]]["asset_no"] == "PR-1" and seen[world["printer"]]["vlan"] == 20, seen)
    beside = office.neighbours("core")
    t.check("a neighbour that is a switch of ours is known by its name, a stranger is told apart",
            (beside["GE0/0/24"]["known"], beside["GE0/0/24"]["switch_name"], beside["GE0/0/7"]["known"],
             beside["GE0/0/7"]["name"], beside["GE0/0/7"]["kind"]) ==
            ("switch", "edge", "unknown", "tp-link", "switch"), beside)
    t.check("a telephone is no switch", office.neighbours("edge")["GE0/0/2"]["kind"] == "phone",
            office.neighbours("edge"))


def places_are_found(t, lab, office, world):
    hits = office.search(world["anna"].replace(":", "").upper())
    t.check("a MAC that nobody registered and that has no session is found where its switch sees it",
            [(h["kind"], h["seen_switch"], h["seen_port"]) for h in hits] == [("place", "edge", "GE0/0/1")], hits)
    hits = office.search(world["printer"])
    t.check("a terminal's MAC is found as the terminal, with the place",
            [(h["kind"], h["seen_switch"], h["seen_port"]) for h in hits] == [("terminal", "core", "GE0/0/3")], hits)
    places = office.by_role("security").get(f"/terminals/{world['terminal']}")["places"]
    t.check("and its page says the same", [(p["switch_name"], p["port"], p["here"]) for p in places] ==
            [("core", "GE0/0/3", True)], places)


def a_stranger_is_a_finding(t, lab, office, world):
    def found():
        return [f for f in office.by_role("security").get("/admission/findings")["rows"] if f["mac"] == world["stranger"]]

    wait_until("the finding", found, 30)
    first = found()
    t.check("a switch that is not ours is a finding, once, with switch and port",
            [(f["code"], f["switch_name"], f["port"], f["count"], f["state"]) for f in first] ==
            [("bridge", "core", "GE0/0/7", 1, "open")], first)
    t.check("a telephone is none, nor is a switch of ours", all(
        f["mac"] == world["stranger"] for f in office.by_role("security").get("/admission/findings")["rows"]))
    office.by_role("security").post(f"/admission/findings/{first[0]['id']}/settle", {"reason": WHY})
    t.check("who deals with it settles it", found()[0]["state"] == "settled", found())


def surveys(lab, number, more=2):
    """So many surveys later."""
    for _ in range(more):
        before = lab.switch(number).get("asked_at")
        wait_until("a survey", lambda b=before: lab.switch(number).get("asked_at") not in (None, b), 20)


def only_news_travel(t, lab, office, world):
    before = office.asked_at("edge")
    surveys(lab, world["edge"])
    t.check("a survey that says nothing new is not told", office.asked_at("edge") == before, (before, office.asked_at("edge")))
    lab.switches[world["edge"]].say(world["edge_moved"], down=[1])
    t.step("a MAC that moves and a link that falls are", lambda: wait_until(
        "the news", lambda: office.seen("edge").get(world["bodo"], {}).get("port") == "GE0/0/5" and
        not office.port("edge", "GE0/0/1")["linked"], 30) or True)
    hits = office.search(world["anna"])
    t.check("who left is found where he was seen last, with the time",
            [(h["kind"], h["seen_switch"], h["seen_port"]) for h in hits] == [("place", "edge", "GE0/0/1")] and
            before <= hits[0]["seen_at"] and world["anna"] not in office.seen("edge"), hits)


def head_office_away(t, lab, office, world):
    office.stop("menshend")
    lab.switches[world["edge"]].say(world["edge_moved"], down=[1, 8])
    surveys(lab, world["edge"], 1)
    office.start_server()
    t.step("what changed while head office was away is told when it is back", lambda: wait_until(
        "the news", lambda: office.port("edge", "GE0/0/8").get("linked") is False, 60) or True)


def run(t, lab, world, snmp):
    """`world`: the numbers of two switches of the lab, and who stands at them."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="survey-office-"))
    office = Office(folder)
    try:
        office.open()
        lab.switches[world["core"]].say(world["core_macs"], down=[9])
        unit = office.register("core", lab.switches[world["core"]].address, snmp["core"])
        office.register("edge", lab.switches[world["edge"]].address, snmp["edge"])
        world["terminal"] = office.add_terminal(unit, "PR-1", world["printer"])
        wait_until("the gate's snapshot", office.hears_the_gate_up_to_date, 30)
        lab.start(period_s=1, gate=office.gate_dir / "run/survey.sock")
        for part in (what_it_says_is_shown, places_are_found, a_stranger_is_a_finding, only_news_travel,
                     head_office_away):
            t.step(f"the part '{part.__name__}' ran to its end", lambda p=part: p(t, lab, office, world) or True)
    finally:
        lab.end_survey()
        office.down()
        shutil.rmtree(folder, ignore_errors=True)
