"""A bank's directory for scenarios: OpenLDAP's slapd on loopback, with StartTLS and people."""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

BASE, ADMIN = "dc=bank,dc=example", "cn=menshen,dc=bank,dc=example"
PASSWORD = "p'a\"s$s${x}\\w%{User-Name}"  # what a configuration file could stumble over
SCHEMA = pathlib.Path("/etc/ldap/schema")
CONFIG = """include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
include {schema}/nis.schema
attributetype ( 1.3.6.1.4.1.7165.2.1.25 NAME 'sambaNTPassword'
	EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26{{32}} SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.7165.2.2.99 NAME 'labSamba' SUP top AUXILIARY MAY sambaNTPassword )
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {dir}/slapd.pid
TLSCACertificateFile {ca}
TLSCertificateFile {cert}.pem
TLSCertificateKeyFile {cert}.key
security simple_bind=128
sizelimit 500
database mdb
suffix "{base}"
rootdn "{admin}"
rootpw {password}
directory {dir}/data
maxsize 10485760
access to attrs=userPassword,sambaNTPassword by anonymous auth by * none
access to * by * read
"""


def free_tcp_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def nt_hash(password):
    done = subprocess.run(["openssl", "dgst", "-provider", "legacy", "-provider", "default",
                           "-md4", "-binary"], input=password.encode("utf-16-le"),
                          capture_output=True, check=True)
    return done.stdout.hex().upper()


def person(uid, password, name, number="", unit="", sn="某", stored=True):
    lines = [f"dn: uid={uid},ou=people,{BASE}", "objectClass: inetOrgPerson",
             "objectClass: labSamba", f"uid: {uid}", f"cn: {name}", f"sn: {sn}",
             f"userPassword: {password}"]
    lines += [f"sambaNTPassword: {nt_hash(password)}"] if stored else []
    lines += [f"employeeNumber: {number}"] if number else []
    lines += [f"departmentNumber: {unit}"] if unit else []
    return "\n".join(lines) + "\n"


def tree(people, group, members):
    return "\n".join([
        f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: bank\no: bank\n",
        f"dn: ou=people,{BASE}\nobjectClass: organizationalUnit\nou: people\n",
        f"dn: ou=groups,{BASE}\nobjectClass: organizationalUnit\nou: groups\n",
        *people,
        f"dn: cn={group},ou=groups,{BASE}\nobjectClass: groupOfNames\ncn: {group}\n" +
        "".join(f"member: uid={uid},ou=people,{BASE}\n" for uid in members)])


class Directory:
    """One slapd. `ca` is a bank_pki.BankCa, which issues its certificate."""

    def __init__(self, ca, name, ldif):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="slapd-"))
        self.port, self.process, self.ca = free_tcp_port(), None, ca
        self.url = f"ldap://127.0.0.1:{self.port}"
        (self.dir / "data").mkdir()
        hashed = subprocess.run(["/usr/sbin/slappasswd", "-s", PASSWORD], check=True,
                                capture_output=True, text=True).stdout.strip()
        cert = ca.issue(name, name, "IP:127.0.0.1")
        self.config = self.dir / "slapd.conf"
        self.config.write_text(CONFIG.format(schema=SCHEMA, dir=self.dir, ca=ca.pem, cert=cert,
                                             base=BASE, admin=ADMIN, password=hashed))
        subprocess.run(["/usr/sbin/slapadd", "-q", "-f", self.config], input=ldif, text=True,
                       check=True, capture_output=True)

    def start(self):
        self.process = subprocess.Popen(
            ["/usr/sbin/slapd", "-h", self.url, "-f", self.config, "-d", "0"],
            stdout=subprocess.DEVNULL, stderr=open(self.dir / "log", "ab"))
        for _ in range(200):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return True
            time.sleep(0.05)
        return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def modify(self, ldif):
        env = dict(os.environ, LDAPTLS_CACERT=str(self.ca.pem))
        subprocess.run(["ldapmodify", "-ZZ", "-H", self.url, "-x", "-D", ADMIN, "-w", PASSWORD],
                       input=ldif, text=True, check=True, capture_output=True, env=env)

    def remove(self):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)
