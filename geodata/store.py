"""The store: immutable data versions in one database, an embedded SQLite file or PostgreSQL by URL, the same code.

A *payload* is the bytes of a layer, stored once however many versions use it. A *layer version* is a payload with its
facts; a *data version* names one layer version per layer and its parent; one pointer row names the current one. All of
a publish happens in one transaction, so a reader sees a version whole or not at all, and a killed publisher leaves
nothing behind. Ids are digests of everything they name, checked on every load.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, insert, make_url, select, update

from geodata.address import database_url, make_room, shown
from geodata.errors import Problem, StoreError
from geodata.payload import digest, from_bytes
from geodata.scenario_store import damaged
from geodata.state import NOTHING, Parcel, State, layer_id, lineage, parcels, rebased, refuse_overwriting, standing
from geodata.tables import CONTENT, FORMAT, LAYER, META, PAYLOAD, POINTER, VERSION
from geodata.transaction import begin_sqlite, prepare_sqlite, store_name, told, writing
from geodata.version import CATALOGUE, STANDARDS, STARS, TEXTS, CityFacts, Version

__all__ = [
    "CityFacts",
    "Version",
    "adopt",
    "current_version",
    "damage",
    "load_version",
    "open_store",
    "publish",
    "store_name",
    "versions",
]


def open_store(url: str, *, create: bool = True) -> Engine:
    """Open a store, and make it where there is none.

    Parameters
    ----------
    url : file path, ``sqlite:///file`` or ``postgresql://user:password@host/database``
    create : make the file, its folder and the tables where they are missing; else their absence is an error

    Raises
    ------
    StoreError
        in Chinese and without passwords: a path or server that cannot be used, a file that is no store, a store that
        a later release has made
    """
    with told(url):
        address = _parsed(url)
        if address.get_backend_name() == "sqlite":
            make_room(Path(str(address.database)), create=create)
            engine = create_engine(address, hide_parameters=True, connect_args={"timeout": 30})
            event.listen(engine, "connect", prepare_sqlite)
            event.listen(engine, "begin", begin_sqlite)
        else:
            engine = create_engine(
                address, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 10}
            )
    with told(engine):
        _settle(engine, create=create)
    return engine


def current_version(engine: Engine) -> str | None:
    """Return the id of the current data version; None while nothing has been published."""
    with told(engine), engine.connect() as connection:
        return connection.scalar(select(POINTER.c.version))


def versions(engine: Engine) -> pd.DataFrame:
    """Return all data versions, the latest first.

    Columns: ``number``, ``id``, ``parent`` ("" for the first), ``created`` (ISO 8601, UTC), ``author``, ``note``,
    ``city``, ``synthetic`` (bool), ``layers`` (keys of the layers it changed, with blanks between), ``current`` (bool),
    ``state`` (``current``; ``past``: the current one was made from it; ``draft``: any other, not or no longer
    in force).
    """
    with told(engine), engine.connect() as connection:
        found = [row._asdict() for row in connection.execute(select(VERSION).order_by(VERSION.c.number))]
        content: dict[str, dict[str, str]] = {}
        for row in connection.execute(select(CONTENT).order_by(CONTENT.c.layer)):
            content.setdefault(row.version, {})[row.layer] = row.layer_version
        current = connection.scalar(select(POINTER.c.version))
    past = lineage(current, {row["id"]: row["parent"] for row in found})
    rows = []
    for row in reversed(found):
        before = content.get(row["parent"] or "", {})
        changed = [key for key, layer in content.get(row["id"], {}).items() if before.get(key) != layer]
        city = CityFacts.from_json(row.pop("city"))
        more: dict[str, Any] = {"city": city.name, "synthetic": city.synthetic, "layers": " ".join(changed)}
        more |= {"current": row["id"] == current, "state": standing(row["id"], current, past)}
        rows.append({**row, "parent": row["parent"] or "", **more})
    names = ["number", "id", "parent", "created", "author", "note", "city", "synthetic", "layers", "current", "state"]
    return pd.DataFrame(rows, columns=names)


def load_version(engine: Engine, version: str | None = None, *, layers: Collection[str] | None = None) -> Version:
    """Load a data version, the current one by default; with ``layers`` only those of its layers.

    Raises
    ------
    StoreError
        There is no such version (or none at all), or what is stored is not what was published.
    """
    with told(engine), engine.connect() as connection:
        key = version or connection.scalar(select(POINTER.c.version))
        if key is None:
            raise StoreError("数据仓库中还没有数据；请先用 demo 生成示例城市，或用 import 导入数据。")
        state = _state(connection, key)
        wanted = {key: own for key, own in state.layers.items() if layers is None or key in layers}
        query = select(LAYER, PAYLOAD.c.data).join(PAYLOAD).where(LAYER.c.id.in_(wanted.values()))
        rows = {row.layer: row._asdict() for row in connection.execute(query)}
    return _version(replace(state, layers=wanted), rows)


def publish(  # noqa: PLR0913 - every one of them is a fact of its own
    engine: Engine,
    frames: Mapping[str, pd.DataFrame],
    *,
    facts: Mapping[str, Mapping[str, Any]] | None = None,
    city: CityFacts | None = None,
    catalogue: str | None = None,
    standards: str | None = None,
    stars: str | None = None,
    note: str = "",
    author: str = "",
    base: str | None = None,
    inherit: bool = True,
    draft: bool = False,
) -> str:
    """Publish layers as a new data version and make it the current one, in one transaction.

    Parameters
    ----------
    frames : layer key → frame with a CRS (or plain frame); layers that are not here are inherited
    facts : layer key → plain data about a published layer, kept with it
    city : facts about the city; inherited when None
    catalogue, standards, stars : text of the service elements, of the standards, of the star scheme, checked;
        inherited when None
    base : the version the publisher looked at; by default the one that is current when the call begins. When somebody
        else has published meanwhile, this publish is put on top of theirs if it touches other layers, and refused
        otherwise
    inherit : False starts afresh: the version has the given layers and city facts only
    draft : keep the version without making it the current one; :func:`adopt` does that

    Returns
    -------
    the id of the new version

    Raises
    ------
    StoreError
        Somebody else has published the same layer or other city facts meanwhile; the store cannot be written.
    RefusedData, UnknownKey
        The catalogue, the standards or the star scheme are faulty; an unknown layer.
    """
    base = base if base is not None else current_version(engine)
    made = parcels(frames, dict(facts or {}), {CATALOGUE: catalogue, STANDARDS: standards, STARS: stars})
    with told(engine), writing(engine) as connection:
        now = connection.scalar(select(POINTER.c.version).with_for_update())
        seen, state = (_state(connection, key) if key else NOTHING for key in (base, now))
        refuse_overwriting(seen, state, layers=made if inherit else {**made, **state.layers}, city=city)
        for parcel in made.values():
            _keep(connection, parcel)
        before = state if inherit else NOTHING
        layers = {**before.layers, **{key: parcel.id for key, parcel in made.items()}}
        created = datetime.now(UTC).isoformat(timespec="microseconds")
        new = State("", _next_number(connection), now, created, author, note, city or before.city, layers)
        new = replace(new, id=new.name())
        _write(connection, new)
        if not draft:
            _point(connection, new.id)
    return new.id


def adopt(engine: Engine, version: str, *, base: str | None = None, author: str = "", note: str = "") -> str:
    """Make a version, a draft or an earlier one, the current one, in one transaction; return the id of what is current.

    A version that the current one was made from, or that was made from the current one, becomes current as it is. A
    draft made from an earlier version is put on top of what others have published since, as a new version with
    ``author`` and ``note`` (the draft's own where empty), if they touched other layers.

    Parameters
    ----------
    base : the version that was current when the adopter looked; None does not ask

    Raises
    ------
    StoreError
        There is no such version, the current one is no longer ``base``, or others have changed the draft's layers.
    """
    with told(engine), writing(engine) as connection:
        now = connection.scalar(select(POINTER.c.version).with_for_update())
        wanted, state = _state(connection, version), _state(connection, now) if now else NOTHING
        if base is not None and base != now:
            raise StoreError(f"当前版本已由 {base} 变为 {now}；本次没有采用，请核对后再采用版本「{version}」。")
        parents = {row.id: row.parent for row in connection.execute(select(VERSION.c.id, VERSION.c.parent))}
        if now is None or version in lineage(now, parents) or now in lineage(version, parents):
            _point(connection, version)
            return version
        seen = _state(connection, wanted.parent) if wanted.parent else NOTHING
        layers, city = rebased(wanted, seen, state)
        created = datetime.now(UTC).isoformat(timespec="microseconds")
        signed = (author or wanted.author, note or wanted.note)
        new = State("", _next_number(connection), now, created, *signed, city, layers)
        new = replace(new, id=new.name())
        _write(connection, new)
        _point(connection, new.id)
    return new.id


def write_refusal(engine: Engine) -> str:
    """Return in Chinese why the store cannot be written, "" where it can; asking changes nothing."""
    try:
        with told(engine), writing(engine) as connection:
            connection.execute(update(POINTER).values(version=POINTER.c.version))
    except StoreError as error:
        return str(error).rstrip("。")
    return ""


def damage(engine: Engine) -> tuple[Problem, ...]:
    """Read everything in the store and return what is not as it was published; nothing when all is well."""
    with told(engine), engine.connect() as connection:
        keys = connection.scalars(select(VERSION.c.id).order_by(VERSION.c.number)).all()
        digests = connection.scalars(select(PAYLOAD.c.digest)).all()
        found = [
            Problem(layer=key[:12], found="内容与登记的摘要不符", needed="从备份恢复")
            for key in digests
            if digest(connection.scalar(select(PAYLOAD.c.data).where(PAYLOAD.c.digest == key)) or b"") != key
        ]
        found += [
            Problem(layer=row.layer, found=f"图层版本 {row.id[:12]} 的登记内容与其编号不符", needed="从备份恢复")
            for row in connection.execute(select(LAYER))
            if layer_id(row.layer, row.digest, row.facts) != row.id
        ]
        for key in keys:
            try:
                _state(connection, key)
            except StoreError as error:
                found.append(Problem(layer=key, found=str(error).rstrip("。"), needed="从备份恢复"))
        found += damaged(engine, connection)
    return tuple(found)


def _keep(connection: Connection, parcel: Parcel) -> None:
    """Insert a layer version and its payload unless they are there already."""
    payload = digest(parcel.data)
    if connection.scalar(select(PAYLOAD.c.digest).where(PAYLOAD.c.digest == payload)) is None:
        connection.execute(insert(PAYLOAD).values(digest=payload, data=parcel.data))
    if connection.scalar(select(LAYER.c.id).where(LAYER.c.id == parcel.id)) is None:
        row = {"id": parcel.id, "layer": parcel.layer, "digest": payload, "rows": parcel.rows, "facts": parcel.facts}
        connection.execute(insert(LAYER).values(**row, created=datetime.now(UTC).isoformat(timespec="microseconds")))


def _next_number(connection: Connection) -> int:
    """Return the number of the next version, drafts counted too."""
    return int(connection.scalar(select(func.max(VERSION.c.number))) or 0) + 1


def _point(connection: Connection, version: str) -> None:
    """Make a version the current one."""
    connection.execute(update(POINTER).values(version=version))


def _write(connection: Connection, state: State) -> None:
    """Insert a data version."""
    row = {name: getattr(state, name) for name in ("id", "number", "parent", "created", "author", "note")}
    connection.execute(insert(VERSION).values(**row, city=state.city.to_json()))
    content = [{"version": state.id, "layer": key, "layer_version": layer} for key, layer in state.layers.items()]
    if content:
        connection.execute(insert(CONTENT), content)


def _state(connection: Connection, key: str) -> State:
    """Read and verify a data version without its payloads; layers in a fixed order."""
    row = connection.execute(select(VERSION).where(VERSION.c.id == key)).one_or_none()
    if row is None:
        raise StoreError(f"数据仓库中没有版本「{key}」；可用 versions 命令查看全部版本。")
    query = select(CONTENT.c.layer, CONTENT.c.layer_version).where(CONTENT.c.version == key)
    layers = {found.layer: found.layer_version for found in connection.execute(query.order_by(CONTENT.c.layer))}
    state = State(**{**row._asdict(), "city": CityFacts.from_json(row.city)}, layers=layers)
    if state.name() != key:
        raise StoreError(f"版本「{key}」的登记内容与其编号不符，数据仓库已损坏，请换用备份。")
    return state


def _version(state: State, layers: dict[str, dict[str, Any]]) -> Version:
    """Verify the layers of a version and turn their bytes into frames, as many at a time as there are processors."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        parts = pool.map(lambda key: _content(state, key, layers.get(key)), state.layers)
        read = dict(zip(state.layers, parts, strict=True))
    facts = {key: own for key, (_, own) in read.items()}
    texts = {key: read.pop(key, (None, {}))[0] for key in TEXTS}
    frames = {key: content for key, (content, _) in read.items()}
    own = {name: getattr(state, name) for name in ("id", "number", "parent", "author", "note", "city")}
    return Version(**own, created=datetime.fromisoformat(state.created), frames=frames, facts=facts, **texts)


def _content(state: State, key: str, row: dict[str, Any] | None) -> tuple[Any, dict[str, Any]]:
    """Verify one layer; return its frame or text, and its facts."""
    whole = row is not None and digest(row["data"]) == row["digest"]
    if row is None or not whole or layer_id(key, row["digest"], row["facts"]) != state.layers[key]:
        raise StoreError(f"版本「{state.id}」的图层 {key} 与发布时不符，数据仓库已损坏，请换用备份。")
    stored = {
        "layer_version": row["id"][:12],
        "rows": row["rows"],
        "sha256": row["digest"],
        "published": row["created"],
    }
    content = row["data"].decode() if key in TEXTS else from_bytes(row["data"])
    return content, {**json.loads(row["facts"]), **stored}


def _parsed(url: str) -> URL:
    text = database_url(url)
    try:
        return make_url(text)
    except ValueError as error:  # a port that is no number
        raise StoreError(
            f"数据仓库地址「{shown(url)}」不可用；需要 postgresql://用户:口令@主机:端口/数据库。"
        ) from error


def _settle(engine: Engine, *, create: bool) -> None:
    """Make the tables and the pointer where they are missing (or refuse that); refuse a later layout."""
    with engine.connect() as connection:
        ready = engine.dialect.has_table(connection, POINTER.name)
        layout = connection.scalar(select(POINTER.c.format)) if ready else None
    if layout is None and not create:
        raise StoreError(f"「{store_name(engine)}」中没有数据仓库；请先用 demo 生成示例城市，或用 import 导入数据。")
    if layout is None:
        with writing(engine) as connection:
            META.create_all(connection)
            layout = connection.scalar(select(POINTER.c.format))
            if layout is None:
                connection.execute(insert(POINTER).values(id=1, format=FORMAT, version=None))
    if (layout or FORMAT) > FORMAT:
        raise StoreError(f"数据仓库是更新版本的程序所建（格式 {layout}，本程序支持到 {FORMAT}）；请升级程序。")
