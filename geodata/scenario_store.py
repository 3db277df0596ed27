"""Scenarios in the store: every save is a new revision, and who saves on top of another's save is told.

A revision is one row: the scenario as canonical JSON beside its SHA-256, which every load checks. Nothing is changed or
deleted; an archived scenario is one whose latest revision says so.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from geodata.elements import load_catalogue
from geodata.errors import GeodataError, Problem, StoreError
from geodata.payload import digest
from geodata.scenario import KEY, Scenario, scenario_from_json
from geodata.tables import META, SCENARIO, VERSION
from geodata.transaction import told, writing


class Conflict(GeodataError):
    """Somebody else has saved the scenario meanwhile; nothing was written.

    ``stored`` is the latest revision, ``mine`` what was to be saved; :meth:`Scenario.copied` makes a branch of it.
    """

    def __init__(self, mine: Scenario, stored: Scenario, *, expected: int, before: Scenario | None) -> None:
        self.mine, self.stored = mine, stored
        who = stored.author or "未署名者"
        when = stored.changed[:16].replace("T", " ")
        seen = f"本次修改依据第 {expected} 次保存" if expected else "本次按新方案保存"
        super().__init__(
            f"方案「{stored.name}」已由 {who} 于 {when}（UTC）第 {stored.revision} 次保存（{_news(before, stored)}），"
            f"而{seen}；本次没有保存。可以打开最新内容后重新修改，或另存为副本。"
        )


def save(engine: Engine, scenario: Scenario, *, expected: int) -> Scenario:
    """Append a revision of a scenario, in one transaction; return it as it is stored.

    Parameters
    ----------
    scenario : what is to be saved, edits taken back included; ``revision``, ``created`` and ``changed`` are set here
    expected : the revision the planner looked at; 0 for a new scenario, which is given an id where it has none

    Raises
    ------
    Conflict
        The latest revision in the store is another than ``expected``.
    StoreError
        There is no such scenario, its base version is not in the store, or the store cannot be written.
    """
    if scenario.id and not KEY.fullmatch(scenario.id):
        raise StoreError(f"方案编号「{scenario.id[:60]}」不可用；需要 12 位十六进制数字。")
    with told(engine), writing(engine) as connection:
        META.create_all(connection, tables=[SCENARIO])
        stored = _latest(connection, scenario.id)
        if stored is None and expected:
            raise _unknown(scenario.id)
        if stored is not None and stored.revision != expected:
            before = _read(connection, scenario.id, expected) if 0 < expected < stored.revision else None
            raise Conflict(scenario, stored, expected=expected, before=before)
        if connection.scalar(select(VERSION.c.id).where(VERSION.c.id == scenario.base)) is None:
            raise StoreError(f"方案的基准数据版本「{scenario.base}」不在数据仓库中；请先将方案复制到现有的版本。")
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        made = replace(
            scenario,
            id=scenario.id or secrets.token_hex(6),
            revision=expected + 1,
            created=now if stored is None else stored.created,
            changed=now,
        )
        _write(connection, made)
    return made


def load(engine: Engine, key: str, revision: int | None = None) -> Scenario:
    """Return a scenario, its latest revision when None; StoreError where there is none or it is damaged."""
    with told(engine), engine.connect() as connection:
        found = _read(connection, key, revision) if _kept(engine, connection) else None
    if found is None:
        raise _unknown(key, revision)
    return found


def scenarios(engine: Engine, *, archived: bool = False) -> list[Scenario]:
    """Return the latest revision of every scenario, the last saved first; archived ones only with ``archived``."""
    with told(engine), engine.connect() as connection:
        if not _kept(engine, connection):
            return []
        last = select(SCENARIO.c.scenario, func.max(SCENARIO.c.revision).label("revision")).group_by(
            SCENARIO.c.scenario
        )
        newest = last.subquery()
        same = (SCENARIO.c.scenario == newest.c.scenario) & (SCENARIO.c.revision == newest.c.revision)
        query = select(SCENARIO).join(newest, same).order_by(SCENARIO.c.saved.desc(), SCENARIO.c.scenario)
        rows = connection.execute(query).all()
    return [_scenario(row) for row in rows if archived or not row.archived]


def revisions(engine: Engine, key: str) -> list[Scenario]:
    """Return every revision of a scenario, the last first; StoreError where there is no such scenario."""
    with told(engine), engine.connect() as connection:
        rows = []
        if _kept(engine, connection):
            query = select(SCENARIO).where(SCENARIO.c.scenario == key).order_by(SCENARIO.c.revision.desc())
            rows = list(connection.execute(query).all())
    if not rows:
        raise _unknown(key)
    return [_scenario(row) for row in rows]


def archive(engine: Engine, key: str, *, expected: int, archived: bool = True) -> Scenario:
    """Take a scenario out of the list (or back into it) by a further revision; raises as :func:`save`."""
    return save(engine, replace(load(engine, key, expected), archived=archived), expected=expected)


def damaged(engine: Engine, connection: Connection) -> list[Problem]:
    """Return what of the stored revisions is not as it was saved."""
    found: list[Problem] = []
    for row in connection.execute(select(SCENARIO)) if _kept(engine, connection) else ():
        try:
            _scenario(row)
        except GeodataError as error:
            found.append(Problem(layer=f"scenario {row.scenario}", found=str(error).rstrip("。"), needed="从备份恢复"))
    return found


def _kept(engine: Engine, connection: Connection) -> bool:
    """Tell whether the store has scenarios at all; those of earlier releases have no table for them."""
    return bool(engine.dialect.has_table(connection, SCENARIO.name))


def _write(connection: Connection, scenario: Scenario) -> None:
    content = scenario.to_json()
    row = {"scenario": scenario.id, "revision": scenario.revision, "saved": scenario.changed}
    row |= {"archived": int(scenario.archived), "digest": digest(content.encode()), "content": content}
    connection.execute(insert(SCENARIO).values(**row))


def _latest(connection: Connection, key: str) -> Scenario | None:
    return _read(connection, key, None) if key else None


def _read(connection: Connection, key: str, revision: int | None) -> Scenario | None:
    query = select(SCENARIO).where(SCENARIO.c.scenario == key).order_by(SCENARIO.c.revision.desc()).limit(1)
    if revision is not None:
        query = query.where(SCENARIO.c.revision == revision)
    row = connection.execute(query).one_or_none()
    return None if row is None else _scenario(row)


def _scenario(row: Any) -> Scenario:
    """Verify a row and make the scenario of it."""
    if digest(row.content.encode()) == row.digest:
        made = scenario_from_json(row.content)
        if (made.id, made.revision, int(made.archived)) == (row.scenario, row.revision, row.archived):
            return made
    raise StoreError(f"方案「{row.scenario}」第 {row.revision} 次保存的内容与登记不符，数据仓库已损坏，请换用备份。")


def _unknown(key: str, revision: int | None = None) -> StoreError:
    which = "" if revision is None else f"的第 {revision} 次保存"
    return StoreError(f"数据仓库中没有方案「{key[:60]}」{which}；可用 scenario list 命令查看全部方案。")


def _news(before: Scenario | None, stored: Scenario) -> str:
    """Return in Chinese what a scenario has become since a revision: the edits that came and went."""
    held = () if before is None else before.in_force
    came = [edit for edit in stored.in_force if edit not in held]
    gone = [edit for edit in held if edit not in stored.in_force]
    news = [
        f"{word} {len(edits)} 处改动，如“{edits[-1].does(load_catalogue())}”"
        for word, edits in (("增加", came), ("去掉", gone))
        if edits
    ]
    if before is not None and before.archived != stored.archived:
        news.append("归档" if stored.archived else "取消归档")
    return "；".join(news) or "改动相同，名称、说明或次序有变"
