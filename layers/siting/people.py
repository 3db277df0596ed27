"""Whom a siting is for: the people of every cell, each counted with the weight of the group that holds them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.groups import group
from geodata.schema import LEVELS
from layers.coverage import people
from layers.exact import summable
from layers.places import places
from layers.siting.ask import Ask, Weights
from layers.siting.where import level_of

OLDER = ("60+", "65+", "80+")
"""Groups of which each holds the next."""
CHILDREN = ("0-6", "7-14")
NO_DISABLED = "人口数据没有残疾人数，未能单独加权"


def claims(city: City, ask: Ask) -> NDArray[np.float64]:
    """Return the weighted people of every cell who are to be served, (n_cells,); 0 outside the unit asked for.

    Raises
    ------
    GeodataError
        The population layer does not tell a group that is weighted, or there is no such unit.
    """
    weight = weighted(city, ask.weights)
    return summable(np.where(served_cells(city, ask), weight, 0.0))


def served_cells(city: City, ask: Ask) -> NDArray[np.bool_]:
    """Tell which cells lie in the unit whose people are to be served."""
    if not ask.within:
        return np.ones(len(city.cells), dtype=bool)
    level = level_of(city, ask.within)
    if level == LEVELS[0]:
        return np.ones(len(city.cells), dtype=bool)
    at = places(city, level)
    inside: NDArray[np.bool_] = at.cell == at.code.index(ask.within)
    return inside


def weighted(city: City, weights: Weights) -> NDArray[np.float64]:
    """Return the people of every cell by weight: each person with that of the narrowest group named that holds them.

    A cell whose groups exceed its people counts nobody besides them.
    """
    given = dict(weights)
    rest_weight = given.pop("all", 1.0)
    everybody = people(city, "all")
    if not given:
        return everybody * rest_weight
    total, named = np.zeros(len(everybody)), np.zeros(len(everybody))
    for key in CHILDREN:
        if key in given:
            found = people(city, key)
            total, named = total + given[key] * found, named + found
    finer = np.zeros(len(everybody))
    for key in reversed(OLDER):
        if key in given:
            found = np.maximum(people(city, key), finer)
            total, finer = total + given[key] * (found - finer), found
    return total + rest_weight * np.maximum(everybody - named - finer, 0.0)


def weight_words(weights: Weights) -> str:
    """Return the weights in Chinese; "" where everybody counts alike."""
    if not weights:
        return ""
    told = "、".join(f"{group(key).title} {weight:g}" for key, weight in weights)
    return (
        f"人群权重：{told}，其余 1" if "all" not in dict(weights) else f"人群权重：{told}（全部常住人口一项指其余人群）"
    )


def counted(city: City, ask: Ask) -> dict[str, NDArray[np.float64]]:
    """Return heads (not weights) of every cell in the unit asked for: ``people``, ``older`` (60+), ``children`` (0–14).

    A group that the population layer does not tell is all NaN.
    """
    inside = served_cells(city, ask)
    nobody = np.full(len(inside), np.nan)

    def heads(*keys: str) -> NDArray[np.float64]:
        if any(group(key).column not in city.cells for key in keys):
            return nobody
        whole = np.sum([people(city, key) for key in keys], axis=0)
        return summable(np.where(inside, whole, 0.0))

    return {"people": heads("all"), "older": heads("60+"), "children": heads(*CHILDREN)}
