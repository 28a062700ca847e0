"""A syslog collector that takes RFC 5424 by the letter, by UDP (RFC 5426) or TCP with octet counting
(RFC 6587), and keeps what it heard."""
import re
import socket
import threading

PRINT = r"[\x21-\x7e]"
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)"
SD_NAME = r"[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}"
PARAM = rf'({SD_NAME})="((?:[^"\\\]]|\\["\\\]])*)"'
MESSAGE = re.compile(rf"<(\d{{1,3}})>1 ({STAMP}) ({PRINT}{{1,255}}) ({PRINT}{{1,48}}) "
                     rf"({PRINT}{{1,128}}) ({PRINT}{{1,32}}) \[({SD_NAME})((?: {PARAM})*)\]"
                     rf" \ufeff([^\x00-\x1f]*)$", re.S)


class Malformed(Exception):
    pass


def parse(data):
    text = data.decode("utf-8")
    m = MESSAGE.match(text)
    if not m or not 0 <= int(m[1]) <= 191 or len(data) > 2048:
        raise Malformed(text)
    values = {k: re.sub(r"\\(.)", r"\1", v) for k, v in re.findall(PARAM, m[8])}
    return {"facility": int(m[1]) // 8, "severity": int(m[1]) % 8, "app": m[4], "id": m[6],
            "values": values, "text": m[11]}


class Collector:
    def __init__(self, tcp, port=0):
        self.heard, self.wrong, self.tcp = [], [], tcp
        self.socket = socket.socket(type=socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        if tcp:
            self.socket.listen()
        threading.Thread(target=self._accept if tcp else self._udp, daemon=True).start()

    def _take(self, data):
        try:
            self.heard.append(parse(data))
        except (Malformed, UnicodeDecodeError) as e:
            self.wrong.append(str(e))

    def _udp(self):
        try:
            while True:
                self._take(self.socket.recv(65536))
        except OSError:
            pass

    def _accept(self):
        try:
            while True:
                self.peer = self.socket.accept()[0]
                threading.Thread(target=self._stream, args=(self.peer,), daemon=True).start()
        except OSError:
            pass

    def _stream(self, peer):
        stream = peer.makefile("rb")
        try:
            while True:
                count = b""
                while not count.endswith(b" "):
                    byte = stream.read(1)
                    if not byte:
                        return
                    count += byte
                if not re.fullmatch(rb"[1-9]\d* ", count):
                    self.wrong.append(f"octet count {count!r}")
                    return
                self._take(stream.read(int(count)))
        except OSError:
            pass

    def end(self):
        self.socket.close()
        if self.tcp and hasattr(self, "peer"):
            self.peer.shutdown(socket.SHUT_RDWR)
            self.peer.close()
