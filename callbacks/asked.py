"""Which city a question is about: the city as it is, or the city under the scenario that the question names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from callbacks.choice import QUESTION
from geodata.assemble import CitySource
from geodata.city import City
from geodata.errors import GeodataError
from geodata.scenario import referred
from layers.query import Query
from layers.scenario_source import ScenarioSource

NO_SCENARIOS = "本服务没有连接存放方案的数据仓库，不能打开方案；请返回现状。"
Asked = Query | Mapping[str, Any] | str | None


def city_of(source: CitySource, asked: Asked) -> City | None:
    """Return the city that a question is about: a ``Query``, what a browser store holds of one, or of its scenario.

    None while nothing is published; without a question that is the city as it is.

    Raises
    ------
    GeodataError
        The scenario of the question is unknown, cannot be put into its base version, or is not known to this source.
    """
    wanted = scenario_of(asked)
    if not wanted:
        return source()
    if isinstance(source, ScenarioSource):
        return source(wanted)
    city = source()
    if city is not None and city.scenario is not None and city.scenario.reference == wanted:
        return city
    raise GeodataError(NO_SCENARIOS)


def scenario_of(asked: Asked) -> str:
    """Return the reference of the scenario of a question, "" for the city as it is."""
    if isinstance(asked, Query):
        return asked.scenario
    if isinstance(asked, str):
        return asked
    return str((asked or {}).get("scenario") or "")


def question(source: CitySource, data: Mapping[str, Any] | None) -> tuple[City, Query] | None:
    """Return city and question, or None while there is no city or no question yet."""
    if not data:
        return None
    query = Query.from_dict(data)
    city = city_of(source, query)
    return None if city is None else (city, query)


@dataclass(frozen=True)
class Opened:
    """A city with the pinned reference of its scenario ("" for none), and a message where another one was asked for."""

    city: City | None
    scenario: str = ""
    message: str = ""


def opened(source: CitySource, scenario: str) -> Opened:
    """Open a scenario by its reference, a bare id for its latest revision; raises as :func:`city_of`."""
    city = city_of(source, scenario)
    under = city.scenario if scenario and city is not None else None
    return Opened(city, scenario if under is None else under.reference)


def welcomed(source: CitySource, scenario: str) -> Opened:
    """Open a scenario that an address or the last visit names; the city as it is, and why, where that cannot be."""
    if not scenario:
        return Opened(source())
    try:
        if isinstance(source, ScenarioSource):
            latest = source.record(referred(scenario)[0])
            if latest.archived:
                raise GeodataError(f"方案「{latest.name}」已归档。")
        return opened(source, scenario)
    except GeodataError as error:
        return Opened(source(), message=f"未能打开网址中或上次查看的方案：{error}现按现状显示。")


def picked(source: CitySource, scenario: str, *, before: str) -> Opened:
    """Open a scenario that was picked; the one ``before``, and why, where that cannot be."""
    if scenario == referred_id(before):
        return opened(source, before)
    try:
        return opened(source, scenario)
    except GeodataError as error:
        return replace(opened(source, before), message=str(error))


def referred_id(scenario: str) -> str:
    """Return the id in a reference, "" for the city as it is."""
    return referred(scenario)[0] if scenario else ""


def wanted_scenario(arrival: Mapping[str, Any], current: Mapping[str, Any] | None) -> str:
    """Return the scenario that is wanted when a page opens: that of its address, else that on screen or of last time.

    ``arrival`` holds ``search`` (the query part of the URL) and ``remembered`` (that of the last visit). The address of
    a question that names no scenario means the city as it is, unless it is followed within the program.
    """
    search = str(arrival.get("search") or "")
    said = dict(parse_qsl(search.removeprefix("?"), keep_blank_values=True))
    if "scenario" in said:
        return said["scenario"].strip()
    if current is not None:
        return scenario_of(current)
    if QUESTION.search(search):
        return ""
    return dict(parse_qsl(str(arrival.get("remembered") or "").removeprefix("?"))).get("scenario", "").strip()
