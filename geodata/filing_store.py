"""Filings in the store: entries are added and never changed; a second number for the same day needs a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from geodata.errors import Problem, RefusedData, StoreError
from geodata.filing import Filing, latest
from geodata.payload import digest
from geodata.tables import FILING, META
from geodata.transaction import told, writing


@dataclass(frozen=True)
class Filed:
    """What became of entries: new ones, corrections, and those that were there already."""

    added: tuple[Filing, ...]
    corrected: tuple[Filing, ...]
    unchanged: int


def file_all(engine: Engine, filings: Sequence[Filing], *, rows: Sequence[int] = (), name: str = "") -> Filed:
    """Add entries, all or none, in one transaction.

    Parameters
    ----------
    filings : entries that have passed their checks
    rows, name : row of each in the form it came from, and the form's name, for the words of a refusal

    Raises
    ------
    RefusedData
        An entry has other numbers than the one in force for the same target, unit and day, and gives no reason.
    StoreError
        The store cannot be written.
    """
    with told(engine), writing(engine) as connection:
        META.create_all(connection, tables=[FILING])
        held = latest(_all(connection))
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        added: list[Filing] = []
        corrected: list[Filing] = []
        problems: list[Problem] = []
        unchanged = 0
        for place, one in enumerate(filings):
            before = held.get(one.key)
            if before is not None and one.says_the_same(before):
                unchanged += 1
                continue
            if before is not None and not one.reason.strip():
                problems.append(_unexplained(one, before, file=name, row=rows[place] if rows else None))
                continue
            made = one.stored(filed=now, corrects=before.id if before else "")
            held[made.key] = made
            (corrected if before else added).append(made)
        if problems:
            raise RefusedData(problems)
        for made in (*added, *corrected):
            _write(connection, made)
    return Filed(tuple(added), tuple(corrected), unchanged)


def filings(engine: Engine) -> list[Filing]:
    """Return every entry, corrected ones included, the first filed first; none where nothing was ever filed."""
    with told(engine), engine.connect() as connection:
        if not engine.dialect.has_table(connection, FILING.name):
            return []
        return _all(connection)


def _all(connection: Connection) -> list[Filing]:
    rows = connection.execute(select(FILING).order_by(FILING.c.filed, FILING.c.id)).all()
    return [_filing(row) for row in rows]


def _filing(row: Any) -> Filing:
    """Verify a row and make the entry of it."""
    if digest(row.content.encode()) == row.digest:
        made = Filing.from_json(row.content)
        if made.id == row.id:
            return made
    raise StoreError(f"填报记录「{row.id}」的内容与登记不符，数据仓库已损坏，请换用备份。")


def _write(connection: Connection, filing: Filing) -> None:
    content = filing.to_json()
    row = {"id": filing.id, "target": filing.target, "unit": filing.unit, "day": filing.day.isoformat()}
    row |= {"filed": filing.filed, "digest": digest(content.encode()), "content": content}
    connection.execute(insert(FILING).values(**row))


def _unexplained(one: Filing, before: Filing, *, file: str, row: int | None) -> Problem:
    whole = "" if before.whole is None else f" ÷ {before.whole:g}"
    found = f"{one.unit} 截至 {one.day} 已有 {before.author} 填报的 {before.part:g}{whole}，与本次不同"
    return Problem(file, row=row, column="更正原因", found=found, needed="更正原因；原填报会保留")
