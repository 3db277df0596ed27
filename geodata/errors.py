"""What went wrong that the user can mend: one tree of errors, worded in Chinese for the planner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PRINTED = 50


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with the data: where it is, what was found, and what is needed there.

    ``row`` is the row the user sees: 1 is the first data row, whatever header lines the file has.
    """

    file: str = ""
    layer: str = ""
    row: int | None = None
    column: str = ""
    found: str = ""
    needed: str = ""

    def __str__(self) -> str:
        place = [self.file, f"图层 {self.layer}" if self.layer else ""]
        place += [f"第 {self.row} 行" if self.row is not None else "", f"「{self.column}」列" if self.column else ""]
        where = "，".join(part for part in place if part)
        return f"{where}：发现{self.found}；需要{self.needed}。" if where else f"发现{self.found}；需要{self.needed}。"


class GeodataError(ValueError):
    """Something the user can fix; the message is ready to be shown."""


class UnreadableFile(GeodataError):
    """The file cannot be read as the format its name promises."""


class UnknownReference(GeodataError):
    """The datum or coordinate reference system is missing, unknown or impossible here."""


class UnknownKey(GeodataError):
    """A name that is in no catalogue: an element, a walker, a group, a unit level, a layer."""


class RefusedData(GeodataError):
    """The data fail their checks; nothing was published.

    ``problems`` holds every one, the message the first :data:`PRINTED` and the number of the rest.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        lines = [str(problem) for problem in self.problems[:PRINTED]]
        rest = len(self.problems) - len(lines)
        super().__init__("\n".join(lines + [f"另有 {rest} 处。"] * (rest > 0)))


class StoreError(GeodataError):
    """The store cannot be opened, has no such version, or was changed by somebody else meanwhile."""


class Stopped(GeodataError):
    """Long work was told to stop, and did."""

    def __init__(self) -> None:
        super().__init__("计算已取消。")
