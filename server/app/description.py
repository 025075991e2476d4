"""The API's description: the OpenAPI document for programs, and the same as a page for people."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from aiohttp import ETag, web

from server.app import api_page
from server.kit.dispatch import public

DOCUMENT = "/api/v1/openapi.json"
PAGE = "/api"
STYLE = "/api/reference.css"
PATHS: dict[str, Any] = {
    DOCUMENT: {
        "get": {
            "operationId": "app_openapi",
            "summary": "This document",
            "description": f"As OpenAPI 3.1; `{PAGE}` is the same for reading.",
            "tags": ["app"],
            "security": [],
            "parameters": [
                {
                    "name": "If-None-Match",
                    "in": "header",
                    "required": False,
                    "description": "The `ETag` of the document that is there already.",
                    "schema": {"type": "string"},
                }
            ],
            "responses": {
                "200": {
                    "description": "The document",
                    "headers": {
                        "X-Request-Id": {"$ref": "#/components/headers/RequestId"},
                        "ETag": {"schema": {"type": "string"}, "description": "Of this document"},
                    },
                    "content": {
                        "application/json": {
                            "schema": {"type": "object", "required": ["openapi", "info", "paths"]},
                            "example": {"openapi": "3.1.0", "info": {}, "paths": {}},
                        }
                    },
                },
                "304": {
                    "description": "It has not changed.",
                    "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
                },
            },
        }
    }
}
_CSS = Path(__file__).with_name("reference.css").read_bytes()


def register(app: web.Application, document: Callable[[], dict[str, Any]]) -> None:
    """Serve the document and its page, both made when first asked for."""

    def kept(path: str, kind: str, make: Callable[[], bytes]) -> None:
        made: list[tuple[bytes, str]] = []

        @public
        async def serve(request: web.Request) -> web.StreamResponse:
            if not made:
                body = make()
                made.append((body, hashlib.sha256(body).hexdigest()[:32]))
            body, tag = made[0]
            known = any(each.value in (tag, "*") for each in request.if_none_match or ())
            response = web.Response(status=304) if known else web.Response(body=body)
            if not known:
                response.content_type = kind
                response.charset = None if kind == "application/json" else "utf-8"
            response.etag = ETag(tag)
            response.headers["Cache-Control"] = "no-cache"
            return response

        app.router.add_get(path, serve, allow_head=False)

    kept(DOCUMENT, "application/json", lambda: orjson.dumps(document()))
    kept(PAGE, "text/html", lambda: api_page.page(document(), DOCUMENT, STYLE).encode())
    kept(STYLE, "text/css", lambda: _CSS)
