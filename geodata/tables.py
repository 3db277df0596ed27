"""The tables of the store, the same on SQLite and PostgreSQL; read and written by ``store`` and ``scenario_store``."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, MetaData, String, Table, Text

FORMAT = 1
"""Layout of the tables; a store of a later layout is refused."""

META = MetaData()
PAYLOAD = Table(
    "yikezhong_payload",
    META,
    Column("digest", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
LAYER = Table(
    "yikezhong_layer_version",
    META,
    Column("id", String(64), primary_key=True),
    Column("layer", String(32), nullable=False),
    Column("digest", ForeignKey(PAYLOAD.c.digest), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("facts", Text, nullable=False),
    Column("created", String(32), nullable=False),
)
VERSION = Table(
    "yikezhong_data_version",
    META,
    Column("id", String(12), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("parent", ForeignKey("yikezhong_data_version.id")),
    Column("created", String(32), nullable=False),
    Column("author", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("city", Text, nullable=False),
)
CONTENT = Table(
    "yikezhong_data_version_layer",
    META,
    Column("version", ForeignKey(VERSION.c.id), primary_key=True),
    Column("layer", String(32), primary_key=True),
    Column("layer_version", ForeignKey(LAYER.c.id), nullable=False),
)
POINTER = Table(
    "yikezhong_current",
    META,
    Column("id", Integer, primary_key=True),
    Column("format", Integer, nullable=False),
    Column("version", ForeignKey(VERSION.c.id)),
)
SCENARIO = Table(
    "yikezhong_scenario_revision",
    META,
    Column("scenario", String(12), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("saved", String(32), nullable=False),
    Column("archived", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("content", Text, nullable=False),
)
"""Every save of a scenario is a row of its own, never changed again. Stores of earlier releases lack this table; it is
made with the first save."""
FILING = Table(
    "yikezhong_filing",
    META,
    Column("id", String(12), primary_key=True),
    Column("target", String(64), nullable=False),
    Column("unit", String(32), nullable=False),
    Column("day", String(10), nullable=False),
    Column("filed", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("content", Text, nullable=False),
)
"""Every entry about a target is a row of its own, never changed again; made with the first entry."""
