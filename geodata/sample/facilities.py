"""The layer of facilities: how many of each element a place has, where they stand, and what is known about each."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.sample.columns import layer_frame
from geodata.sample.divisions import DATA, Divisions
from geodata.sample.fabric import Fabric
from geodata.sample.fronts import Fronts
from geodata.sample.lattice import Mask
from geodata.sample.places import Places
from geodata.sample.plane import stream, to_lonlat
from geodata.sample.premises import furnished, new_malls

_BRANDS = (
    "惠民",
    "康源",
    "晋兴",
    "百姓",
    "福万家",
    "乐邻",
    "同春",
    "金粟",
    "汇丰源",
    "瑞和",
    "家家顺",
    "益民",
    "润泽",
    "和顺",
    "广誉",
)
_BRANDED = (
    "fresh_market",
    "supermarket",
    "convenience_store",
    "breakfast_restaurant",
    "pharmacy",
    "laundry",
    "hairdresser",
    "housekeeping",
    "photo_print",
    "gym",
    "bookstore",
    "cafe",
    "pet_service",
    "nursery",
    "child_after_school_care",
    "shopping_mall",
)
_COMMERCE_DESERTS = 0.09  # share of communities in which hardly any shop opens


def facility_rates() -> pd.DataFrame:
    """Read how often each element occurs and what its facilities are like (``data/facilities.csv``, all synthetic).

    ``mode``: *township* at most one in each, *community* at most one in each (*village*, *estate*: of that kind only),
    *front* so many per 1,000 people. ``urban`` and ``rural`` are probabilities, or numbers per 1,000 people.
    """
    return pd.read_csv(DATA / "facilities.csv").set_index("element")


def facilities_layer(
    city: tuple[Divisions, Places, Fronts], fabric: Fabric, *, people: NDArray[np.int64], known: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Place all facilities; ``people`` counts those of every community, ``known`` are the communities' registers."""
    tree, _, fronts = city
    rates = facility_rates()
    rich = stream(70).lognormal(-0.12, 0.5, len(people))
    desert = stream(71).random(len(people)) < _COMMERCE_DESERTS
    market = np.asarray(people * np.where(desert, 0.03, rich), dtype=np.float64)
    parts = []
    for k in range(len(rates)):
        random = stream(73, k)
        there = _places_of(rates.iloc[k], city, market, random)
        parts.append(_element(rates.iloc[k], city, there, random))
    parts.append(_parks(fabric, fronts, str(rates.at["park_green", "hours"])))
    parts.append(
        _element(
            rates.iloc[rates.index.tolist().index("shopping_mall")], city, new_malls(known, fronts.has), stream(99)
        )
    )
    table = pd.concat(parts, ignore_index=True)
    number = pd.Series(np.arange(len(table))).astype(str).str.zfill(5)
    dice = stream(72).random(len(table))
    place = tree.communities.iloc[table["community"].to_numpy()]
    county = tree.counties["name"].reindex(place["county"]).to_numpy()
    township = tree.townships["name"].reindex(place["township"]).to_numpy()
    address = county + township + place["name"].to_numpy() + pd.Series((dice * 900).astype(int) + 1).astype(str) + "号"
    status = np.select([dice < 0.006, dice > 0.996], ["closed", "planned"], "open")
    table = table.assign(id="f" + number, address=address.to_numpy(), status=status, source="合成示例")
    return layer_frame("facilities", furnished(table, known))


def _element(
    rate: pd.Series,
    city: tuple[Divisions, Places, Fronts],
    communities: NDArray[np.int64],
    random: np.random.Generator,
) -> pd.DataFrame:
    """Place one facility of an element in each of the given communities."""
    tree, _, fronts = city
    element = str(rate.name)
    spot = fronts.pick(communities, random)
    count = len(communities)
    place = tree.communities["name"].to_numpy()[communities]
    if rate["mode"] == "township":
        place = tree.townships["name"].reindex(tree.communities["township"].iloc[communities]).to_numpy()
    brand = np.array(_BRANDS, dtype=object)[random.integers(0, len(_BRANDS), count)]
    kind = rate["name"]
    if element == "community_health_station":
        kind = np.where(tree.communities["estate"].iloc[communities], kind, "卫生室").astype(object)
    name = brand + rate["name"] + "（" + place + "店）" if element in _BRANDED else place.astype(object) + kind
    return pd.DataFrame(
        {
            "element": element,
            "name": name,
            "community": communities,
            "opening_hours": rate["hours"],
            "floor_area_m2": _size(rate, "floor", count, random, 1),
            "land_area_m2": _size(rate, "land", count, random, 1),
            "capacity": _size(rate, "capacity", count, random, 0),
            "geometry": shapely.points(to_lonlat(spot)),
        }
    )


def _places_of(
    rate: pd.Series, city: tuple[Divisions, Places, Fronts], market: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.int64]:
    """Choose the community of every facility of an element."""
    tree, where, fronts = city
    share = np.where(where.urban, rate["urban"], rate["rural"]).astype(np.float64)
    if rate["mode"] == "front":
        number = random.poisson(share * market / 1000.0)
        return np.repeat(np.arange(len(share)), np.where(fronts.has, number, 0))
    if rate["mode"] == "township":
        return _one_per_township(tree, fronts.has, share, market, random)
    estate = tree.communities["estate"].to_numpy()
    share = (
        share * {"community": 1.0, "village": ~estate & ~where.in_town, "estate": estate | where.in_town}[rate["mode"]]
    )
    return np.flatnonzero((random.random(len(share)) < share) & fronts.has)


def _one_per_township(
    tree: Divisions, has: Mask, share: NDArray[np.float64], market: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.int64]:
    """Give the liveliest of three random communities of each township the facility, if it has one at all."""
    score = pd.Series(np.where(has, market * random.uniform(0.4, 1.0, len(market)), -1.0))
    best = score.groupby(tree.communities["township"].to_numpy()).idxmax().to_numpy(dtype=np.int64)
    return np.sort(best[random.random(len(best)) < share[best]])


def _size(rate: pd.Series, what: str, count: int, random: np.random.Generator, digits: int) -> NDArray[np.float64]:
    low, high = rate[f"{what}_low"], rate[f"{what}_high"]
    if pd.isna(low):
        return np.full(count, np.nan)
    size = low * (high / low) ** random.beta(2.0, 2.2, count)
    return np.asarray(np.round(size, digits))


def _parks(fabric: Fabric, fronts: Fronts, hours: str) -> pd.DataFrame:
    """Turn the green blocks of the towns into parks."""
    lonlat = to_lonlat(fabric.park_xy)
    community = fronts.community_of(lonlat)
    inside = community >= 0
    return pd.DataFrame(
        {
            "element": "park_green",
            "name": [f"第{n + 1}街心公园" for n in range(int(inside.sum()))],
            "community": community[inside],
            "opening_hours": hours,
            "land_area_m2": np.round(fabric.park_m2[inside], 0),
            "geometry": shapely.points(lonlat[inside]),
        }
    )
