"""Which shapes of a query escape the finders and the rules of rows, read from the source itself."""

import ast
from collections.abc import Iterator

from core.db import Base
from referrals.row_guards import rules_of_tables

CALLS = {
    "text": "words of SQL",
    "literal_column": "words of SQL",
    "from_statement": "rows read by another statement",
    "exec_driver_sql": "words of SQL to the driver",
    "raw_connection": "the driver itself",
    "connection": "a connection beside the session's finders",
}
TABLE = "__table__"
CHANGES = {"update", "delete", "insert"}


def people() -> set[str]:
    """The names of the classes whose rows are about people."""
    rules = rules_of_tables()
    found = (mapper for mapper in Base.registry.mappers)
    return {each.class_.__name__ for each in found if each.local_table.description in rules}


def escapes(source: str, classes: set[str]) -> Iterator[tuple[int, str]]:
    """Each place in a source that escapes: its line, and what it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr == TABLE:
            yield node.lineno, "a table beside its class"
        elif isinstance(node, ast.Call):
            name = _called(node.func)
            is_plain = isinstance(node.func, ast.Name)
            if name in CALLS and (is_plain or name not in {"text", "literal_column"}):
                yield node.lineno, CALLS[name]
            elif name in CHANGES and is_plain and node.args and _named(node.args[0]) in classes:
                yield node.lineno, f"{name} of many rows at once"


def _called(made: ast.expr) -> str:
    if isinstance(made, ast.Name):
        return made.id
    return made.attr if isinstance(made, ast.Attribute) else ""


def _named(given: ast.expr) -> str:
    return given.id if isinstance(given, ast.Name) else ""
