"""Ground floor: sealing rows by the thousand, for who writes them past the session."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from core.sealing import data_keys
from core.sealing.boxes import seal
from core.sealing.columns import Sealed, index_of, kinds, of_model

Row = dict[str, Any]


def seal_rows(
    session: Session, model: type[Any], rows: Sequence[Row], among: Mapping[uuid.UUID, Row]
) -> Sequence[Row]:
    """These rows as the table takes them: each with an `id`, sealed under its holder's key.

    `among` has the rows by which a holder is found. What a row does not say is empty. Rows of
    holders get keys made.
    """
    attributes = of_model(model)
    if not attributes:
        return rows
    by = attributes[0].by
    if by.purpose:
        return [_sealed(None, row, attributes) for row in rows]
    whose = [(_holder(row, by.path, among), by.kind) for row in rows]
    if by.path:
        data_keys.hold(session, set(whose))
    else:
        data_keys.make(session, [holder for holder, _ in whose], kinds())
    opened = data_keys.bunch_of(session).opened
    return [_sealed(opened[each], row, attributes) for each, row in zip(whose, rows, strict=True)]


def _holder(row: Row, path: tuple[str, ...], among: Mapping[uuid.UUID, Row]) -> uuid.UUID:
    for name in path[:-1]:
        row = among[row[f"{name}_id"]]
    found: uuid.UUID = row[f"{path[-1]}_id"] if path else row["id"]
    return found


def _sealed(key: data_keys.Opened | None, row: Row, attributes: Sequence[Sealed[Any]]) -> Row:
    model, done = attributes[0].model, dict(row)
    for index, parts in getattr(model, "__blind__", {}).items():
        done[index] = index_of(model, index, [row.get(part) for part in parts])
    for each in attributes:
        value, about = row.get(each.name, each.form.nothing), each.about(row["id"])
        if value == each.form.nothing:
            done[each.name] = each.form.empty
        elif key is None:
            done[each.name] = seal(each.form.write(value), purpose=each.by.purpose, about=about)
        else:
            done[each.name] = key.seal(each.form.write(value), about)
    return done
