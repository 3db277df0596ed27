"""How the store is written: one transaction at a time, the same on SQLite and PostgreSQL, and errors in Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from geodata.address import cause, shown
from geodata.errors import StoreError

_WRITING = "yikezhong_writing"
_LOCK = 0x1C5A


def store_name(engine: Engine) -> str:
    """Return the address of the store as it may be shown: without a password."""
    if engine.dialect.name == "sqlite":
        return str(engine.url.database)
    return shown(engine.url.set(drivername="postgresql").render_as_string(hide_password=True))


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that is the only writing one."""
    with engine.execution_options(**{_WRITING: True}).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        yield connection


def prepare_sqlite(connection: Any, _record: object) -> None:
    """Let SQLAlchemy begin transactions itself, and set what holds for each connection."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}").close()


def begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once when writing, so that a transaction never fails half-way for a lock."""
    writes = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def told(store: Engine | str) -> Iterator[None]:
    """Turn what the database says into a StoreError in Chinese that names the store and shows no password."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        name = shown(store) if isinstance(store, str) else store_name(store)
        said = str(getattr(error, "orig", None) or error)
        raise StoreError(f"数据仓库「{name}」不可用：{cause(said)}。") from error
