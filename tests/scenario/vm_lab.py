"""A desk with real USB: a virtual machine (TCG, no KVM needed) of Debian's kernel, busybox and the
agent as it was built, with agent_peer as its head office on the guest's loopback. The host speaks to
it over a serial line; sticks are image files on the host, plugged by QMP."""
import base64
import hashlib
import json
import lzma
import os
import pathlib
import shlex
import shutil
import socket
import subprocess
import time

from desk_lab import AGENT, CODE, PEER, ROOT, wait_for

KERNEL = pathlib.Path(os.environ.get("MENSHEN_VM_KERNEL", ROOT / "build/vm/kernel"))
PROGRAMS = ("qemu-system-x86_64", "busybox", "depmod", "mkfs.vfat")
MODULES = """xhci-pci usb-storage uas sd_mod sr_mod vfat nls_cp437 nls_ascii nls_utf8 crc32c_generic
crct10dif_generic hid-generic usbhid""".split()
INIT = r"""#!/bin/busybox sh
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root ASAN_OPTIONS=exitcode=99:detect_leaks=0 UBSAN_OPTIONS=exitcode=99:halt_on_error=1:print_stacktrace=1
/bin/busybox --install -s
mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t sysfs none /sys
mount -t tmpfs none /run
echo 3 >/proc/sys/kernel/printk
ifconfig lo 127.0.0.1 up
for module in $(cat /modules/order); do insmod /modules/$module || echo "no $module" >/dev/ttyS0; done
stty -F /dev/ttyS0 raw -echo
exec </dev/ttyS0 >/dev/ttyS0 2>&1
echo "READY"
while read -r line; do
	printf '%s' "$line" | base64 -d >/tmp/line
	sh /tmp/line </dev/null >/tmp/out 2>&1
	code=$?
	cat /tmp/out
	echo
	echo "=END= $code"
done
poweroff -f
"""
CONF = """[server]
addresses = 127.0.0.1:8444
ca = /peer/ca.pem
reconnect_max_s = 1
[agent]
state_dir = /state
run_dir = /run/menshen-agent
[enrol]
code = %s
[guards]
period_s = 1
""" % CODE


def missing():
    """Why the lab cannot run here; "" when it can."""
    absent = [name for name in PROGRAMS if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")]
    if absent:
        return f"{', '.join(absent)} not installed (scripts/install-packages vm)"
    if not list(KERNEL.glob("boot/vmlinuz-*")):
        return "no kernel for the virtual machine (scripts/vm-kernel)"
    return ""


# ---- what the machine starts from ----

def kernel_elf(to):
    """The uncompressed kernel out of the bzImage: emulation would take seconds for it."""
    image = next(KERNEL.glob("boot/vmlinuz-*")).read_bytes()
    at = image.find(b"\xfd7zXZ\x00")
    if at < 0:
        raise RuntimeError("the kernel is not packed by xz")
    to.write_bytes(lzma.LZMADecompressor().decompress(image[at:]))


def module_files():
    """The modules' files, those first that others need."""
    tree = next(KERNEL.glob("lib/modules/*"))
    if not (tree / "modules.dep").exists():
        subprocess.run(["depmod", "-b", KERNEL, tree.name], check=True)
    needs, by_name = {}, {}
    for line in (tree / "modules.dep").read_text().splitlines():
        path, _, rest = line.partition(":")
        needs[path] = rest.split()
        by_name[pathlib.Path(path).name.split(".")[0].replace("-", "_")] = path
    order = []

    def take(path):
        for other in needs[path]:
            take(other)
        if path not in order:
            order.append(path)

    for name in MODULES:
        if name.replace("-", "_") in by_name:
            take(by_name[name.replace("-", "_")])
    return [tree / path for path in order]


def libraries(program):
    """What the program is linked with, as paths; nothing for a static one."""
    done = subprocess.run(["ldd", program], capture_output=True, text=True)
    words = [line.split() for line in done.stdout.splitlines()] if done.returncode == 0 else []
    return [word for line in words for word in line if word.startswith("/")]


class Initramfs:
    """A cpio archive in the "newc" form."""

    def __init__(self):
        self.data, self.made, self.number = bytearray(), set(), 0

    def _entry(self, name, mode, content=b""):
        self.number += 1
        fields = (self.number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        self.data += b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        self.data += bytes(-len(self.data) % 4) + content
        self.data += bytes(-len(self.data) % 4)

    def folder(self, name):
        name = name.strip("/")
        if name and name not in self.made:
            self.folder(os.path.dirname(name))
            self.made.add(name)
            self._entry(name, 0o040755)

    def file(self, name, content, mode=0o100644):
        self.folder(os.path.dirname(name))
        if name not in self.made:
            self.made.add(name)
            self._entry(name.strip("/"), mode, content)

    def program(self, name, path):
        self.file(name, pathlib.Path(path).read_bytes(), 0o100755)
        for library in libraries(path):
            self.file(library, pathlib.Path(library).read_bytes(), 0o100755)

    def write(self, path):
        self._entry("TRAILER!!!", 0)
        path.write_bytes(self.data)


def make_initramfs(path):
    fs, order = Initramfs(), []
    for folder in ("bin", "sbin", "usr/bin", "usr/sbin", "dev", "proc", "sys", "run", "tmp", "root", "mnt", "state",
                   "peer", "var/lib/dpkg"):
        fs.folder(folder)
    for module in module_files():
        order.append(module.name)
        fs.file("/modules/" + module.name, module.read_bytes())
    fs.file("/modules/order", "\n".join(order).encode() + b"\n")
    fs.file("/init", INIT.encode(), 0o100755)
    fs.file("/etc/passwd", "root:x:0:0::/root:/bin/sh\nli:x:1000:1000:李明:/home/li:/bin/sh\n".encode())
    fs.file("/etc/group", b"root:x:0:\n")
    fs.file("/etc/agent.conf", CONF.encode())
    fs.program("/bin/busybox", shutil.which("busybox"))
    fs.program("/sbin/menshen-agent", AGENT)
    fs.program("/sbin/agent_peer", PEER)
    fs.write(path)


# ---- the machine ----

class Stick:
    """An image file with a file system that holds one file."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as f:
            f.truncate(4 << 20)
        subprocess.run(["mkfs.vfat", "-n", "STICK", path], check=True, capture_output=True)
        self.before = self.digest()

    def digest(self):
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    def is_untouched(self):
        return self.digest() == self.before


class Machine:
    def __init__(self, folder):
        self.folder, self.plugged, self.images = folder, {}, 0
        folder.mkdir(parents=True, exist_ok=True)
        kernel_elf(folder / "vmlinux")
        make_initramfs(folder / "initramfs")
        self.start()

    def start(self):
        self.log = open(self.folder / "qemu.log", "a")
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-M", "q35", "-m", "768", "-smp", "1",
             "-nodefaults", "-nic", "none", "-display", "none", "-no-reboot", "-bios", "/usr/share/qemu/qboot.rom",
             "-kernel", self.folder / "vmlinux", "-initrd", self.folder / "initramfs",
             "-append", "console=ttyS0 quiet panic=1 random.trust_cpu=on", "-device", "qemu-xhci,id=xhci,p2=8,p3=8",
             "-serial", f"unix:{self.folder}/serial,server=on,wait=off",
             "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.serial = self._connect("serial")
        self.qmp_socket = self._connect("qmp")
        self.qmp_lines = self.qmp_socket.makefile("r")
        self.qmp_lines.readline()
        self.qmp("qmp_capabilities")
        self.pending = b""
        self._read_until(b"READY\n", 60)

    def _connect(self, name):
        def attempt():
            s = socket.socket(socket.AF_UNIX)
            try:
                s.connect(str(self.folder / name))
                return s
            except OSError:
                s.close()
                return None

        found = wait_for(attempt)
        if not found:
            raise RuntimeError(f"no {name}: " + (self.folder / "qemu.log").read_text()[-500:])
        return found

    def _read_until(self, mark, seconds):
        end = time.monotonic() + seconds
        while mark not in self.pending:
            self.serial.settimeout(max(0.1, end - time.monotonic()))
            try:
                chunk = self.serial.recv(65536)
            except TimeoutError:
                chunk = b""
            if not chunk:
                raise RuntimeError("the machine says no more: " + self.pending[-2000:].decode(errors="replace"))
            self.pending += chunk.replace(b"\r", b"")
        text, _, self.pending = self.pending.partition(mark)
        return text

    def qmp(self, command, **arguments):
        self.qmp_socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = json.loads(self.qmp_lines.readline())
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']}")
            if "return" in answer:
                return answer["return"]

    def sh(self, script, seconds=60):
        """(status, output) of a script in the machine."""
        self.serial.sendall(base64.b64encode(script.encode()) + b"\n")
        text = self._read_until(b"=END= ", seconds).decode(errors="replace")
        status = self._read_until(b"\n", seconds)
        return int(status), text[:-1].strip("\n")

    def run(self, script):
        status, text = self.sh(script)
        assert status == 0, f"{script}: {status} {text}"
        return text

    def plug(self, name, stick=None, driver="usb-storage", **properties):
        """A device of QEMU's; a stick's image becomes its drive, or that of a disk behind it."""
        node = None
        if stick:
            self.images += 1
            node = f"image{self.images}"
            self.qmp("blockdev-add", **{"node-name": node, "driver": "raw",
                                        "file": {"driver": "file", "filename": str(stick.path)}})
        self.plugged[name] = node
        if driver == "usb-storage":
            properties["drive"] = node
        self.qmp("device_add", driver=driver, id=name, bus="xhci.0", **properties)
        if driver == "usb-uas":
            self.qmp("device_add", driver="scsi-hd", id=f"{name}-disk", bus=f"{name}.0", drive=node)
            self.qmp("qom-set", path=f"/machine/peripheral/{name}", property="attached", value=True)

    def unplug(self, name):
        node = self.plugged.pop(name)
        self.qmp("device_del", id=name)
        if node:
            assert wait_for(lambda: self._drop(node)), f"{name} stays plugged"

    def unplug_all(self):
        for name in list(self.plugged):
            self.unplug(name)

    def _drop(self, node):
        try:
            self.qmp("blockdev-del", **{"node-name": node})
            return True
        except RuntimeError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.serial.close()
        self.qmp_socket.close()
        self.log.close()


class GuestDesk:
    """The agent in the machine, and its head office beside it."""

    def __init__(self, machine):
        self.m, self.number = machine, 0
        machine.run("mkfifo /run/orders; (agent_peer /peer 127.0.0.1:8444 86400 </run/orders >/run/peer.out 2>&1 &) ; "
                    "(sleep 100000 >/run/orders &)")
        assert self.wait("grep -q ready /run/peer.out"), machine.sh("cat /run/peer.out")
        self.start()
        assert self.wait("grep -q heartbeat /run/peer.out"), machine.sh("cat /run/agent.log /run/peer.out")

    def start(self):
        self.m.run("(menshen-agent --config /etc/agent.conf run >>/run/agent.log 2>&1 & echo $! >/run/agent.pid)")

    def wait(self, script, seconds=20):
        """Waits in the machine until the script succeeds."""
        tries = int(seconds * 5)
        status, _ = self.m.sh(f"for i in $(seq {tries}); do ({script}) && exit 0; sleep 0.2; done; exit 1",
                              seconds + 60)
        return status == 0

    def policy(self, **storage):
        self.number += 1
        body = json.dumps({"epoch": 1, "number": self.number, "guards": {
            "antivirus": {"mode": "off"}, "accounts": {"mode": "off"}, "baseline": {"mode": "off"},
            "egress": {"mode": "off"}, "storage": storage}})
        self.m.run(f"echo {shlex.quote(f'policy 1 {self.number} {body}')} >/run/orders")
        assert self.wait(f"menshen-agent --config /etc/agent.conf --lang en status | grep -q 'Policy: 1.{self.number}'")

    def events(self, kind="storage."):
        rows = [line.split(" ", 4) for line in self.m.run("cat /peer/events.log").splitlines()]
        return [(row[3], json.loads(row[4])) for row in rows if len(row) == 5 and row[3].startswith(kind)]

    def event(self, event, **marks):
        """The newest event with these marks, once it is there; None if it does not come."""
        def find():
            found = [body for name, body in self.events(event)
                     if all(body.get(key) == value for key, value in marks.items())]
            return found[-1] if found else None

        return wait_for(find)

    def log(self):
        return self.m.sh("cat /run/agent.log")[1]
