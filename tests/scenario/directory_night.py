"""People who follow the bank's directory every night, by head office's server: a real menshend with
[directory], a real slapd, and the API as an administrator uses it."""
import pathlib
import subprocess
import sys

from directory_lab import ADMIN, BASE, Directory, free_tcp_port, person, tree
from gate_lab import BUILD, wait_for

sys.path.append(str(pathlib.Path(__file__).parent / "api"))
from client import Client  # noqa: E402

PEOPLE = 620  # in two pages of slapd's, and two pieces of the import


class Office:
    """A head office whose administrator is logged in."""

    def __init__(self, folder, config):
        self.dir, self.process = folder / "night", None
        self.log = folder / "night.log"
        ports = [free_tcp_port() for _ in range(2)]
        made = subprocess.run(
            [BUILD / "src/cli/menshen", "init", "--dir", self.dir, "--unit-code", "HQ", "--gateway",
             f"127.0.0.1:{ports[0]}", "--console", f"127.0.0.1:{ports[1]}"],
            text=True, capture_output=True, check=True).stdout
        first = next(line.split()[3] for line in made.splitlines() if "account sysadmin" in line)
        self.conf = self.dir / "menshend.conf"
        self.conf.write_text(self.conf.read_text() +
                             f"[directory]\nfile = {config}\nat = 00:00\n")
        self.client = Client(ports[1], self.dir / "keys/ca.pem", "sysadmin", first)
        self.client.context.check_hostname = False

    def start(self):
        self.process = subprocess.Popen([BUILD / "src/server/menshend", self.conf],
                                        stderr=self.log.open("ab"))
        return wait_for(lambda: b"ready:" in self.log.read_bytes(), 30)

    def next_run(self, since=0):
        """The result of the first reading that began after `since`."""
        found = {}

        def ended():
            found.update(self.client.get("/directory").body)
            return not found["running"] and (found["last"] or {"started_at": 0})["started_at"] > since
        wait_for(ended, 60)
        return found["last"]

    def read(self):
        since = self.client.get("/directory").body["last"]["started_at"]
        asked = self.client.post("/directory/sync", {"reason": "people joined"})
        assert asked.status == 202, asked
        return self.next_run(since)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


def counts(run):
    return {k: run[k] for k in ("result", "created", "updated", "bad", "disabled", "held")}


def said(result, **others):
    return dict(dict.fromkeys(("created", "updated", "bad", "disabled", "held"), 0),
                result=result, **others)


def gone(server, numbers):
    server.modify("".join(f"dn: uid=u{i},ou=people,{BASE}\nchangetype: delete\n\n" for i in numbers))


def nights(t, office, server):
    run = office.next_run()
    t.check("a directory that is down changes nothing, and the console says why",
            run and run["result"] == "failed" and "127.0.0.1" in run["error"], run)
    server.start()
    run = office.read()
    t.check("a reading makes its people; one of a unit that nobody has is named and left out",
            counts(run) == said("done", created=PEOPLE, bad=1) and
            run["people"] == PEOPLE + 1 and "lost" in run["bad_shown"][0]["person"] and
            run["bad_shown"][0]["column"] == "unit_code", run)
    run = office.read()
    t.check("a second one changes nobody", counts(run) == said("done", bad=1), run)
    gone(server, (1, 2))
    run = office.read()
    t.check("who is gone loses the account", counts(run) == said("done", bad=1, disabled=2), run)
    gone(server, range(3, 60))
    run = office.read()
    t.check("too many who are gone at once are held by the breaker, all of them",
            counts(run) == said("held", bad=1, held=57), run)
    rows = office.client.get("/breakers").body["rows"]
    t.check("they stand, with the two before, where breakers are reset by two persons",
            [(r["effect"], r["terminals"]) for r in rows] == [("account.disable", 59)], rows)
    account = office.client.get("/accounts?q=u5&limit=10").body["rows"]
    t.check("and their accounts work on", account and all(a["enabled"] for a in account), account)
    server.stop()
    run = office.read()
    t.check("killed, it harms nobody", run["result"] == "failed", run)


def people_at_night(t, folder, bank):
    staff = [person(f"u{i}", "x", f"员工{i}", f"N{i}", "HQ", stored=False) for i in range(PEOPLE)]
    staff.append(person("lost", "x", "某人", "N9999", "NOWHERE", stored=False))
    server = Directory(bank, "night", tree(staff, "network", ["u0"]))
    config = folder / "night.conf"
    config.write_text(f"""[directory]
server = {server.url}
base = ou=people,{BASE}
bind_dn = {ADMIN}
password_file = {folder}/password
ca = {bank.pem}
""")
    office = Office(folder, config)
    try:
        t.check("head office starts with a directory", office.start(), office.log.read_text())
        office.client.login()
        nights(t, office, server)
        office.stop()
        log = office.log.read_text()
        t.check("each reading says in the log what it did", "57 gone and held by the breaker" in log,
                log[-3000:])
        done = subprocess.run([BUILD / "src/cli/menshen", "verify", "--key",
                               office.dir / "keys/log.pub", office.dir / "data"],
                              capture_output=True, text=True)
        t.check("the audit log accounts for all of it", done.returncode == 0, done.stdout)
    finally:
        office.stop()
        server.remove()
