"""Migrations written by hand let the release before run on: they widen first, and narrow later.

The first four are rewritten until the first release. In every other one, what an older release
still uses may go or change only where the docstring says `Narrows:` and since when nothing uses it.
"""

import ast
from pathlib import Path

import pytest

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
REWRITTEN = ("0001", "0002", "0003", "0004")
BY_HAND = sorted(path for path in VERSIONS.glob("*.py") if path.name[:4] not in REWRITTEN)

TAKES_AWAY = {"drop_column", "drop_table", "rename_table"}
CHANGES = {"new_column_name", "type_"}


def steps_too_far(source: str) -> list[str]:
    """What in a migration's upgrade the release before it could not live with."""
    tree = ast.parse(source)
    if "Narrows:" in (ast.get_docstring(tree) or ""):
        return []
    upgrades = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    ]
    calls = [node for each in upgrades for node in ast.walk(each) if isinstance(node, ast.Call)]
    return [said for call in calls if (said := _too_far(call))]


def _too_far(call: ast.Call) -> str:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    given = {word.arg: word.value for word in call.keywords}
    if name in TAKES_AWAY:
        return name
    if name == "alter_column" and (CHANGES & given.keys() or _is_false(given.get("nullable"))):
        return "alter_column"
    columns = [each for each in call.args if isinstance(each, ast.Call)]
    if name == "add_column" and any(_is_demanded(column) for column in columns):
        return "add_column that the release before does not fill"
    return ""


def _is_demanded(column: ast.Call) -> bool:
    given = {word.arg: word.value for word in column.keywords}
    return _is_false(given.get("nullable")) and "server_default" not in given


def _is_false(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


@pytest.mark.parametrize("path", BY_HAND, ids=lambda path: path.name)
def test_the_release_before_can_run_on_beside_a_migration(path: Path) -> None:
    assert steps_too_far(path.read_text()) == []


@pytest.mark.parametrize(
    ("step", "is_fine"),
    [
        ("op.add_column('a', sa.Column('b', sa.Text(), nullable=True))", True),
        ("op.add_column('a', sa.Column('b', sa.Text(), nullable=False, server_default=''))", True),
        ("op.create_table('a')", True),
        ("op.add_column('a', sa.Column('b', sa.Text(), nullable=False))", False),
        ("op.drop_column('a', 'b')", False),
        ("op.drop_table('a')", False),
        ("op.alter_column('a', 'b', new_column_name='c')", False),
        ("op.alter_column('a', 'b', nullable=False)", False),
    ],
)
def test_a_step_too_far_is_seen(step: str, is_fine: bool) -> None:
    source = f"def upgrade():\n    {step}\n\ndef downgrade():\n    op.drop_table('a')\n"
    assert (steps_too_far(source) == []) is is_fine
    assert steps_too_far(f'"""Narrows: unused since 2.1."""\n{source}') == []
