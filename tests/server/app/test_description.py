"""The API's description: complete, valid, with examples that are true; and the page to read it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from typing_extensions import override

from server.app.api_page import page
from server.app.build import all_routes, document
from server.app.description import DOCUMENT, PAGE, STYLE
from server.kit.actor import Audience
from server.kit.edge import cookie_name
from server.kit.settings import Settings
from tests.support import Api

ROOT = Path(__file__).resolve().parents[3]
DOC = document()
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, item in DOC["paths"].items()
    for method, operation in item.items()
]


def test_the_document_is_valid_openapi() -> None:
    validate(DOC)


def test_every_route_that_is_served_is_told(app: web.Application) -> None:
    served = {
        f"{each.method} {each.resource.canonical}"
        for each in app.router.routes()
        if each.resource is not None and each.method != "HEAD"
    }
    pages = {f"GET {PAGE}", f"GET {STYLE}"}
    assert served - pages == {name for name, _ in OPERATIONS}
    assert len(served) > 30


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_every_operation_says_what_an_engineer_asks(name: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"] not in ("", operation["summary"])
    assert operation["tags"]
    for parameter in operation["parameters"]:
        known = _resolved(parameter)
        assert known["description"], known["name"]
        assert known["schema"]
    if name.startswith(("POST", "PUT", "DELETE")):
        assert {"400", "403", "413", "422", "500", "503"} <= set(operation["responses"])
    if "{" in name:
        assert "404" in operation["responses"]
    if any(operation["security"]) and {} not in operation["security"]:
        assert "401" in operation["responses"]
    for status, answer in operation["responses"].items():
        known = _resolved(answer)
        assert known["description"]
        assert "X-Request-Id" in known["headers"]
        assert ("Retry-After" in known["headers"]) == (
            status in ("429", "503") and "application/problem+json" in known["content"]
        )


def test_operation_ids_are_names_of_one_thing() -> None:
    names = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(set(names)) == len(names)


def test_every_error_that_a_route_declares_is_told() -> None:
    for route in all_routes():
        answers = DOC["paths"][route.path][route.method.lower()]["responses"]
        for error in route.errors:
            told = _resolved(answers[str(error.status)])["content"]["application/problem+json"]
            assert error.code in told["examples"], (route.path, error)


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    found: Any = DOC
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    assert isinstance(found, dict)
    return found


def _examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every example with its schema."""
    for name, operation in OPERATIONS:
        told = [operation.get("requestBody", {}), *map(_resolved, operation["responses"].values())]
        for part in told:
            for content in part.get("content", {}).values():
                if "example" in content:
                    yield name, content["schema"], content["example"]
                for code, example in content.get("examples", {}).items():
                    yield f"{name} {code}", content["schema"], example["value"]
        for parameter in map(_resolved, operation["parameters"]):
            if "example" in parameter:
                yield f"{name} {parameter['name']}", parameter["schema"], parameter["example"]


def test_every_example_is_what_its_schema_allows() -> None:
    count = 0
    for name, schema, value in _examples():
        whole = {**schema, "components": DOC["components"]}
        faults = [fault.message for fault in OAS31Validator(whole).iter_errors(value)]
        assert faults == [], name
        count += 1
    assert count > 200


def test_the_service_says_whose_it_is(settings: Settings) -> None:
    def info(contact: str) -> dict[str, Any]:
        chosen = settings.model_copy(update={"region_name": "Region X", "api_contact": contact})
        found: dict[str, Any] = document(chosen)["info"]
        return found

    assert (info("")["title"], info("").get("contact")) == ("Vårdrum, Region X", None)
    assert info("api@example.org")["contact"] == {"email": "api@example.org"}
    assert info("https://example.org/api")["contact"] == {"url": "https://example.org/api"}
    validate(document(settings.model_copy(update={"api_contact": "https://example.org/api"})))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (DOCUMENT, "application/json"),
        (PAGE, "text/html; charset=utf-8"),
        (STYLE, "text/css; charset=utf-8"),
    ],
)
async def test_what_has_not_changed_is_not_sent_again(client: Api, path: str, kind: str) -> None:
    first = await client.get(path)
    assert (first.status, first.headers["Content-Type"]) == (200, kind)
    assert first.headers["Cache-Control"] == "no-cache"
    tag = first.headers["ETag"]
    for known, status in ((tag, 304), (f'W/{tag}, "x"', 304), ('"x"', 200), ("nonsense", 200)):
        again = await client.get(path, headers={"If-None-Match": known})
        assert (again.status, bool(again.body)) == (status, status == 200), known
        assert again.headers["ETag"] == tag


class _Reader(HTMLParser):
    """Ids and links of a page, and whether every tag is closed."""

    VOID = frozenset({"meta", "link", "wbr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            assert name != "style"
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_tells_everything_that_the_document_does() -> None:
    read = _Reader(page(DOC, DOCUMENT, STYLE))
    assert read.open == []
    assert len(set(read.ids)) == len(read.ids)
    assert {operation["operationId"] for _, operation in OPERATIONS} <= set(read.ids)
    assert {f"shape-{name}" for name in DOC["components"]["schemas"]} <= set(read.ids)
    assert {link.removeprefix("#") for link in read.links if link[0] == "#"} <= set(read.ids)
    assert DOCUMENT in read.links
    assert not {"script", "style", "iframe", "img"} & read.tags


def test_the_page_escapes_whatever_it_is_told(settings: Settings) -> None:
    bad = '"><script>alert(1)</script>'
    chosen = settings.model_copy(update={"region_name": bad, "api_contact": f"javascript://{bad}"})
    html = page(document(chosen), DOCUMENT, STYLE)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "javascript:" not in html
    assert _Reader(html).open == []


def test_the_page_has_the_products_colours() -> None:
    """It stands alone, but does not look alone."""

    def colours(css: str) -> list[tuple[str, str]]:
        return re.findall(r"--([a-z0-9-]+): (#\w+);", css)

    tokens = (ROOT / "web-client/src/styles/tokens.css").read_text()
    pair = r"light-dark\((#\w+), (#\w+)\)"
    light, dark = re.sub(pair, r"\1", tokens), re.sub(pair, r"\2", tokens)
    ours = (ROOT / "server/app/reference.css").read_text()
    our_light, our_dark = ours.split("@media (prefers-color-scheme: dark)")
    assert len(colours(our_light)) == len(colours(our_dark)) > 10
    assert set(colours(our_light)) <= set(colours(light))
    assert set(colours(our_dark)) <= set(colours(dark))


def test_the_cookies_are_those_that_the_description_names() -> None:
    schemes = document()["components"]["securitySchemes"]
    assert {name: each["name"] for name, each in schemes.items()} == {
        audience.value: cookie_name(audience, secure=True) for audience in Audience
    }
