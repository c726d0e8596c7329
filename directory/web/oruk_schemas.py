"""The records of our open data as JSON schemas. The unknown is left out."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

_ID: Schema = {"type": "string", "format": "uuid"}
_TEXT: Schema = {"type": "string"}
_HTML: Schema = {"type": "string", "description": "A little safe HTML, or plain text."}
_NUMBER: Schema = {"type": "number"}
_DAY: Schema = {"type": "string", "format": "date"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_LINK: Schema = {"type": "string", "format": "uri"}
_EMAIL: Schema = {"type": "string", "format": "email"}
_CLOCK: Schema = {
    "type": "string",
    "pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}$",
    "description": "A time of day in the United Kingdom, summer and winter.",
}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _many(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _object(required: str, fields: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "required": required.split(), "properties": dict(fields)}


_PROBLEM = _object(
    "status title reason", {"status": {"type": "integer"}, "title": _TEXT, "reason": _TEXT}
)

SCHEMAS: dict[str, Schema] = {
    "Problem": _object("error", {"error": _PROBLEM}),
    "Api": _object(
        "version profile openapi_url", {"version": _TEXT, "profile": _LINK, "openapi_url": _LINK}
    ),
    "service": _object(
        "id last_modified",
        {
            "id": _ID,
            "organization_id": _ID,
            "name": _TEXT,
            "description": _HTML,
            "url": _LINK,
            "email": _EMAIL,
            "status": {"enum": ["active", "inactive", "defunct", "temporarily closed"]},
            "application_process": _TEXT,
            "eligibility_description": _TEXT,
            "minimum_age": _NUMBER,
            "maximum_age": _NUMBER,
            "assured_date": _DAY,
            "alert": _TEXT,
            "last_modified": _MOMENT,
            "modified_date": _MOMENT,
            "organization": _ref("organization"),
            "phones": _many("phone"),
            "schedules": _many("schedule"),
            "service_at_locations": _many("service_at_location"),
            "languages": _many("language"),
            "cost_options": _many("cost_option"),
            "contacts": _many("contact"),
            "attributes": _many("attribute"),
            "capacities": _many("service_capacity"),
        },
    ),
    "organization": _object(
        "id name description",
        {
            "id": _ID,
            "name": _TEXT,
            "description": _HTML,
            "email": _EMAIL,
            "website": _LINK,
            "phones": _many("phone"),
            "services": _many("service"),
        },
    ),
    "service_at_location": _object(
        "id service_id location_id",
        {
            "id": _ID,
            "service_id": _ID,
            "location_id": _ID,
            "name": _TEXT,
            "status": _TEXT,
            "last_modified": _MOMENT,
            "location": _ref("location"),
            "service": _ref("service"),
            "schedules": _many("schedule"),
            "phones": _many("phone"),
            "contacts": _many("contact"),
        },
    ),
    "location": _object(
        "id location_type",
        {
            "id": _ID,
            "location_type": {"enum": ["physical", "postal", "virtual"]},
            "name": _TEXT,
            "transportation": _TEXT,
            "latitude": _NUMBER,
            "longitude": _NUMBER,
            "addresses": _many("address"),
            "accessibility": _many("accessibility"),
            "attributes": _many("attribute"),
        },
    ),
    "address": _object(
        "id address_1 city state_province postal_code country address_type",
        {
            "id": _ID,
            "location_id": _ID,
            "address_1": _TEXT,
            "address_2": _TEXT,
            "city": _TEXT,
            "state_province": _TEXT,
            "postal_code": _TEXT,
            "country": _TEXT,
            "address_type": {"enum": ["physical", "postal", "virtual"]},
        },
    ),
    "accessibility": _object(
        "id",
        {
            "id": _ID,
            "location_id": _ID,
            "description": _TEXT,
            "accessibility": _TEXT,
            "details": _TEXT,
            "attributes": _many("attribute"),
        },
    ),
    "phone": _object(
        "id number",
        {
            "id": _ID,
            "service_id": _ID,
            "organization_id": _ID,
            "number": _TEXT,
            "description": _TEXT,
        },
    ),
    "contact": _object(
        "id",
        {"id": _ID, "service_id": _ID, "title": _TEXT, "attributes": _many("attribute")},
    ),
    "schedule": _object(
        "id",
        {
            "id": _ID,
            "service_id": _ID,
            "freq": {"enum": ["WEEKLY", "MONTHLY"]},
            "interval": _NUMBER,
            "byday": _TEXT,
            "bymonthday": _TEXT,
            "dtstart": _DAY,
            "until": _DAY,
            "valid_from": _DAY,
            "valid_to": _DAY,
            "opens_at": _CLOCK,
            "closes_at": _CLOCK,
            "description": _TEXT,
            "attending_type": _TEXT,
            "attributes": _many("attribute"),
        },
    ),
    "cost_option": _object(
        "id",
        {
            "id": _ID,
            "service_id": _ID,
            "option": _TEXT,
            "currency": _TEXT,
            "amount": _NUMBER,
            "amount_description": _TEXT,
        },
    ),
    "language": _object("id", {"id": _ID, "service_id": _ID, "name": _TEXT, "code": _TEXT}),
    "attribute": _object(
        "id link_id link_entity link_type taxonomy_term_id taxonomy_term",
        {
            "id": _ID,
            "link_id": _ID,
            "link_entity": _TEXT,
            "link_type": _TEXT,
            "taxonomy_term_id": _ID,
            "value": _TEXT,
            "label": _TEXT,
            "taxonomy_term": _ref("taxonomy_term"),
        },
    ),
    "service_capacity": _object(
        "id unit available updated",
        {
            "id": _ID,
            "service_id": _ID,
            "unit_id": _ID,
            "unit": _ref("unit"),
            "available": _NUMBER,
            "updated": _MOMENT,
            "description": _TEXT,
        },
    ),
    "unit": _object("id name", {"id": _ID, "name": _TEXT, "scheme": _TEXT, "identifier": _TEXT}),
    "taxonomy": _object("id name description", {"id": _ID, "name": _TEXT, "description": _TEXT}),
    "taxonomy_term": _object(
        "id name description",
        {
            "id": _ID,
            "code": _TEXT,
            "name": _TEXT,
            "description": _TEXT,
            "taxonomy": _TEXT,
            "taxonomy_id": _ID,
            "term_uri": _LINK,
            "parent_id": _ID,
        },
    ),
}
