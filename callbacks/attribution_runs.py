"""Attribution as a job of the server: two data versions are loaded, the figure is computed state by state."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from callbacks.attribution_asking import Ask, question_of, settings_of
from callbacks.jobs import Cancelled, Jobs, Standing, Tell
from geodata.assemble import load_city
from geodata.city import City
from geodata.desk import Desk
from geodata.errors import Stopped, StoreError
from layers.attribution import Attribution, attribute
from layers.query import Query

KEPT = 2
"""Cities of other data versions that are kept in memory: asking for another indicator then takes no loading."""
STEPS = 3


class Attributions:
    """The attributions of one server; all methods may be called by any thread."""

    def __init__(self, desk: Desk, jobs: Jobs) -> None:
        self._desk, self._jobs, self._lock = desk, jobs, Lock()
        self._cities: OrderedDict[str, City] = OrderedDict()

    def start(self, city: City, query: Query, ask: Ask, *, visitor: str = "") -> Standing:
        """Ask for an attribution; join who asks the same. ``city`` is that of the page, which may be one of the two."""

        def work(own: City, tell: Tell, cancelled: Cancelled) -> Attribution:
            two = []
            for step, version in enumerate((ask.before, ask.after)):
                tell(step, STEPS)
                two.append(self._city(version, own))
            tell(STEPS - 1, STEPS)
            if cancelled():
                raise Stopped
            return attribute(two[0], two[1], ask.indicator, query=settings_of(query), place=ask.place)

        return self._jobs.start(city, question_of(ask, query), work, visitor=visitor)

    def look(self, city: City, query: Query, ask: Ask) -> Standing:
        """Return how an attribution stands; its answer is an :class:`Attribution`."""
        return self._jobs.look(city, question_of(ask, query))

    def cancel(self, city: City, query: Query, ask: Ask, *, visitor: str = "") -> Standing:
        """Take a visitor's interest back."""
        return self._jobs.cancel(city, question_of(ask, query), visitor=visitor)

    def wait(self, city: City, query: Query, ask: Ask, *, timeout_s: float | None = None) -> Standing:
        """Wait until it is over; for programs and tests, not for pages."""
        return self._jobs.wait(city, question_of(ask, query), timeout_s=timeout_s)

    def found(self, city: City, query: Query, ask: Ask) -> Attribution | None:
        """Return a finished attribution; None while there is none."""
        standing = self.look(city, query, ask)
        return standing.answer if isinstance(standing.answer, Attribution) else None

    def _city(self, version: str, own: City) -> City:
        """Return the city of a data version: the page's own, one that is kept, or one that is loaded now."""
        if own.version == version and own.scenario is None:
            return own
        with self._lock:
            if version in self._cities:
                self._cities.move_to_end(version)
                return self._cities[version]
        if self._desk.store is None:
            raise StoreError(f"{self._desk.refusal}。")
        made = load_city(self._desk.store, version)
        with self._lock:
            self._cities[version] = made
            while len(self._cities) > KEPT:
                self._cities.popitem(last=False)
        return made
