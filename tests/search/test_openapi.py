"""What openapi.json says is held against what the API answers."""

from typing import Any

import pytest
from django.test import Client

from isthmus.search import openapi
from isthmus.search.keeper import Keeper
from tests.search.notes import tariff_notes

TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "null": type(None)}


@pytest.fixture
def described(client: Client, db: None) -> dict[str, Any]:
    return dict(client.get("/api/v1/openapi.json").json())


@pytest.fixture
def site(keeper: Keeper, client: Client) -> Client:
    tariff_notes(12)
    keeper.tick()
    return client


def faults(answer: Any, schema: dict[str, Any], described: dict[str, Any], at: str = "answer") -> list[str]:
    """Where an answer is not what its schema says: the part of JSON Schema that the description uses."""
    if "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if type(answer) not in [TYPES[kind] for kind in kinds]:
        return [f"{at} is {answer!r}, not {kinds}"]
    if "enum" in schema and answer not in schema["enum"]:
        return [f"{at} is {answer!r}, none of {schema['enum']}"]
    if isinstance(answer, list):
        over = [f"{at} has {len(answer)}"] if len(answer) > schema.get("maxItems", len(answer)) else []
        rows = enumerate(answer)
        return over + [fault for n, one in rows for fault in faults(one, schema["items"], described, f"{at}[{n}]")]
    return faults_of_object(answer, schema, described, at) if isinstance(answer, dict) else []


def faults_of_object(answer: dict[str, Any], schema: dict[str, Any], described: dict[str, Any], at: str) -> list[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    found = [f"{at} has no {name}" for name in schema.get("required", []) if name not in answer]
    for name, value in answer.items():
        inner = known.get(name) or others
        found += faults(value, inner, described, f"{at}.{name}") if inner else [f"{at}.{name} is not described"]
    return found


def schema_of(described: dict[str, Any], path: str, status: int) -> dict[str, Any]:
    content = described["paths"][path]["get"]["responses"][str(status)]["content"]
    return dict(next(iter(content.values()))["schema"])


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("search?q=tariff", 200), ("search", 200), ("search?q=tariff&page=2&year=2020&sort=oldest", 200),
        ("search?q=absent", 200), ("search?q=tariff&page=x", 400), ("suggest?q=tar", 200), ("suggest", 200),
    ],
)  # fmt: skip
def test_answers_are_what_the_description_says(site: Client, described: dict[str, Any], asked: str, status: int):
    answer = site.get(f"/api/v1/{asked}")

    assert answer.status_code == status
    assert faults(answer.json(), schema_of(described, f"/api/v1/{asked.partition('?')[0]}", status), described) == []


def test_an_answer_that_is_otherwise_is_seen(described: dict[str, Any]):
    schema = schema_of(described, "/api/v1/suggest", 200)

    assert faults([{"text": "a", "kind": "planet", "url": None, "more": 1}], schema, described) == [
        "answer[0].kind is 'planet', none of ['publication', 'series', 'person', 'category']",
        "answer[0].url is None, not ['string']",
        "answer[0].more is not described",
    ]


def test_search_that_is_away_is_the_problem_it_describes(keeper: Keeper, client: Client, described: dict[str, Any]):
    answer = client.get("/api/v1/search?q=tariff")

    assert answer.status_code == 503
    assert faults(answer.json(), schema_of(described, "/api/v1/search", 503), described) == []


def test_description_names_the_institute_and_its_address(described: dict[str, Any], settings: Any):
    assert described["info"]["title"].endswith(": search")
    assert described["servers"] == [{"url": settings.PUBLIC_URL}]


def test_every_parameter_the_search_reads_is_described(described: dict[str, Any]):
    named = [one["name"] for one in described["paths"]["/api/v1/search"]["get"]["parameters"]]

    assert named == ["q", "sort", "page", "per_page", "series", "kind", "author", "year", "category.{axis}"]


def test_page_for_people_shows_every_path_field_and_answer(client: Client, described: dict[str, Any]):
    page = client.get("/api/v1/docs").content.decode()

    for path, methods in described["paths"].items():
        assert f"GET http://localhost:8000{path}" in page
        assert all(f"<code>{one['name']}</code>" in page for one in methods["get"]["parameters"])
    for name, schema in described["components"]["schemas"].items():
        assert f">{name}</h2>" in page
        assert all(f"<code>{field}</code>" in page for field in schema["properties"])
    assert "integer from 1 to 100" in page
    assert "one of relevance, newest, oldest" in page


def test_kinds_are_said_in_few_words():
    shown = openapi.shown(openapi.description("The Institute", "https://institute.example"))

    [results] = [shape for shape in shown["shapes"] if shape["name"] == "Results"]
    assert {field["name"]: field["kind"] for field in results["fields"]} == {
        "total": "integer", "index_total": "integer", "page": "integer", "per_page": "integer",
        "hits": "list of Hit", "close": "list of Hit", "facets": "lists of Choice by name",
    }  # fmt: skip
