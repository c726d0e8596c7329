"""Directory: takes nested records of HSDS apart into the rows of its tables, as a datapackage has.

The names, columns and keys are those of the HSDS 3 datapackage, with the two tables of places free
that 3.1 adds. Rows stand in the order of the listings.
"""

from collections.abc import Iterator
from typing import Any

from directory.feeds.writing import Record

Row = tuple[str, Record]

_KEY = "id"

COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "organization": "id name description email website",
        "service": (
            "id organization_id name description url email status application_process "
            "eligibility_description minimum_age maximum_age assured_date last_modified"
        ),
        "location": "id location_type name transportation latitude longitude",
        "service_at_location": "id service_id location_id",
        "address": (
            "id location_id address_1 address_2 city state_province postal_code country "
            "address_type"
        ),
        "accessibility": "id location_id description details",
        "schedule": (
            "id service_id valid_from valid_to dtstart until freq interval byday bymonthday "
            "description opens_at closes_at attending_type"
        ),
        "cost_option": "id service_id option currency amount amount_description",
        "contact": "id service_id title",
        "phone": "id service_id organization_id number description",
        "language": "id service_id name code",
        "taxonomy": "id name description",
        "taxonomy_term": "id code name description parent_id taxonomy taxonomy_id term_uri",
        "attribute": "id link_id taxonomy_term_id link_type link_entity value label",
        "unit": "id name scheme identifier",
        "service_capacity": "id service_id unit_id available updated description",
    }.items()
}

FILES = {
    "organization": "organizations.csv",
    "service": "services.csv",
    "location": "locations.csv",
    "service_at_location": "service_at_location.csv",
    "address": "addresses.csv",
    "accessibility": "accessibility.csv",
    "schedule": "schedules.csv",
    "cost_option": "cost_options.csv",
    "contact": "contacts.csv",
    "phone": "phones.csv",
    "language": "languages.csv",
    "taxonomy": "taxonomies.csv",
    "taxonomy_term": "taxonomy_terms.csv",
    "attribute": "attributes.csv",
    "unit": "units.csv",
    "service_capacity": "service_capacities.csv",
}

_PARTS = {
    "phones": "phone",
    "schedules": "schedule",
    "languages": "language",
    "cost_options": "cost_option",
    "contacts": "contact",
    "attributes": "attribute",
    "capacities": "service_capacity",
    "service_at_locations": "service_at_location",
    "addresses": "address",
    "accessibility": "accessibility",
}
_BESIDE = ("location", "unit", "taxonomy_term")
# What may lie within a row of each table, in the order its rows are written.
_WITHIN: dict[str, tuple[str, ...]] = {
    name: tuple(parts.split())
    for name, parts in {
        "organization": "phones",
        "service": (
            "phones schedules languages cost_options contacts attributes capacities "
            "service_at_locations"
        ),
        "service_at_location": "location",
        "location": "attributes addresses accessibility",
        "accessibility": "attributes",
        "schedule": "attributes",
        "contact": "attributes",
        "attribute": "taxonomy_term",
        "service_capacity": "unit",
    }.items()
}
_NUMBERS = {
    "minimum_age",
    "maximum_age",
    "latitude",
    "longitude",
    "interval",
    "amount",
    "available",
}
_POINTS_AT = {
    "organization_id": "organization",
    "service_id": "service",
    "location_id": "location",
    "unit_id": "unit",
    "taxonomy_term_id": "taxonomy_term",
    "taxonomy_id": "taxonomy",
}


def rows_of(table: str, record: Record) -> Iterator[Row]:
    """A record and all that is within it, each with the table whose row it is."""
    yield table, record
    for name in _WITHIN.get(table, ()):
        if name not in record:
            continue
        if name in _BESIDE:
            yield from rows_of(name, record[name])
        else:
            for each in record[name]:
                yield from rows_of(_PARTS[name], each)


def description(title: str, licence: Record) -> Record:
    """The datapackage.json of these tables."""
    return {
        "name": "human_services_data",
        "title": title,
        "profile": "tabular-data-package",
        "version": "3.0.0",
        "homepage": "https://docs.openreferral.org",
        "licenses": [licence],
        "resources": [_resource(table) for table in COLUMNS],
    }


def _resource(table: str) -> Record:
    columns = COLUMNS[table]
    keys = [
        {"fields": name, "reference": {"resource": _POINTS_AT[name], "fields": _KEY}}
        for name in columns
        if name in _POINTS_AT and _POINTS_AT[name] != table
    ]
    schema: dict[str, Any] = {"fields": [_field(name) for name in columns], "primaryKey": _KEY}
    if keys:
        schema["foreignKeys"] = keys
    return {
        "name": table,
        "path": FILES[table],
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(name: str) -> Record:
    return {"name": name, "type": "number" if name in _NUMBERS else "string"}
