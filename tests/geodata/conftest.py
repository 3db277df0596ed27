"""Stores to be written into: an SQLite file, and (where it is installed) a private PostgreSQL."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


def _program(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(found[-1]) if found else None)


def _run(*words: str, folder: str) -> None:
    """Run a program of the server, which refuses to be root: go on as the user Debian made for it."""
    unprivileged = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    silent = subprocess.DEVNULL
    subprocess.run([*unprivileged, *words], check=True, stdout=silent, stderr=silent, cwd=folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a server of our own on a socket in a temporary folder; yield its URL."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    if not initdb or not pg_ctl:
        pytest.skip("PostgreSQL is not installed")
    if os.geteuid() == 0 and (not shutil.which("runuser") or not _user_exists("postgres")):
        pytest.skip("no unprivileged user to run PostgreSQL as")
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o777)
        data = f"{folder}/data"
        _run(initdb, "-D", data, "-U", "yikezhong", "-A", "trust", "-E", "UTF8", "-N", folder=folder)
        options = f"-k {folder} -c listen_addresses= -c max_connections=40"
        _run(pg_ctl, "-D", data, "-o", options, "-w", "start", folder=folder)
        try:
            yield f"postgresql://yikezhong:secret@/postgres?host={folder}"
        finally:
            _run(pg_ctl, "-D", data, "-m", "immediate", "stop", folder=folder)


def _user_exists(name: str) -> bool:
    return any(line.startswith(f"{name}:") for line in Path("/etc/passwd").read_text(encoding="utf-8").splitlines())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres"))])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    address = request.getfixturevalue("postgres")
    name = f"t{random.getrandbits(64):x}"
    import psycopg  # noqa: PLC0415 - an optional driver

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return address.replace("/postgres?", f"/{name}?")
