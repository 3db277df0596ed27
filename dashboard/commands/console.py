"""What every subcommand shares: the settings, the store, the city, progress on the terminal, and where output goes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from dashboard.commands.spoken import say
from dashboard.settings import Settings
from geodata.address import file_of
from geodata.city import City
from geodata.edits import Edit
from geodata.elements import Catalogue, load_catalogue
from geodata.errors import GeodataError
from geodata.scenario import Scenario, read_edits, referred
from geodata.scenario_store import load
from geodata.standards import Standards, load_standards
from geodata.store import current_version, load_version, open_store
from geodata.version import CATALOGUE, STANDARDS
from layers.captions import SYNTHETIC_NOTE


@dataclass(frozen=True)
class Console:
    """What the main command hands to its subcommands."""

    settings: Settings

    def store(self, *, create: bool = False) -> Engine:
        """Open the store; it is made only where the subcommand writes."""
        return open_store(self.settings.store, create=create)

    def published(self, layer: str) -> str | None:
        """Return the published text of ``catalogue`` or ``standards``; None without a store, or where none was."""
        path = file_of(self.settings.store)
        if path is not None and not path.is_file():
            return None
        engine = self.store()
        if current_version(engine) is None:
            return None
        found: str | None = getattr(load_version(engine, layers=(layer,)), layer)
        return found

    def catalogue(self) -> Catalogue:
        """Return the published catalogue, else the packaged one."""
        return load_catalogue(self.published(CATALOGUE))

    def standards(self) -> Standards:
        """Return the published standards, else the packaged ones."""
        return load_standards(self.published(STANDARDS))

    def city(self, version: str | None = None, *, max_snap_m: float | None = None, scenario: str | None = None) -> City:
        """Load the city, under a scenario where one is named, and say so; also when it is synthetic.

        Raises
        ------
        UsageError
            The scenario is made on another version than the one asked for.
        """
        from geodata.assemble import load_city  # noqa: PLC0415 - heavy, and not needed for help

        plan = self.scenario(scenario) if scenario else None
        if plan is not None and version not in (None, plan.base):
            raise click.UsageError(
                f"方案「{plan.name}」基于数据版本 {plan.base}，不能与 --version {version} 一起使用。"
            )
        limit = self.settings.max_snap_m if max_snap_m is None else max_snap_m
        city = load_city(self.store(), plan.base if plan else version, max_snap_m=limit)
        if city.synthetic:
            say(SYNTHETIC_NOTE)
        if plan is None:
            return city
        from layers.scenario import applied  # noqa: PLC0415 - likewise

        say(plan.mark)
        return applied(city, plan)

    def scenario(self, word: str) -> Scenario:
        """Return the scenario of a reference, or what a file of edits (``*.json``) would make of the current version.

        Raises
        ------
        GeodataError
            There is no such scenario, or the file cannot be read; RefusedData where it holds no edits.
        """
        path = Path(word)
        if path.suffix.lower() != ".json":
            return load(self.store(), *referred(word))
        return Scenario(path.stem, load_version(self.store(), layers=()).id, edits=edits_of(word))


def edits_of(path: str) -> tuple[Edit, ...]:
    """Read the edits of a file of JSON; of ``-`` the standard input.

    Raises
    ------
    GeodataError
        It cannot be read; RefusedData where it holds no edits.
    """
    try:
        if path == "-":
            return read_edits(sys.stdin.buffer.read().decode("utf-8-sig"))
        return read_edits(Path(path).read_text(encoding="utf-8-sig"), file=Path(path).name)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "不是 UTF-8 文本"
        raise GeodataError(f"无法读取「{path}」：{reason}。") from error


@contextmanager
def progress() -> Iterator[Callable[[float, str], None]]:
    """Yield what tells the share done (0 to 1) and the step; a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _share, _step: None
        return
    bar: Any
    with click.progressbar(length=1000, file=sys.stderr, item_show_func=lambda step: str(step or "")) as bar:

        def tell(share: float, step: str) -> None:
            bar.update(max(0, round(1000 * share) - bar.pos), step)

        yield tell


def deliver(data: bytes, out: str | None) -> None:
    """Write the result to a file, or to the standard output where none (or ``-``) is named.

    Raises
    ------
    GeodataError
        The file cannot be written.
    """
    if out in (None, "-"):
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    path = Path(str(out))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise GeodataError(f"无法写入「{path}」：{error.strerror}。") from error
    say(f"已写入 {path}")
