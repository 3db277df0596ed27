"""The proof behind each edit: the city under a scenario computed from scratch, and compared with the live one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from geodata.city import City
from geodata.errors import GeodataError, Stopped
from geodata.walkers import Walker, walkers
from layers.query import MAX_MINUTES
from layers.scenario import applied
from layers.travel import minutes

MOST_CELLS = 20


@dataclass(frozen=True)
class Difference:
    """Where minutes are not equal, for one walker and element.

    ``count`` cells differ, the first of them are ``cells`` (their ids); ``live`` and ``scratch`` are the minutes there,
    inf out of reach.
    """

    walker: str
    element: str
    count: int
    cells: tuple[str, ...]
    live: tuple[float, ...]
    scratch: tuple[float, ...]


@dataclass(frozen=True)
class Certificate:
    """What the comparison found.

    Attributes
    ----------
    version : of the city that was compared
    compared : how many minutes were compared, bit for bit
    differences : by walker and element; none when all are equal
    seconds : how long the computation from scratch took, the comparison included
    other : in Chinese, what else is not equal (numbers of cells or facilities); "" for nothing
    """

    version: str
    compared: int
    seconds: float
    differences: tuple[Difference, ...] = field(default=())
    other: str = ""

    @property
    def equal(self) -> bool:
        """Whether the live city is the one computed from scratch."""
        return not self.differences and not self.other

    @property
    def sentence(self) -> str:
        """What the page says, in Chinese."""
        if self.equal:
            return f"已核验：从头重算的 {self.compared:,} 个步行时间与即时结果逐位一致（{self.seconds:.1f} 秒）。"
        wrong = sum(one.count for one in self.differences)
        told = self.other or f"{wrong:,} 个步行时间（共 {self.compared:,} 个）不一致"
        return f"核验未通过：从头重算的结果与即时结果不同，{told}；请以重算结果为准，并将此信息告知维护人员。"


def certified(
    city: City,
    base: City,
    *,
    tell: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    kinds: tuple[Walker, ...] | None = None,
) -> Certificate:
    """Compute the city of a scenario from scratch and compare all minutes of all walkers and elements, bit for bit.

    Parameters
    ----------
    city : as :func:`layers.live.stepping.stepped` gave it
    base : its base version
    tell : told how many steps of how many are done: one for the city, then one for each walker
    cancelled : asked between steps

    Raises
    ------
    Stopped
        It was cancelled.
    GeodataError
        The city is not under a scenario, or not on this base version.
    """
    if city.scenario is None:
        raise GeodataError("没有方案可核验；需要方案下的城市。")
    start = perf_counter()
    who = walkers() if kinds is None else kinds
    keys = tuple(element.key for element in city.catalogue.elements)
    _told((0, len(who) + 1), tell, cancelled)
    scratch = applied(base, city.scenario)
    other = _otherwise(city, scratch)
    found: list[Difference] = []
    compared = 0
    for step, walker in enumerate(who, start=1):
        _told((step, len(who) + 1), tell, cancelled)
        if not other:
            found += _differences(city, scratch, walker, keys)
            compared += len(city.cells) * len(keys)
    _told((len(who) + 1, len(who) + 1), tell, cancelled)
    return Certificate(city.version, compared, perf_counter() - start, tuple(found), other)


def _told(
    steps: tuple[int, int], tell: Callable[[int, int], None] | None, cancelled: Callable[[], bool] | None
) -> None:
    if cancelled is not None and cancelled():
        raise Stopped
    if tell is not None:
        tell(*steps)


def _otherwise(city: City, scratch: City) -> str:
    """Say in Chinese what tables are not equal."""
    if not city.cells.index.equals(scratch.cells.index):
        return f"人口格点 {len(city.cells):,} 个与 {len(scratch.cells):,} 个不同"
    places = ["id", "element", "lon", "lat", "capacity", "floor_area_m2"]
    if not city.facilities[places].equals(scratch.facilities[places]):
        return f"设施 {len(city.facilities):,} 处与 {len(scratch.facilities):,} 处不同"
    return ""


def _differences(city: City, scratch: City, walker: Walker, keys: tuple[str, ...]) -> list[Difference]:
    live, right = (minutes(one, walker, keys, limit_min=MAX_MINUTES) for one in (city, scratch))
    found = []
    for column in np.flatnonzero((live != right).any(axis=0)).tolist():
        rows = np.flatnonzero(live[:, column] != right[:, column])
        first = rows[:MOST_CELLS]
        found.append(
            Difference(
                walker=walker.key,
                element=keys[column],
                count=len(rows),
                cells=tuple(str(name) for name in city.cells.index[first]),
                live=tuple(live[first, column].tolist()),
                scratch=tuple(right[first, column].tolist()),
            )
        )
    return found
