"""What the open data promises, as an OpenAPI 3.1 document: every question and every answer."""

from typing import Any

from core import site
from directory.web.oruk_parameters import ASKED_OF, PARAMETERS
from directory.web.oruk_schemas import SCHEMAS

Document = dict[str, Any]

_TITLES = {
    "services": ("service", "services", "Listings: what is on offer."),
    "service_at_locations": (
        "service_at_location",
        "services at locations",
        "Listings, once for each place they are held at.",
    ),
    "organizations": ("organization", "organizations", "Those who offer something listed."),
    "taxonomies": ("taxonomy", "taxonomies", "Lists of words that listings are sorted by."),
    "taxonomy_terms": ("taxonomy_term", "taxonomy terms", "The words on these lists."),
}
_OPTIONAL = {"tags": ["Optional"]}


def document(address: str) -> Document:
    """The whole document, for an API at this address."""
    paths: Document = {
        "/": {"get": _operation("getApi", "Which standard this is", _ok("Api"))},
        "/openapi.json": {
            "get": _operation(
                "getOpenApi", "This document", _ok_of({"type": "object"}, "An OpenAPI document")
            )
        },
    }
    for name, (one, many, words) in _TITLES.items():
        extra = {} if name == "services" else _OPTIONAL
        paths[f"/{name}"] = {"get": _list(name, one, many, words) | extra}
        paths[f"/{name}/{{id}}"] = {"get": _record(name, one) | extra}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{site.name()}: open data",
            "version": "3.0",
            "description": (
                "The activities and services of this directory, as Open Referral UK 3.0 (HSDS). "
                "No key is needed. Times of day are those of the United Kingdom."
            ),
        },
        "servers": [{"url": address}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "parameters": {name: _parameter(name) for name in PARAMETERS},
            "responses": {
                "Problem": {
                    "description": "What is wrong, in plain words.",
                    "content": _json({"$ref": "#/components/schemas/Problem"}),
                },
                "Unchanged": {"description": "Nothing has changed since the copy you have."},
            },
        },
    }


def _parameter(name: str) -> Document:
    known = PARAMETERS[name]
    return {"name": name, "in": "query", "description": known.words, "schema": dict(known.schema)}


def _list(name: str, one: str, many: str, words: str) -> Document:
    page = _page({"$ref": f"#/components/schemas/{one}"})
    answer = _ok_of(page, words)
    answer["content"]["application/x-ndjson"] = {"schema": {"type": "string"}}
    said = _operation(f"list_{name}", f"List of {many}", answer)
    said["parameters"] = [{"$ref": f"#/components/parameters/{each}"} for each in ASKED_OF[name]]
    return said


def _record(name: str, one: str) -> Document:
    said = _operation(f"get_{one}", f"One of the {_TITLES[name][1]}", _ok(one))
    said["parameters"] = [
        {
            "name": "id",
            "in": "path",
            "required": True,
            "description": "Its id, as lists give it.",
            "schema": {"type": "string", "format": "uuid"},
        }
    ]
    said["responses"]["404"] = {"$ref": "#/components/responses/Problem"}
    return said


def _operation(name: str, words: str, answer: Document) -> Document:
    return {
        "operationId": name,
        "summary": words,
        "responses": {
            "200": answer,
            "304": {"$ref": "#/components/responses/Unchanged"},
            "400": {"$ref": "#/components/responses/Problem"},
        },
    }


def _ok(schema: str) -> Document:
    return _ok_of({"$ref": f"#/components/schemas/{schema}"}, "The record.")


def _ok_of(schema: Document, words: str) -> Document:
    text = {"schema": {"type": "string"}}
    return {
        "description": words,
        "headers": {"ETag": text, "Last-Modified": text, "Access-Control-Allow-Origin": text},
        "content": _json(schema),
    }


def _json(schema: Document) -> Document:
    return {"application/json": {"schema": schema}}


def _page(item: Document) -> Document:
    whole = {"type": "integer", "minimum": 0}
    truth = {"type": "boolean"}
    facts = {
        "total_items": whole,
        "total_pages": whole,
        "page_number": whole,
        "size": whole,
        "first_page": truth,
        "last_page": truth,
        "empty": truth,
        "contents": {"type": "array", "items": item},
    }
    return {"type": "object", "required": list(facts), "properties": facts}
