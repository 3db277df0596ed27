"""Need found in grids: cells rolled up to the grid they lie in, so that each shows who is reached and who is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.errors import UnknownKey
from geodata.schema import LEVEL_TITLES, LEVELS
from layers.circle import circle
from layers.coverage import people, ratio, rule_of, served
from layers.gridcheck.area import area_m2
from layers.gridcheck.cells import grid_of_cells
from layers.gridcheck.judging import DEFAULTS, faults
from layers.gridcheck.kinds import FAULT_KINDS
from layers.gridcheck.layout import layout_of
from layers.gridcheck.settings import CheckSettings
from layers.memo import remembered
from layers.places import places, upper
from layers.query import Query


def grid_table(city: City, query: Query, settings: CheckSettings = DEFAULTS) -> pd.DataFrame:
    """Return one row per service grid, in the order of the layer; an empty table when there are none.

    Columns
    -------
    code, name, unit, unit_name, county : texts; ``unit`` the community it belongs to (see ``Layout.home``), its name,
        and the name of the county; "" where unknown
    households, population : as registered, NaN where unknown
    area_m2 : on the ellipsoid
    cells, people : population cells inside, and their people of the group of the question
    reached, share : those within the threshold of the question's element, and their share (NaN without people; NaN for
        a sensitive element, whose figures are given by community and above only)
    full, full_share : people of the group in the full circle, and their share
    workers : number of workers, NaN where the layer tells none
    workers_per_100 : workers per 100 registered households, NaN without households
    faults : number of faults under ``settings`` that name the grid (each once, as its grid or as the other one)
    """
    return _grid_table(city, query.but(unit=Query.unit, view=Query.view), settings).copy(deep=False)


@remembered(most=8)
def _grid_table(city: City, query: Query, settings: CheckSettings) -> pd.DataFrame:
    here, of = layout_of(city), grid_of_cells(city)
    weight = people(city, query.group)

    def total(mask: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        counted = (of >= 0) & (True if mask is None else mask)
        return np.bincount(of[counted], weights=weight[counted], minlength=here.count).astype(np.float64)

    everyone, full = total(), total(circle(city, query).full)
    sensitive = rule_of(city, query).sensitive
    reached = np.full(here.count, np.nan) if sensitive else total(served(city, query).reached)
    return pd.DataFrame(
        {
            **_names(city),
            "households": here.households,
            "population": here.people,
            "area_m2": area_m2(here.shape),
            "cells": np.bincount(of[of >= 0], minlength=here.count),
            "people": everyone,
            "reached": reached,
            "share": ratio(reached, everyone),
            "full": full,
            "full_share": ratio(full, everyone),
            "workers": here.workers,
            "workers_per_100": ratio(100 * here.workers, np.nan_to_num(here.households)),
            "faults": _fault_counts(city, settings),
        }
    )


def _names(city: City) -> dict[str, pd.api.extensions.ExtensionArray]:
    here = layout_of(city)
    own, counties = here.communities, places(city, "county")
    above = upper(city, "county")
    known = [counties.name[row] if counties.code[row] else "" for row in above]
    columns = {"code": here.code, "name": here.name}
    for key, texts in (("unit", own.code), ("unit_name", own.name), ("county", known)):
        columns[key] = tuple(texts[home] if home >= 0 else "" for home in here.home)
    return {key: pd.array(values, dtype="str") for key, values in columns.items()}


def _fault_counts(city: City, settings: CheckSettings) -> NDArray[np.int64]:
    found, count = faults(city, settings), layout_of(city).count
    first, second = found["row"].to_numpy(), found["other_row"].to_numpy()
    rows = np.concatenate([first[first >= 0], second[(second >= 0) & (second != first)]])
    return np.bincount(rows, minlength=count).astype(np.int64)


def grid_summary(city: City, *, by: str = "city", settings: CheckSettings = DEFAULTS) -> pd.DataFrame:
    """Return one row per unit of a level that has grids or faults, in the order of the codes.

    Columns: ``code, name, level`` (title), ``communities`` (with grids), ``grids``, ``faults``, ``faulty`` (communities
    with faults), ``grave, medium, light`` (faults by severity), and one column per kind of fault with its number. What
    is in no unit of the level has a last row with code "".

    Raises
    ------
    UnknownKey
        ``by`` is no level of units.
    """
    if by not in LEVELS:
        raise UnknownKey(f"网格汇总没有级别「{by}」；可用的级别：{'、'.join(LEVELS)}。")
    here, found = layout_of(city), faults(city, settings)
    target, above = places(city, by), np.append(upper(city, by), places(city, by).count - 1)
    position = {code: at for at, code in enumerate(here.communities.code)}
    of_fault = np.array([position.get(unit, -1) for unit in found["unit"]], dtype=np.int64)

    def count(homes: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(above[homes], minlength=target.count).astype(np.int64)

    table = pd.DataFrame(
        {
            "code": pd.array(target.code, dtype="str"),
            "name": pd.array(target.name, dtype="str"),
            "level": LEVEL_TITLES[by],
            "communities": count(np.unique(here.home[here.home >= 0])),
            "grids": count(here.home),
            "faults": count(of_fault),
            "faulty": count(np.unique(of_fault[of_fault >= 0])),
        }
    )
    for severity in ("grave", "medium", "light"):
        table[severity] = count(of_fault[(found["severity"] == severity).to_numpy()])
    for kind in FAULT_KINDS:
        table[kind.key] = count(of_fault[(found["kind"] == kind.key).to_numpy()])
    return table[(table["grids"] > 0) | (table["faults"] > 0)].reset_index(drop=True)
