"""What an attacker puts on a wire: frames of Ethernet, packets of RADIUS, the agents' own frames."""
import contextlib
import ctypes
import hashlib
import hmac
import os
import select
import socket
import ssl
import struct
import time

CLONE_NEWNET = 0x40000000
BROADCAST = b"\xff" * 6
MARK = b"attack-mark"


@contextlib.contextmanager
def inside(namespace):
    """Sockets that are opened in here stay in the namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net") as home, open(f"/run/netns/{namespace}") as there:
        if libc.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), namespace)
        try:
            yield
        finally:
            libc.setns(home.fileno(), CLONE_NEWNET)


# ---- Ethernet ----

def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ether(dst, src, kind, payload):
    return (dst + src + struct.pack(">H", kind) + payload).ljust(60, b"\0")


def tagged(frame, vlan, kind=0x8100):
    return frame[:12] + struct.pack(">HH", kind, vlan) + frame[12:]


def arp_answer(sender, address, speaks_as=None):
    body = struct.pack(">HHBBH", 1, 0x800, 6, 4, 2) + (speaks_as or sender) + socket.inet_aton(address)
    return ether(BROADCAST, sender, 0x806, body + BROADCAST + socket.inet_aton(address) + MARK)


def ipv4(src, dst, protocol, payload, fragment=0, options=b""):
    words = 5 + len(options) // 4
    head = struct.pack(">BBHHHBBH4s4s", 0x40 | words, 0, words * 4 + len(payload), 1, fragment, 64, protocol, 0,
                       socket.inet_aton(src), socket.inet_aton(dst)) + options
    total = sum(struct.unpack(f">{len(head) // 2}H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + struct.pack(">H", ~(total + (total >> 16)) & 0xFFFF) + head[12:] + payload


def ipv6(protocol, payload):
    ends = socket.inet_pton(socket.AF_INET6, "fe80::5") + socket.inet_pton(socket.AF_INET6, "ff02::1")
    return struct.pack(">IHBB", 6 << 28, len(payload), protocol, 255) + ends + payload


def udp(source, to, payload):
    return struct.pack(">HHHH", source, to, 8 + len(payload), 0) + payload


def tcp(source, to, payload):
    return struct.pack(">HHIIBBHHH", source, to, 1, 0, 0x50, 2, 1000, 0, 0) + payload


def ears(namespace, device):
    with inside(namespace):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.bind((device, 0))
    return s


def marks_heard(listeners, seconds):
    """Which of {name: socket} hear numbered marks; {number: {name, ...}}."""
    heard, end = {}, time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for s in select.select(list(listeners.values()), [], [], left)[0]:
            data, (_, _, direction, *_) = s.recvfrom(4096)
            at = data.find(MARK)
            if at >= 0 and direction != socket.PACKET_OUTGOING:
                number = data[at + len(MARK)]
                heard.setdefault(number, set()).update(name for name, x in listeners.items() if x is s)
    return heard


# ---- RADIUS ----

def attribute(kind, value):
    return bytes([kind, len(value) + 2]) + value


def radius(code, ident, attributes, secret, signed=True, authenticator=None):
    if signed:
        attributes = attribute(80, bytes(16)) + attributes
    keyed = code in (4, 40, 43)
    first = bytes(16) if keyed else authenticator or os.urandom(16)
    packet = bytearray(struct.pack(">BBH", code, ident, 20 + len(attributes)) + first + attributes)
    if signed:
        packet[22:38] = hmac.new(secret, bytes(packet), hashlib.md5).digest()
    if keyed:
        packet[4:20] = hashlib.md5(bytes(packet) + secret).digest()
    return bytes(packet)


def mac_request(address, port, secret, ident=1, signed=True):
    """MAC authentication as menshen-port does it: the MAC as name and as password."""
    authenticator = os.urandom(16)
    plain = address.replace(":", "").encode()
    pad = hashlib.md5(secret + authenticator).digest()
    hidden = bytes(a ^ b for a, b in zip(plain.ljust(16, b"\0"), pad))
    return radius(1, ident, attribute(1, plain) + attribute(2, hidden) + attribute(31, address.encode()) +
                  attribute(87, port.encode()), secret, signed, authenticator)


def answers(namespace, gate, packets, wait_s=0.6, port=1812, expected=None):
    """What comes back: within `wait_s`, or, when so many are expected, as soon as they are there."""
    with inside(namespace):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for packet in packets:
        s.sendto(packet, (gate, port))
    found, end = [], time.monotonic() + (10 if expected else wait_s)
    while len(found) != expected and (left := end - time.monotonic()) > 0 and select.select([s], [], [], left)[0]:
        found.append(s.recv(4096))
    s.close()
    return found


# ---- the agents' frames ----

HELLO, ENROL, RENEW, HEARTBEAT, EVENT, WELCOME, ACK, REFUSAL, RECORD = 1, 2, 4, 5, 6, 7, 8, 11, 34


def number(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(index, value):
    if isinstance(value, int):
        return number(index << 3) + number(value)
    value = value.encode() if isinstance(value, str) else value
    return number(index << 3 | 2) + number(len(value)) + value


def message(**fields):
    """message(_1=1, _2="text"): the fields by their numbers in wire/menshen.proto."""
    return b"".join(field(int(name[1:]), value) for name, value in fields.items())


def frame(kind, payload):
    return struct.pack(">IH", len(payload) + 2, kind) + payload


class Peer:
    """A TLS client of the gateway, with or without a certificate."""

    def __init__(self, namespace, address, ca, identity=None, session=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(ca)
        if identity:
            context.load_cert_chain(identity)
        with inside(namespace):
            raw = socket.create_connection(address, timeout=10)
        self.tls = context.wrap_socket(raw, server_hostname=address[0], session=session)
        self.held = b""

    def send(self, kind, payload):
        self.tls.sendall(frame(kind, payload))

    def hello(self, epoch, next_seq=1):
        self.send(HELLO, message(_1=1, _2="attack", _3="none", _4=epoch, _5=next_seq))

    def receive(self, seconds=3):
        """(kind, payload); None: the other side ended, or said nothing in time."""
        self.tls.settimeout(seconds)
        try:
            while len(self.held) < 6 or len(self.held) < 4 + struct.unpack(">I", self.held[:4])[0]:
                more = self.tls.recv(65536)
                if not more:
                    return None
                self.held += more
        except OSError:
            return None
        length, kind = struct.unpack(">IH", self.held[:6])
        payload, self.held = self.held[6:4 + length], self.held[4 + length:]
        return kind, payload

    def ended(self, seconds=3):
        """The other side closes, whatever it says before."""
        self.tls.settimeout(seconds)
        try:
            while self.tls.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True

    def close(self):
        self.tls.close()
