"""api/openapi.yaml against what the server answers: a small checker of JSON Schema as the contract
uses it, and values that fit a schema or break it, built directly."""
import random
import re

import yaml


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.doc = yaml.safe_load(file)
        self.operations = {}
        for template, item in self.doc["paths"].items():
            shared = item.get("parameters", [])
            for method, operation in item.items():
                if method == "parameters":
                    continue
                operation = dict(operation, method=method.upper(), path=template,
                                 parameters=[self.follow(p) for p in shared + operation.get("parameters", [])])
                self.operations[operation["operationId"]] = operation

    def follow(self, node):
        seen = {}
        while "$ref" in node:
            seen.update({k: v for k, v in node.items() if k != "$ref"})
            target = self.doc
            for part in node["$ref"][2:].split("/"):
                target = target[part]
            node = target
        return dict(node, **seen) if seen else node

    # ---- checking ----

    def errors(self, value, schema, where="body"):
        schema = self.follow(schema)
        if "anyOf" in schema:
            tries = [self.errors(value, s, where) for s in schema["anyOf"]]
            return [] if any(not t for t in tries) else tries[0]
        kinds = schema.get("type")
        if kinds is not None and not any(is_kind(value, k) for k in ([kinds] if isinstance(kinds, str) else kinds)):
            return [f"{where}: {value!r} is no {kinds}"]
        found = []
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{where}: {value!r} is none of {schema['enum']}")
        if isinstance(value, str):
            if len(value) < schema.get("minLength", 0) or len(value) > schema.get("maxLength", 1 << 30):
                found.append(f"{where}: length of {value[:50]!r}")
            if "pattern" in schema and not re.search(schema["pattern"], value):
                found.append(f"{where}: {value[:50]!r} is not like {schema['pattern']}")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            if value < schema.get("minimum", value) or value > schema.get("maximum", value):
                found.append(f"{where}: {value} out of bounds")
        elif isinstance(value, list):
            if len(value) > schema.get("maxItems", len(value)) or len(value) < schema.get("minItems", 0):
                found.append(f"{where}: {len(value)} items")
            for i, one in enumerate(value):
                found += self.errors(one, schema.get("items", {}), f"{where}[{i}]")
        elif isinstance(value, dict):
            found += self.object_errors(value, schema, where)
        return found

    def object_errors(self, value, schema, where):
        found = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
        known, extra = schema.get("properties", {}), schema.get("additionalProperties", True)
        for name, one in value.items():
            if name in known:
                found += self.errors(one, known[name], f"{where}.{name}")
            elif extra is False:
                found.append(f"{where}: {name} is not in the contract")
            elif isinstance(extra, dict):
                found += self.errors(one, extra, f"{where}.{name}")
        return found

    def check_answer(self, operation, answer):
        """What is wrong with an answer: its status is not in the contract, its body not like it."""
        responses = operation["responses"]
        response = responses.get(str(answer.status))
        if response is None:
            if answer.status < 400 or "default" not in responses and answer.status not in (405, 413, 415):
                return [f"status {answer.status} is not in the contract"]
            response = responses.get("default", {"$ref": "#/components/responses/Error"})
        content = self.follow(response).get("content")
        if not content:
            return [] if not answer.raw else ["a body where the contract has none"]
        kind = answer.headers.get("Content-Type", "").split(";")[0]
        if kind not in content:
            return [f"content type {kind!r} is not in the contract"]
        return self.errors(answer.body, content[kind]["schema"]) if kind == "application/json" else []

    # ---- making ----

    def body_schema(self, operation):
        body = operation.get("requestBody")
        content = self.follow(body)["content"] if body else {}
        return self.follow(content["application/json"]["schema"]) if "application/json" in content else None

    def good(self, schema, rng):
        schema = self.follow(schema)
        if "enum" in schema:
            return rng.choice(schema["enum"])
        kind = schema.get("type", "object")
        if isinstance(kind, list):
            kind = kind[0]
        if kind == "integer":
            low, high = schema.get("minimum", 0), schema.get("maximum", 1 << 40)
            return rng.choice([low, high, min(high, low + 3), rng.randint(low, min(high, low + 20))])
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "array":
            count = rng.randint(schema.get("minItems", 0), schema.get("minItems", 0) + 2)
            return [self.good(schema["items"], rng) for _ in range(count)]
        if kind == "string":
            return good_text(schema, rng)
        required = schema.get("required", [])
        chosen = [n for n in schema.get("properties", {}) if n in required or rng.random() < 0.5]
        if not chosen and schema.get("minProperties"):
            chosen = [rng.choice(list(schema["properties"]))]
        return {n: self.good(schema["properties"][n], rng) for n in chosen}

    def bad(self, schema, rng):
        """Values that break the schema in one way each, with the way named."""
        schema = self.follow(schema)
        good = self.good(schema, rng)
        yield "no object", [1]
        yield "an unknown member", dict(good, nobody_asked=1)
        for name in schema.get("required", []):
            yield f"{name} missing", {k: v for k, v in good.items() if k != name}
        for name, part in schema.get("properties", {}).items():
            for way, value in bad_values(self.follow(part)):
                yield f"{name} {way}", dict(good, **{name: value})


def is_kind(value, kind):
    return {"integer": lambda: isinstance(value, int) and not isinstance(value, bool),
            "number": lambda: isinstance(value, (int, float)) and not isinstance(value, bool),
            "string": lambda: isinstance(value, str), "boolean": lambda: isinstance(value, bool),
            "array": lambda: isinstance(value, list), "object": lambda: isinstance(value, dict),
            "null": lambda: value is None}[kind]()


SAMPLES = ["a1", "B2.c-d", "00:11:22:33:44:55", "001122334455", "123456", "zhang.san", "a-long-secret-of-a-switch", "abcdef"]


def good_text(schema, rng):
    low, high = schema.get("minLength", 0), schema.get("maxLength", 20)
    if "pattern" in schema:
        fits = [s for s in SAMPLES if re.search(schema["pattern"], s) and low <= len(s) <= high]
        return rng.choice(fits)
    if "an IPv4" in schema.get("description", ""):
        return f"192.0.2.{rng.randint(11, 250)}"
    length = rng.choice([max(low, 1), min(high, low + 5), high if high <= 600 else low + 5])
    return "".join(rng.choice("申请ab 12-é") for _ in range(length)).strip().ljust(max(low, 1), "x")[:high]


def bad_values(schema):
    kind = schema.get("type")
    if kind == "string":
        yield "a number", 7
        yield "null", None
        yield "with a control character", "a\u0001b" * max(1, schema.get("minLength", 1))
        if "maxLength" in schema:
            yield "too long", "x" * (schema["maxLength"] + 1)
        if schema.get("minLength", 0) > 0:
            yield "empty", ""
        if "pattern" in schema:
            yield "of another form", "\u4e00 ?" * max(1, schema.get("minLength", 1) // 3)
        if "enum" in schema:
            yield "an unknown word", "no-such-word"
    elif kind == "integer":
        yield "a text", "7"
        yield "a fraction", 1.5
        yield "too small", schema.get("minimum", 0) - 1
        if "maximum" in schema:
            yield "too large", schema["maximum"] + 1
        yield "huge", 10 ** 30
    elif kind == "boolean":
        yield "a text", "true"
    elif kind == "array":
        yield "an object", {}
        yield "with wrong items", [1]
    elif kind == "object":
        yield "an array", []


def seeded(number):
    return random.Random(number)
