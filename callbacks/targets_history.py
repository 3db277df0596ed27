"""Values of older data versions, computed behind the page one version after the other and kept for good."""

from __future__ import annotations

from collections.abc import Hashable
from threading import Lock
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks import ids, targets_ids
from callbacks.asked import question
from callbacks.jobs import Cancelled, Jobs, Standing, Tell
from geodata.assemble import CitySource, load_city
from geodata.city import City
from geodata.desk import Desk
from geodata.errors import GeodataError, Stopped
from geodata.targets import load_targets
from layers.targets.history import Earlier, VersionValues, in_order, version_values

EVERY_MS = 1500


class Histories:
    """The values of the older versions of a store; a version never changes, so each is computed once.

    All methods may be called by any thread. Versions that cannot be read are remembered and counted, not tried again.
    """

    def __init__(self, desk: Desk, jobs: Jobs | None = None) -> None:
        self._desk, self._jobs, self._lock = desk, jobs or Jobs(), Lock()
        self._known: dict[str, VersionValues | None] = {}

    def older(self) -> tuple[tuple[str, int], ...]:
        """Return id and number of every version the current one was made from, the newest first."""
        listed = self._desk.versions()
        if listed.empty:
            return ()
        past = listed[listed["state"] == "past"]
        return tuple((str(key), int(number)) for key, number in zip(past["id"], past["number"], strict=True))

    def earlier(self) -> Earlier:
        """Return what is known so far."""
        found = [self._known.get(key) for key, _ in self.older()]
        return in_order(one for one in found if one is not None)

    def counted(self) -> tuple[int, int, int]:
        """Return how many older versions there are, how many are done, and how many of these cannot be read."""
        older = self.older()
        done = [key for key, _ in older if key in self._known]
        return len(older), len(done), sum(self._known[key] is None for key in done)

    def start(self, city: City, *, visitor: str = "") -> Standing:
        """Begin, or join, the work on what is not known yet; work that failed by a fault of ours is not begun again."""
        found = self._jobs.look(city, self._question())
        if found.phase == "failed":
            return found
        return self._jobs.start(city, self._question(), self._work, visitor=visitor)

    def wait(self, city: City, *, timeout_s: float | None = None) -> Standing:
        """Wait until the work is over; for programs and tests, not for pages."""
        return self._jobs.wait(city, self._question(), timeout_s=timeout_s)

    def _question(self) -> Hashable:
        return ("older versions", self.older())

    def _work(self, _city: City, tell: Tell, cancelled: Cancelled) -> int:
        older = self.older()
        for done, (key, number) in enumerate(older):
            tell(done, len(older))
            if cancelled():
                raise Stopped
            if key not in self._known:
                found = self._computed(key, number)
                with self._lock:
                    self._known[key] = found
        return len(older)

    def _computed(self, key: str, number: int) -> VersionValues | None:
        """Return the values of a version, None where it cannot be read; its city is let go afterwards."""
        assert self._desk.store is not None
        try:
            return version_values(load_city(self._desk.store, key), load_targets(), number=number)
        except GeodataError:
            return None


def told(total: int, done: int, unread: int) -> str:
    """Return in Chinese how far the older versions are; "" where there are none."""
    if not total:
        return ""
    lost = f"，其中 {unread} 个无法读取，不计" if unread else ""
    if done < total:
        return f"正在计算旧数据版本的数值：{done}/{total}{lost}；算完的随即计入趋势和进度。"
    return f"趋势和进度已计入 {total} 个旧数据版本{lost}。"


def register(app: Dash, source: CitySource, histories: Histories) -> None:
    """Tie the work to the page: begun after the board is asked for, followed by a clock that then stops."""

    def follow(ticks: int | None, data: Any, before: Any) -> Any:
        found = question(source, data)
        if found is None:
            return no_update, no_update, False
        total, done, unread = histories.counted()
        over = done >= total
        words = told(total, done, unread)
        if ticks and not over:
            standing = histories.start(found[0])
            over, words = standing.phase == "failed", standing.error or words
        return no_update if done == (before or 0) else done, words, over

    app.callback(
        Output(targets_ids.HISTORY, "data"),
        Output(targets_ids.HISTORY_NOTE, "children"),
        Output(targets_ids.HISTORY_CLOCK, "disabled"),
        Input(targets_ids.HISTORY_CLOCK, "n_intervals"),
        Input(ids.QUERY, "data"),
        State(targets_ids.HISTORY, "data"),
    )(follow)
