"""The description of the API: openapi.json beside this file, for programs as it is and for people as a page.

Written by hand, and held against real answers by tests/search/test_openapi.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("openapi.json")


@lru_cache(maxsize=1)
def _written() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return read


def description(institute: str, public_url: str) -> dict[str, Any]:
    """The OpenAPI document of this institute."""
    written = _written()
    info = written["info"] | {"title": f"{institute}: search"}
    return written | {"info": info, "servers": [{"url": public_url}]}


def shown(described: Mapping[str, Any]) -> dict[str, Any]:
    """The same laid out for a page: what can be asked, and what the answers are made of."""
    return {
        "description": described["info"]["description"],
        "server": described["servers"][0]["url"],
        "operations": [_operation(path, methods["get"]) for path, methods in described["paths"].items()],
        "shapes": [_shape(name, schema) for name, schema in described["components"]["schemas"].items()],
    }


def _operation(path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "path": path,
        "summary": operation["summary"],
        "description": operation["description"],
        "parameters": [
            {"name": one["name"], "kind": _kind(one["schema"]), "description": one["description"]}
            for one in operation["parameters"]
        ],
        "answers": [
            {"status": status, "description": answer["description"], "kind": next(iter(answer["content"]))}
            for status, answer in operation["responses"].items()
        ],
    }


def _shape(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    fields = schema["properties"].items()
    return {
        "name": name,
        "description": schema["description"],
        "fields": [
            {"name": field, "kind": _kind(inner), "description": inner["description"]} for field, inner in fields
        ],
    }


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema in few words: integer from 1 to 100, list of Hit, one of relevance, newest, oldest."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    if schema["type"] == "array":
        return f"list of {_kind(schema['items'])}"
    if "additionalProperties" in schema:
        return f"lists of {_kind(schema['additionalProperties']['items'])} by name"
    kind = schema["type"] if isinstance(schema["type"], str) else " or ".join(schema["type"])
    bounds = f" from {schema['minimum']:,} to {schema['maximum']:,}" if "minimum" in schema else ""
    return f"{kind}{bounds}"
