"""The cities that are alive: as they are, and the last few under scenarios, each computed once for all who ask."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Protocol, TypeVar, runtime_checkable

from sqlalchemy import Engine

from geodata import scenario_store
from geodata.assemble import CitySource, city_source, load_city
from geodata.city import City
from geodata.scenario import Scenario, referred
from layers.inherited import inherit
from layers.scenario import applied

MOST_CITIES, MOST_BASES, MOST_RECORDS = 6, 2, 64
Step = Callable[[City, Scenario], City]
T = TypeVar("T")


@runtime_checkable
class ScenarioSource(Protocol):
    """A source of the city that knows scenarios; a plain ``CitySource`` only has the city as it is."""

    def __call__(self, scenario: str = "") -> City | None:
        """Return the city as it is for "", else that under the scenario ``<id>@<revision>``."""

    def record(self, scenario: str) -> Scenario:
        """Return a scenario by its reference; a bare id means its latest revision."""

    def listed(self) -> list[Scenario]:
        """Return the latest revisions of all scenarios that are not archived, newest first."""

    def alive(self) -> list[City]:
        """Return the cities that are held, those of data versions and those under scenarios."""


@runtime_checkable
class WorkingSource(ScenarioSource, Protocol):
    """A source in which scenarios can be tried before they are saved."""

    def tried(self, scenario: Scenario) -> City:
        """Return the city under a scenario that is not saved; GeodataError where an edit does not fit."""

    def keep(self, city: City) -> None:
        """Hold a city that was tried, once its scenario is saved under the reference it had then."""

    def base_of(self, reference: str) -> City | None:
        """Return the city that a scenario edits, without its edits; the city as it is for ""."""


class ScenarioCities:
    """The source of one store: base versions, and the cities under scenarios that were asked for last.

    Threads that ask for the same city wait for one computation and share it. A scenario whose base is no longer the
    current data version is put into its own base, which is loaded for it. The city of a new revision is made from the
    nearest one there is (see ``step``), so that a further edit costs what it changes.

    Parameters
    ----------
    engine : the store of data versions and scenarios
    max_snap_m : as in :func:`geodata.assemble.assemble_city`
    step : makes a city under a scenario from its base city or one under another scenario of the same base
    most : cities under scenarios that are kept
    """

    def __init__(self, engine: Engine, *, max_snap_m: float = 500.0, step: Step | None = None, most: int = MOST_CITIES):
        self._engine, self._max_snap_m, self._most = engine, max_snap_m, most
        self._now: CitySource = city_source(engine, max_snap_m=max_snap_m)
        self._step = step
        self._lock = Lock()
        self._turns: dict[str, Lock] = {}
        self._cities: OrderedDict[str, City] = OrderedDict()
        self._bases: OrderedDict[str, City] = OrderedDict()
        self._records: OrderedDict[str, Scenario] = OrderedDict()

    def __call__(self, scenario: str = "") -> City | None:
        """Return the city as it is for "" (None while nothing is published), else that under a scenario.

        Raises
        ------
        GeodataError
            There is no such scenario or revision, its base version cannot be loaded, or an edit does not fit it.
        """
        if not scenario:
            return self._current()
        record = self.record(scenario)
        return self._once(record.reference, self._cities, lambda: self._made(record), most=self._most)

    def record(self, scenario: str) -> Scenario:
        """Return a scenario by its reference; a bare id means its latest revision, which is looked up anew."""
        ident, revision = referred(scenario)
        with self._lock:
            if revision is not None and scenario in self._records:
                self._records.move_to_end(scenario)
                return self._records[scenario]
        found = scenario_store.load(self._engine, ident, revision)
        with self._lock:
            _put(self._records, found.reference, found, most=MOST_RECORDS)
        return found

    def listed(self) -> list[Scenario]:
        """Return the latest revisions of all scenarios that are not archived, newest first."""
        return scenario_store.scenarios(self._engine)

    def alive(self) -> list[City]:
        """Return the cities that are held, those of data versions and those under scenarios."""
        with self._lock:
            return [*self._bases.values(), *self._cities.values()]

    def tried(self, scenario: Scenario) -> City:
        """Return the city under a scenario that is not saved, without holding it; raises as a call does."""
        return self._made(scenario)

    def keep(self, city: City) -> None:
        """Hold a city that was tried, once its scenario is saved under the reference it had then."""
        if city.scenario is not None:
            with self._lock:
                _put(self._cities, city.scenario.reference, city, most=self._most)

    def base_of(self, reference: str) -> City | None:
        """Return the city that a scenario edits, without its edits; the city as it is for ""."""
        return self._base(self.record(reference).base) if reference else self._current()

    def _current(self) -> City | None:
        city = self._now()
        if city is not None:
            with self._lock:
                _put(self._bases, city.version, city, most=MOST_BASES)
        return city

    def _base(self, version: str) -> City:
        city = self._current()
        if city is not None and city.version == version:
            return city

        def load() -> City:
            return load_city(self._engine, version, max_snap_m=self._max_snap_m)

        return self._once(version, self._bases, load, most=MOST_BASES)

    def _made(self, scenario: Scenario) -> City:
        base = self._base(scenario.base)
        if self._step is None:
            return inherit(base, applied(base, scenario))
        with self._lock:
            alive = list(self._cities.values())
        return inherit(base, self._step(nearest(base, alive, scenario), scenario))

    def _once(self, key: str, held: OrderedDict[str, City], make: Callable[[], City], *, most: int) -> City:
        """Return what is held under a key, or make it, one thread for all that ask meanwhile."""
        with self._lock:
            if key in held:
                held.move_to_end(key)
                return held[key]
            turn = self._turns.setdefault(key, Lock())
        with turn:
            with self._lock:
                if key in held:
                    return held[key]
            try:
                made = make()
            except BaseException:
                with self._lock:
                    self._turns.pop(key, None)
                raise
            with self._lock:
                self._turns.pop(key, None)
                _put(held, key, made, most=most)
            return made


def nearest(base: City, alive: list[City], scenario: Scenario) -> City:
    """Return the city from which the fewest edits lead to a scenario: those to take back, and those to put in.

    ``alive`` may hold cities of other base versions and the base; equally near ones lose to the base and to the first.
    """
    wanted = scenario.in_force

    def steps(city: City) -> int:
        had = city.scenario.in_force if city.scenario is not None else ()
        same = next(
            (i for i, (a, b) in enumerate(zip(had, wanted, strict=False)) if a != b), min(len(had), len(wanted))
        )
        return len(had) + len(wanted) - 2 * same

    return min([base, *(city for city in alive if city.base == scenario.base)], key=steps)


def _put(held: OrderedDict[str, T], key: str, value: T, *, most: int) -> None:
    held[key] = value
    held.move_to_end(key)
    while len(held) > most:
        held.popitem(last=False)
