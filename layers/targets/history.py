"""What the layers told of the targets in older data versions, so that a trend and a pace rest on dated values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from geodata.city import City
from geodata.targets import Plan
from layers.targets.readings import computed_readings, data_day
from layers.targets.states import Reading

Earlier = Mapping[str, Mapping[str, tuple[Reading, ...]]]
"""By key of the target and code of the unit, the values of older data versions, the oldest first."""


@dataclass(frozen=True)
class VersionValues:
    """Values of one data version: by key of the target and code of the unit; ``day`` is that of its newest layer.

    ``day`` is None, and there are no values, where the data do not say when they were published.
    """

    version: str
    number: int
    day: date | None
    readings: Mapping[str, Mapping[str, Reading]]


def version_values(city: City, plan: Plan, *, number: int) -> VersionValues:
    """Return what the layers of a data version tell of every target; ``number`` orders the versions of a store."""
    found = {
        one.key: {code: readings[-1] for code, readings in computed_readings(city, one).items()}
        for one in plan.targets
        if one.compute is not None
    }
    return VersionValues(city.version, number, data_day(city), {key: own for key, own in found.items() if own})


def in_order(versions: Iterable[VersionValues]) -> Earlier:
    """Return the values of several versions by target and unit; of one day only the latest version counts."""
    by_day: dict[str, dict[str, dict[date, Reading]]] = {}
    for one in sorted(versions, key=lambda one: one.number):
        for key, own in one.readings.items():
            for code, reading in own.items():
                by_day.setdefault(key, {}).setdefault(code, {})[reading.day] = reading
    return {
        key: {code: tuple(days[day] for day in sorted(days)) for code, days in units.items()}
        for key, units in by_day.items()
    }
