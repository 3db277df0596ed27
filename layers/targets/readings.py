"""Dated values of a target for each county and the city, from the layers or from what was filed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from geodata.city import City
from geodata.errors import GeodataError
from geodata.filing import Filing, divided, factor, latest
from geodata.target_record import Target, satisfies
from layers.places import places
from layers.targets.computed import computed
from layers.targets.states import Reading
from layers.targets.tally import Tally, city_code, county_codes

Dated = Mapping[str, Sequence[Reading]]
"""Readings by the code of their unit."""
NOTHING: Dated = {}
OWN_VALUE = ("个", "处", "家", "所")
"""Units of plain numbers that add up over counties."""


@dataclass(frozen=True, eq=False)
class Values:
    """What is known of a target.

    Attributes
    ----------
    readings : by code of the county or city; nothing for those of which nothing is known
    asked : by code, what is asked of the unit where that is not the plan's own number
    free : codes of which nothing is asked
    counts : the city's value is the number of counties that do as asked
    lacking : in Chinese, why the layers do not tell it though they should; "" otherwise
    by_layers : the readings are computed; else they were filed
    """

    target: Target
    readings: dict[str, list[Reading]]
    asked: dict[str, float] = field(default_factory=dict)
    free: frozenset[str] = frozenset()
    counts: bool = False
    lacking: str = ""
    by_layers: bool = False

    @property
    def city_unit(self) -> str:
        """Unit of the city's value."""
        return "个县" if self.counts else self.target.value_unit


def data_day(city: City) -> date | None:
    """Return the day on which the newest layer of the data was published; None where none says so."""
    days = [str(facts.get("published", ""))[:10] for facts in city.layers.values()]
    known = [day for day in days if day]
    return date.fromisoformat(max(known)) if known else None


def values(city: City, target: Target, filings: Iterable[Filing], *, earlier: Dated = NOTHING) -> Values:
    """Return every dated value of a target; ``earlier`` are those the layers gave in older data versions.

    The layers come first; where they do not tell it, or lack what it takes, the entries that were filed. Entries of
    targets that the layers answer are not looked at, so that one number never stands for another.
    """
    tally, lacking = _tally(city, target)
    whole = city_code(city)
    counties = county_codes(city)
    asked, free, counts = _asked(city, target, counties)
    if tally is not None:
        found = preceded(_computed(city, tally), earlier)
        return Values(target, found, asked, free, counts, lacking, by_layers=True)
    held = [one for one in latest(filings).values() if one.target == target.key]
    readings: dict[str, list[Reading]] = defaultdict(list)
    for one in sorted(held, key=lambda one: one.day):
        if one.unit in counties or one.unit == whole:
            readings[one.unit].append(_filed(target, one))
    if target.level != "city":
        readings[whole] = _rolled_up(target, held, counties, counts=counts)
    return Values(target, dict(readings), asked, free, counts, lacking)


def computed_readings(city: City, target: Target) -> dict[str, list[Reading]]:
    """Return what the layers of a data version tell of a target, by code; nothing where they do not tell it."""
    tally, _ = _tally(city, target)
    return {} if tally is None else _computed(city, tally)


def preceded(own: Mapping[str, Sequence[Reading]], earlier: Dated) -> dict[str, list[Reading]]:
    """Return readings with earlier ones before them; of one day only the own one counts."""
    first = {code: min(one.day for one in readings) for code, readings in own.items()}
    before = {code: [one for one in earlier.get(code, ()) if one.day < day] for code, day in first.items()}
    return {code: [*before[code], *readings] for code, readings in own.items()}


def _tally(city: City, target: Target) -> tuple[Tally | None, str]:
    """Return the value by the layers, or why there is none."""
    if target.compute is None:
        return None, f"数据缺少：{target.needs}" if target.needs else ""
    try:
        made = computed(city, target)
    except GeodataError as error:
        return None, str(error)
    assert made is not None
    if np.isfinite(made.value[-1]):
        return made, ""
    many = f"（{made.unknown[-1]:,.0f} 个单元缺少数据）" if made.unknown[-1] else ""
    return None, f"数据中没有可判定的单元{many}：{made.what}"


def _computed(city: City, tally: Tally) -> dict[str, list[Reading]]:
    day = data_day(city)
    if day is None:
        return {}
    found: dict[str, list[Reading]] = {}
    for row, code in enumerate(tally.code):
        value = float(tally.value[row])
        if np.isfinite(value):
            unknown = f"；另有 {tally.unknown[row]:,.0f} 个无法判定" if tally.unknown[row] else ""
            source = f"数据版本 {city.version} 计算：{tally.what}{unknown}"
            found[code] = [Reading(day, value, source, float(tally.part[row]), float(tally.whole[row]))]
    return found


def _asked(city: City, target: Target, counties: tuple[str, ...]) -> tuple[dict[str, float], frozenset[str], bool]:
    """Return what is asked of each county and the city where it is not the plan's number, and of whom nothing is."""
    if target.value_asked is None or divided(target) or target.parts or target.recurrence or target.level == "city":
        return {}, frozenset(counties if target.level == "city" else ()), False
    number, whole = target.value_asked, city_code(city)
    if target.level == "county":
        if target.counts_counties:
            return dict.fromkeys(counties, 1.0), frozenset(), False
        return {whole: float(len(counties))}, frozenset(), True
    if target.level == "township":
        each = _townships(city, counties)
        if number == sum(each.values()):
            return {code: float(count) for code, count in each.items()}, frozenset(), False
    return {}, frozenset(counties), False


def _townships(city: City, counties: tuple[str, ...]) -> dict[str, int]:
    codes = places(city, "township").code[:-1]
    return {county: sum(code.startswith(county) for code in codes) for county in counties}


def _filed(target: Target, one: Filing) -> Reading:
    """Return the value of an entry."""
    source = f"{one.author}填报，依据{one.document}" + (f"，更正：{one.reason}" if one.reason else "")
    if target.parts:
        asked = dict(target.parts)
        return Reading(one.day, min(number / asked[name] for name, number in one.parts), source)
    if one.whole is None:
        return Reading(one.day, one.part, source, one.part)
    return Reading(one.day, one.part / one.whole * factor(target), source, one.part, one.whole)


def _rolled_up(target: Target, held: list[Filing], counties: tuple[str, ...], *, counts: bool) -> list[Reading]:
    """Return the city's values from what its counties filed for the same day; sum over sum, never a mean of shares."""
    by_day: dict[date, list[Filing]] = defaultdict(list)
    for one in held:
        if one.unit in counties:
            by_day[one.day].append(one)
    made = []
    for day, entries in sorted(by_day.items()):
        own = [_filed(target, one) for one in entries]
        source = f"{len(entries)} 个县（区、市）填报汇总"
        part, whole = sum(one.part for one in entries), sum(one.whole or 0.0 for one in entries)
        if counts:
            met = sum(satisfies(one.value, target.value_comparator, target.value_asked or 0.0) for one in own)
            value = float(met)
        elif divided(target):
            value = part / whole * factor(target)
        elif target.value_unit in OWN_VALUE:
            value = part
        else:
            value, source = min(one.value for one in own), f"{source}，取最低"
        made.append(Reading(day, value, source, part, whole or float("nan"), len(entries), len(counties)))
    return made
