"""A bank's own CA, made with openssl: certificates, revocation, and the same of somebody else."""
import subprocess

CONFIG = """[ca]
default_ca = bank
[bank]
database = {dir}/{name}.index
serial = {dir}/{name}.serial
crlnumber = {dir}/{name}.crlnumber
certificate = {dir}/{name}.pem
private_key = {dir}/{name}.key
new_certs_dir = {dir}
default_md = sha256
default_days = 30
default_crl_days = 7
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
"""


class BankCa:
    def __init__(self, folder, name="bank", subject="/C=CN/O=某银行/CN=某银行终端签发中心"):
        self.dir, self.name, self.pem = folder, name, folder / f"{name}.pem"
        self.config = folder / f"{name}.cnf"
        self.config.write_text(CONFIG.format(dir=folder, name=name))
        (folder / f"{name}.index").write_text("")
        (folder / f"{name}.serial").write_text("01\n")
        (folder / f"{name}.crlnumber").write_text("01\n")
        self.openssl("req", "-x509", *self.key(name), "-utf8", "-subj", subject, "-days", "30",
                     "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", self.pem)

    def key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                self.dir / f"{name}.key"]

    def openssl(self, *arguments):
        subprocess.run(["openssl", arguments[0], "-config", self.config, *arguments[1:]],
                       check=True, capture_output=True)

    def issue(self, name, common_name, alternative=None):
        """The stem of the certificate's and its key's path."""
        stem = self.dir / name
        names = ["-addext", f"subjectAltName={alternative}"] if alternative else []
        self.openssl("req", *self.key(name), "-utf8", "-subj", f"/CN={common_name}", *names,
                     "-out", f"{stem}.csr")
        self.openssl("ca", "-batch", "-notext", "-in", f"{stem}.csr", "-out", f"{stem}.pem")
        for path in (f"{stem}.key", f"{stem}.pem"):
            subprocess.run(["chmod", "644", path], check=True)
        return stem

    def revoke(self, stem):
        self.openssl("ca", "-revoke", f"{stem}.pem")

    def write_list(self, path):
        self.openssl("ca", "-gencrl", "-out", path)
