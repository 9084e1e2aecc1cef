"""Checks answers against docs/http-api/openapi.yaml."""

import re
from pathlib import Path

import jsonschema
import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
DOCUMENT = yaml.safe_load((REPOSITORY / "docs/http-api/openapi.yaml").read_text())


def routes() -> list[tuple[str, str]]:
    return [(method.upper(), path) for path, item in DOCUMENT["paths"].items()
            for method in item if method in ("get", "post", "delete")]


def _resolve(node: dict) -> dict:
    while "$ref" in node:
        found = DOCUMENT
        for key in node["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        node = found
    return node


def _template(path: str) -> str:
    plain = path.split("?")[0]
    for template in DOCUMENT["paths"]:
        if re.fullmatch(re.sub(r"{[a-z]+}", "[^/]+", template), plain):
            return template
    raise AssertionError(f"{path} is not in the contract")


def check_schema(name: str, value) -> None:
    """Raises when the value is not as the schema of this name says: for what comes over a stream."""
    schema = {**DOCUMENT, **DOCUMENT["components"]["schemas"][name]}
    jsonschema.Draft202012Validator(schema).validate(value)


def check(method: str, path: str, answer) -> None:
    """Raises when the status, the type or the body of the answer is not what the contract says."""
    responses = DOCUMENT["paths"][_template(path)][method.lower()]["responses"]
    chosen = responses.get(str(answer.status), responses.get("default"))
    assert chosen is not None, f"{method} {path}: {answer.status} is not in the contract"
    content = _resolve(chosen).get("content")
    if content is None:
        assert answer.body == b"", f"{method} {path}: {answer.status} has a body"
        return
    kind = answer.headers["Content-Type"].split(";")[0]
    assert kind in content, f"{method} {path}: {kind} is not one of {list(content)}"
    if kind.endswith("json"):
        # The whole document, so that references inside of schemas are found.
        schema = {**DOCUMENT, **content[kind]["schema"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json)
