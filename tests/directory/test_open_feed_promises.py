"""Directory: the open feed does what its OpenAPI document says, whatever it is asked."""

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from tests.client import Client
from tests.directory.fuzzing import fuzz
from tests.directory.open_feed import API, ITEMS, a_whole_directory, everything


@pytest.fixture
def document(client: Client) -> dict[str, object]:
    return client.get(f"{API}/openapi.json").get_json()  # type: ignore[no-any-return]


def test_every_address_and_every_question_is_described(
    app: Flask, document: dict[str, dict[str, object]]
) -> None:
    rules = {
        rule.rule.replace("<uuid:", "{").replace(">", "}").removeprefix(API)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(API) and rule.rule != API
    }
    described = {path.replace("{id}", "{}") for path in document["paths"]}
    assert {path.partition("{")[0] + ("{}" if "{" in path else "") for path in rules} == described


def test_records_fit_the_schemas_of_the_document(
    client: Client, document: dict[str, dict[str, object]]
) -> None:
    a_whole_directory()
    for name, item in ITEMS.items():
        whole = {"$ref": f"#/components/schemas/{item}", "components": document["components"]}
        checked = Draft202012Validator(whole)
        for each in everything(client, f"{name}?full=true"):
            checked.validate(each)


@pytest.mark.slow
def test_no_invented_request_breaks_a_promise(app: Flask) -> None:
    a_whole_directory()
    told = fuzz(app, 300)
    assert told.requests >= 300
    assert not told.failures, "\n".join(told.failures[:5])
    assert {200, 400} <= told.statuses.keys()
