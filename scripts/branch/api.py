"""A small client of Menshen's REST API (api/openapi.yaml), as a person's browser would use it."""
import base64
import hashlib
import hmac
import http.client
import json
import ssl
import struct
import time
import urllib.parse


class Refused(Exception):
    def __init__(self, status, body):
        self.status = status
        self.code = body.get("code", "") if isinstance(body, dict) else ""
        super().__init__(f"{status} {body}")


def totp(secret, at=None):
    """RFC 6238 with the console's settings: SHA-1, six digits, 30 s."""
    step = int((time.time() if at is None else at) // 30)
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset:offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1000000:06d}"


class Api:
    def __init__(self, port, ca_file, host="127.0.0.1"):
        self.port, self.host = port, host
        self.tls = ssl.create_default_context(cafile=str(ca_file))
        self.cookie = None
        self.csrf = None

    def call(self, method, path, body=None, media="application/json", **query):
        query = {name: value for name, value in query.items() if value is not None}
        url = "/api/v1" + path + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {}
        if body is not None:
            headers["Content-Type"] = media
            body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        if self.cookie:
            headers["Cookie"] = self.cookie
        if self.csrf and method != "GET":
            headers["X-CSRF-Token"] = self.csrf
        wire = http.client.HTTPSConnection(self.host, self.port, context=self.tls, timeout=30)
        try:
            wire.request(method, url, body, headers)
            answer = wire.getresponse()
            raw = answer.read()
            cookie = answer.getheader("Set-Cookie")
        finally:
            wire.close()
        if cookie and cookie.startswith("menshen_session="):
            self.cookie = cookie.split(";")[0]
        text = raw.decode() if raw else ""
        value = json.loads(text) if text.startswith(("{", "[")) else text
        if answer.status >= 400:
            raise Refused(answer.status, value)
        if isinstance(value, dict) and "csrf" in value:
            self.csrf = value["csrf"]
        return value

    def get(self, path, **query):
        return self.call("GET", path, **query)

    def post(self, path, body=None, **query):
        return self.call("POST", path, body, **query)

    def rows(self, path, **query):
        """All rows of a list, page by page."""
        found = []
        while True:
            page = self.get(path, **query)
            found += page["rows"]
            if not page.get("next"):
                return found
            query["after"] = page["next"]

    def login(self, person):
        """Logs in to the full stage; what is due on the way (new password, TOTP) is done and kept
        in `person`, a dictionary with account, password and, once known, totp; an entry_code that
        a second person handed over is given, once."""
        session = self.call("POST", "/session", {"account": person["account"], "password": person["password"]})
        while session["stage"] != "full":
            session = self._advance(person, session["stage"])
        return session

    def _advance(self, person, stage):
        if stage == "password-change":
            new = person.get("wanted") or person["password"] + "-Neu1"
            session = self.post("/session/password", {"current": person["password"], "new": new})
            person["password"] = new
            return session
        if stage == "totp-enrol":
            person["totp"] = self.post("/session/totp/enrol")["secret"]
            return self._totp(person, "/session/totp/confirm")
        if stage == "entry":
            return self.post("/session/entry", {"code": person.pop("entry_code")})
        if stage == "totp":
            return self._totp(person, "/session/totp/verify")
        raise Refused(0, {"code": f"unknown stage {stage}"})

    def _totp(self, person, path):
        """A code works once, so a second login within half a minute takes the next step's code."""
        step = max(int(time.time() // 30), person.get("totp_step", 0) + 1)
        person["totp_step"] = step
        return self.post(path, {"code": totp(person["totp"], step * 30)})
