"""A strict reader of Prometheus' text format 0.0.4, and HTTP by hand to fetch it."""
import re
import socket

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9]+(?:\.[0-9]+)?|\+Inf)$")


class Malformed(Exception):
    pass


def own_family(name, families):
    for suffix in ("", "_bucket", "_sum", "_count"):
        base = name[:len(name) - len(suffix)] if suffix else name
        if name.endswith(suffix) and base in families and \
                (not suffix or families[base] == "histogram"):
            return base
    raise Malformed(f"{name} has no TYPE")


def parse(text):
    """{name: {frozenset of label pairs: value}}; refuses what the format does not allow."""
    if not text.endswith("\n"):
        raise Malformed("the last line does not end")
    families, helped, samples, last, closed = {}, set(), {}, None, set()
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            if name in helped or not re.fullmatch(NAME, name) or len(line.split(" ", 3)) < 4:
                raise Malformed(line)
            helped.add(name)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            if name in families or name not in helped or \
                    kind not in ("counter", "gauge", "histogram"):
                raise Malformed(line)
            if kind == "counter" and not name.endswith("_total"):
                raise Malformed(f"counter {name} has no _total")
            families[name] = kind
        else:
            match = SAMPLE.match(line)
            if not match:
                raise Malformed(line)
            family = own_family(match[1], families)
            if family != last:
                if family in closed:
                    raise Malformed(f"{family} stands in two places")
                closed.add(family)
                last = family
            labels = frozenset(re.findall(r'([a-zA-Z0-9_]+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
            if labels in samples.setdefault(match[1], {}):
                raise Malformed(f"twice: {line}")
            samples[match[1]][labels] = float(match[3].replace("+Inf", "inf"))
    for name, kind in families.items():
        if kind == "histogram":
            check_histogram(name, samples)
        elif kind == "counter" and any(v < 0 for v in samples.get(name, {}).values()):
            raise Malformed(f"{name} is below 0")
    return samples


def check_histogram(name, samples):
    buckets = sorted((float(dict(labels)["le"].replace("+Inf", "inf")), value)
                     for labels, value in samples[name + "_bucket"].items())
    if buckets[-1][0] != float("inf") or \
            [v for _, v in buckets] != sorted(v for _, v in buckets) or \
            buckets[-1][1] != samples[name + "_count"][frozenset()] or \
            frozenset() not in samples[name + "_sum"]:
        raise Malformed(name)


def value(samples, name, **labels):
    return samples.get(name, {}).get(frozenset(labels.items()))


def http(port, request=b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", seconds=3):
    """Status, head and body of what a listener on loopback says."""
    with socket.create_connection(("127.0.0.1", port), seconds) as s:
        s.settimeout(seconds)
        s.sendall(request)
        data = b""
        while True:
            try:
                more = s.recv(65536)
            except ConnectionError:
                break
            if not more:
                break
            data += more
    head, _, body = data.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]) if head else 0, head.decode(), body.decode()
