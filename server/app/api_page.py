"""The OpenAPI document as a page for people: one file of HTML, no script, everything escaped."""

import json
import re
from collections.abc import Iterable
from html import escape
from typing import Any

Schema = dict[str, Any]
_CODE = re.compile(r"`+([^`]+)`+")
_LOGO = (
    '<svg class="mark" viewBox="0 0 40 40" aria-hidden="true">'
    '<rect class="room" x="2" y="2" width="36" height="36" rx="11"/>'
    '<path class="lamp" d="M13 32V17a7 7 0 0 1 14 0v15z"/>'
    '<path class="door" d="M13 32V17a7 7 0 0 1 4.5-6.5L20 15v17z"/>'
    '<circle class="lamp" cx="17.6" cy="23.5" r="1.2"/></svg>'
)


def page(document: dict[str, Any], address: str, style: str) -> str:
    """The whole page. ``address`` is where the document itself is, ``style`` its style sheet."""
    info = document["info"]
    title = escape(info["title"])
    groups = _groups(document)
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>API · {title}</title>",
        '<link rel="icon" href="/favicon.svg" type="image/svg+xml">',
        f'<link rel="stylesheet" href="{escape(style)}"></head><body>',
        '<a class="skip" href="#content">Skip to the content</a>',
        f'<header class="top"><a class="logo" href="/">{_LOGO}<span>Vårdrum</span></a>',
        f'<a class="raw" href="{escape(address)}">OpenAPI document</a></header>',
        f'<div class="page">{_contents(groups)}<main id="content">',
        _opening(info),
        _sessions(document["components"]["securitySchemes"]),
        *(_group(name, about, operations, document) for name, about, operations in groups),
        _errors(document["components"]["responses"]),
        _shapes(document["components"]["schemas"]),
        "</main></div></body></html>",
    ]
    return "".join(parts)


Operation = tuple[str, str, dict[str, Any]]


def _groups(document: dict[str, Any]) -> list[tuple[str, str, list[Operation]]]:
    """The tags, each with its words and operations (method, path, operation)."""
    every = [
        (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    return [
        (
            tag["name"],
            tag["description"],
            [each for each in every if tag["name"] in each[2]["tags"]],
        )
        for tag in document["tags"]
    ]


def _contents(groups: list[tuple[str, str, list[Operation]]]) -> str:
    lists = []
    for name, _, operations in groups:
        lines = "".join(
            f'<li><a href="#{escape(each["operationId"])}">{_words(each["summary"])}'
            f"{_whose(each)}</a></li>"
            for _, _, each in operations
        )
        lists.append(f"<li>{_link(name)}<ul>{lines}</ul></li>")
    lists += [f"<li>{_link(name)}</li>" for name in ("errors", "shapes")]
    return f'<nav aria-label="Contents"><ul>{"".join(lists)}</ul></nav>'


def _link(group: str) -> str:
    return f'<a class="group" href="#{escape(group)}">{_name(group)}</a>'


def _whose(operation: dict[str, Any]) -> str:
    """Tells apart what patients and staff do under the same words."""
    audience = operation["operationId"].partition("_")[0]
    return f' <span class="soft">{audience}</span>' if audience in ("patient", "staff") else ""


def _opening(info: dict[str, Any]) -> str:
    facts = [f"Version {escape(info['version'])}", escape(info["license"]["name"])]
    contact = info.get("contact", {})
    if "email" in contact:
        facts.append(f'<a href="mailto:{escape(contact["email"])}">{escape(contact["email"])}</a>')
    # Only what a browser opens as a page: an address is an operator's text.
    if re.match(r"https?://", contact.get("url", "")):
        facts.append(f'<a href="{escape(contact["url"])}">{escape(contact["url"])}</a>')
    return (
        f'<div class="opening"><p class="over">API</p><h1>{escape(info["title"])}</h1>'
        f'<p class="soft">{" · ".join(facts)}</p>{_paragraphs(info["description"])}</div>'
    )


def _sessions(schemes: dict[str, Any]) -> str:
    rows = "".join(
        f"<dt>{_name(name)} <code>{escape(each['name'])}</code></dt>"
        f"<dd>{_words(each['description'])}</dd>"
        for name, each in schemes.items()
    )
    return f'<section><h2 id="sessions">Sessions</h2><dl>{rows}</dl></section>'


def _group(name: str, about: str, operations: list[Operation], document: dict[str, Any]) -> str:
    inside = "".join(_operation(*each, document["components"]) for each in operations)
    return (
        f'<section><h2 id="{escape(name)}">{_name(name)}</h2>{_paragraphs(about)}{inside}</section>'
    )


def _operation(
    method: str, path: str, operation: dict[str, Any], components: dict[str, Any]
) -> str:
    name = escape(operation["operationId"])
    # A path may break behind each of its slashes.
    shown = escape(path).replace("/", "/<wbr>")
    return (
        f'<article aria-labelledby="{name}"><h3 id="{name}">{_words(operation["summary"])}'
        f"{_whose(operation)}</h3>"
        f'<p class="call"><span class="method {method.lower()}">{method}</span> '
        f"<code>{shown}</code></p>"
        f"{_paragraphs(operation['description'])}{_who(operation)}"
        f"{_parameters(operation, components)}{_body(operation)}"
        f"{_answers(operation, components)}</article>"
    )


def _who(operation: dict[str, Any]) -> str:
    schemes = [name for each in operation["security"] for name in each]
    if not schemes:
        return '<p class="who">Open to everybody.</p>'
    whose = " or ".join(escape(name) for name in schemes)
    if {} in operation["security"]:
        return f'<p class="who">With or without a session (<a href="#sessions">{whose}</a>).</p>'
    return f'<p class="who">With a session (<a href="#sessions">{whose}</a>).</p>'


def _parameters(operation: dict[str, Any], components: dict[str, Any]) -> str:
    rows = []
    for each in operation["parameters"]:
        known = components["parameters"].get(each.get("$ref", "").rpartition("/")[2], each)
        need = "" if known["required"] else ", optional"
        rows.append(
            f"<dt><code>{escape(known['name'])}</code> "
            f'<span class="soft">{known["in"]}{need}, {_type(known["schema"])}</span></dt>'
            f"<dd>{_words(known['description'])}</dd>"
        )
    return f"<h4>Parameters</h4><dl>{''.join(rows)}</dl>" if rows else ""


def _body(operation: dict[str, Any]) -> str:
    body = operation.get("requestBody")
    if body is None:
        return ""
    content = body["content"]["application/json"]
    need = "" if body["required"] else " Optional."
    return (
        f"<h4>Body</h4><p>{_type(content['schema'])}. {_words(body['description'])}{need}</p>"
        f"{_example(content['example'], 'An example of the body')}"
    )


def _answers(operation: dict[str, Any], components: dict[str, Any]) -> str:
    rows = []
    for status, each in operation["responses"].items():
        known = components["responses"].get(each.get("$ref", "").rpartition("/")[2], each)
        rows.append(f"<dt>{status}</dt><dd>{_answer(known)}</dd>")
    return f'<h4>Answers</h4><dl class="answers">{"".join(rows)}</dl>'


def _answer(answer: dict[str, Any]) -> str:
    content = answer.get("content", {})
    if "application/problem+json" in content:
        return ", ".join(
            f'<a href="#error-{escape(code)}"><code>{escape(code)}</code></a>'
            for code in content["application/problem+json"]["examples"]
        )
    told = _words(answer["description"])
    if "application/json" not in content:
        return told
    shape = content["application/json"]
    kind = f" ({_type(shape['schema'])})" if "$ref" in shape["schema"] else ""
    return f"{told}{kind}{_example(shape['example'], 'An example of the answer')}"


def _errors(responses: dict[str, Any]) -> str:
    found = {
        code: each
        for response in responses.values()
        for code, each in response["content"]["application/problem+json"]["examples"].items()
    }
    rows = "".join(
        f'<dt id="error-{escape(code)}"><code>{escape(code)}</code> '
        f'<span class="soft">{each["value"]["status"]}</span></dt>'
        f"<dd>{_words(each['summary'])}{_example(each['value'], f'An example of {code}')}</dd>"
        for code, each in sorted(found.items())
    )
    return f'<section><h2 id="errors">Errors</h2><dl>{rows}</dl></section>'


def _shapes(schemas: dict[str, Schema]) -> str:
    inside = []
    for name, schema in sorted(schemas.items()):
        fields = "".join(
            _field(field, each, field in schema.get("required", ()))
            for field, each in schema.get("properties", {}).items()
        )
        kind = f"<p>{_type(schema)}</p>" if "enum" in schema else ""
        about = _paragraphs(schema.get("description", ""))
        inside.append(
            f'<article class="shape" aria-labelledby="shape-{escape(name)}">'
            f'<h3 id="shape-{escape(name)}">{escape(name)}</h3>{about}{kind}'
            f"{f'<dl>{fields}</dl>' if fields else ''}</article>"
        )
    return f'<section><h2 id="shapes">Shapes</h2>{"".join(inside)}</section>'


def _field(name: str, schema: Schema, required: bool) -> str:
    need = "" if required else ", optional"
    return (
        f'<dt><code>{escape(name)}</code> <span class="soft">{_type(schema)}{need}</span></dt>'
        f"<dd>{_words(schema.get('description', ''))}</dd>"
    )


def _type(schema: Schema) -> str:
    """The schema in a few words, with links to those that have a name."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#shape-{name}">{name}</a>'
    for alternatives in ("anyOf", "oneOf"):
        if alternatives in schema:
            return " or ".join(_type(each) for each in schema[alternatives])
    if "const" in schema:
        return _value(schema["const"])
    if "enum" in schema:
        return " or ".join(_value(each) for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    kind = schema.get("format") or schema.get("type", "any")
    return escape(", ".join([str(kind), *_limits(schema)]))


def _value(value: object) -> str:
    return f"<code>{escape(value if isinstance(value, str) else json.dumps(value))}</code>"


def _limits(schema: Schema) -> Iterable[str]:
    for low, high, unit in (("minLength", "maxLength", " characters"), ("minimum", "maximum", "")):
        if low in schema and high in schema:
            yield f"{schema[low]} to {schema[high]}{unit}"
        elif low in schema:
            yield f"at least {schema[low]}{unit}"
        elif high in schema:
            yield f"at most {schema[high]}{unit}"
    if "default" in schema:
        yield f"{json.dumps(schema['default'])} if left out"


def _example(value: object, label: str) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    shown = f"<pre><code>{escape(text)}</code></pre>"
    return f"<details><summary>{escape(label)}</summary>{shown}</details>"


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{_words(each)}</p>" for each in text.split("\n\n") if each.strip())


def _words(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(" ".join(text.split())))


def _name(name: str) -> str:
    return escape(name[:1].upper() + name[1:])
