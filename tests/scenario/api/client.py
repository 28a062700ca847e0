"""A browser's manners toward the REST API: cookie, CSRF header, JSON; TOTP by RFC 6238."""
import base64
import hashlib
import hmac
import http.client
import json
import ssl
import struct
import time


def totp(secret, at=None, step=0):
    counter = int((at or time.time()) // 30) + step
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset:offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1000000:06d}"


class Answer:
    def __init__(self, status, headers, raw):
        self.status, self.headers, self.raw = status, headers, raw
        kind = headers.get("Content-Type", "")
        self.body = json.loads(raw) if raw and kind.startswith("application/json") else None

    @property
    def code(self):
        return self.body.get("code") if isinstance(self.body, dict) else None

    def __repr__(self):
        return f"{self.status} {self.raw[:300]!r}"


class Client:
    def __init__(self, port, ca, account=None, password=None):
        self.port, self.account, self.password = port, account, password
        self.context = ssl.create_default_context(cafile=ca)
        self.cookie = self.csrf = self.secret = None
        self.entry = None  # the code that a second person handed over
        self.devices = {}  # cookies by which an account knows this browser
        self.clock = 0.0
        self.connection = None

    def raw(self, method, path, body=None, headers=None):
        for attempt in (1, 2):
            if not self.connection:
                self.connection = http.client.HTTPSConnection("localhost", self.port, timeout=60, context=self.context)
            try:
                self.connection.request(method, path, body=body, headers=headers or {})
                response = self.connection.getresponse()
                data = response.read()
                break
            except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise
        if response.will_close:
            self.connection.close()
            self.connection = None
        return Answer(response.status, response.headers, data)

    def call(self, method, path, body=None, csrf=True, kind="application/json", headers=None):
        headers = dict(headers or {})
        cookies = dict(self.devices) if path.startswith("/session") else {}
        if self.cookie:
            cookies["menshen_session"] = self.cookie
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        if csrf and self.csrf and method != "GET":
            headers["X-CSRF-Token"] = self.csrf
        data = None
        if body is not None:
            data = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else json.dumps(body).encode()
            headers["Content-Type"] = kind
        answer = self.raw(method, "/api/v1" + path, data, headers)
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            if name == "menshen_session":
                self.cookie = value or None
            else:
                self.devices[name] = value
        if answer.status == 200 and isinstance(answer.body, dict) and "csrf" in answer.body:
            self.csrf = answer.body["csrf"]
        return answer

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body, **more)

    def begin(self):
        """Password alone."""
        self.cookie = self.csrf = None
        return self.post("/session", {"account": self.account, "password": self.password})

    def code(self, step=0):
        return totp(self.secret, time.time() + self.clock, step)

    def login(self, fresh_password=None):
        """All the way to stage full, whatever is due; the session's body."""
        answer = self.begin()
        for _ in range(4):
            assert answer.status == 200, answer
            stage = answer.body["stage"]
            if stage == "full":
                return answer.body
            if stage == "password-change":
                fresh = fresh_password or "Fresh-Word-2027"
                answer = self.post("/session/password", {"current": self.password, "new": fresh})
                self.password = fresh
            elif stage == "entry":
                answer = self.post("/session/entry", {"code": self.entry})
            elif stage == "totp-enrol":
                self.secret = self.post("/session/totp/enrol").body["secret"]
                answer = self.post("/session/totp/confirm", {"code": self.code(-1)})
            else:
                answer = self.post("/session/totp/verify", {"code": self.code()})
                if answer.status == 401:
                    answer = self.post("/session/totp/verify", {"code": self.code(1)})
        raise AssertionError(f"the login does not end: {answer}")
