"""The edits of a scenario as the map marks them, and the gates and sites that tools can be used on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from callbacks.wire import stamp
from geodata.city import City
from geodata.contents import inner_points
from geodata.edits import (
    AddFacility,
    AddPopulation,
    AddWay,
    ChangeFacility,
    CloseFacility,
    CloseGate,
    Edit,
    MoveFacility,
    OpenGate,
    RemoveWay,
    UseSite,
)
from geodata.elements import element

Mark = dict[str, Any]
Place = tuple[float, float]


def marks(base: City, edits: tuple[Edit, ...]) -> list[Mark]:
    """Return a mark for each edit, in their order: ``number``, ``kind``, ``words``, ``at`` or ``line`` (lat, lon).

    ``from`` is where a facility was before it moved. Edits of elements whose places are sensitive are left out.
    """
    places: dict[tuple[str, str], Place] = {}
    out: list[Mark] = []
    for number, edit in enumerate(edits, start=1):
        where = _where(base, edit, places)
        if where:
            out.append({"number": number, "kind": edit.kind, "words": edit.sentence(base.catalogue), **where})
    return out


def _where(base: City, edit: Edit, places: dict[tuple[str, str], Place]) -> Mark | None:
    """Return where an edit is, and keep where facilities are now in ``places``, by id and element."""
    if isinstance(edit, AddWay):
        return {"line": [[lat, lon] for lon, lat in edit.line], "way": edit.way}
    if isinstance(edit, (AddPopulation, RemoveWay, OpenGate, CloseGate)):
        return {"at": [edit.lat, edit.lon]}
    if not isinstance(edit, (AddFacility, UseSite, MoveFacility, CloseFacility, ChangeFacility)):
        return None
    rule = element(base.catalogue, edit.element)
    key = (edit.id, rule.key)
    before = places.get(key) or _facility(base, key)
    if isinstance(edit, (AddFacility, MoveFacility)):
        places[key] = (edit.lat, edit.lon)
    elif isinstance(edit, UseSite):
        found = _site(base, edit.site)
        if found is not None:
            places[key] = found
    now = places.get(key) or before
    if rule.sensitive or now is None:
        return None
    came = {"from": list(before)} if isinstance(edit, MoveFacility) and before is not None else {}
    return {"at": list(now), **came}


def _facility(base: City, key: tuple[str, str]) -> Place | None:
    own = base.facilities[(base.facilities["id"] == key[0]) & (base.facilities["element"] == key[1])]
    return None if own.empty else (float(own["lat"].iloc[0]), float(own["lon"].iloc[0]))


def _site(base: City, ident: str) -> Place | None:
    own = None if base.sites is None else base.sites[base.sites["id"].astype("str") == ident]
    if own is None or own.empty:
        return None
    lon, lat = inner_points(own)[0]
    return float(lat), float(lon)


def offered(city: City, aim: str) -> Mark:
    """Return what a tool can be used on: ``gates`` (closed ones) or ``sites``; columns lat, lon and words."""
    found: Mark = {"stamp": stamp(city), "aim": aim, "lat": [], "lon": [], "words": [], "id": []}
    if aim == "gate":
        lonlat = _degrees(city, city.network.gate_xy)
        found |= {"words": ["关闭的门"] * len(lonlat), "id": [""] * len(lonlat)}
    elif aim == "site" and city.sites is not None:
        sites = city.sites
        lonlat = np.asarray(inner_points(sites), dtype=np.float64).reshape(-1, 2)
        found |= {
            "words": [_site_words(row) for row in sites.to_dict("records")],
            "id": sites["id"].astype(str).tolist(),
        }
    else:
        return found
    return {**found, "lat": lonlat[:, 1].round(6).tolist(), "lon": lonlat[:, 0].round(6).tolist()}


def _site_words(row: dict[str, Any]) -> str:
    area, cost = row.get("floor_area_m2"), row.get("cost_wan")
    size = f"{area:,.0f} ㎡" if area is not None and np.isfinite(area) else "面积未登记"
    price = f"，{cost:,.10g} 万元" if cost is not None and np.isfinite(cost) else ""
    return f"{row.get('name') or row['id']}（{size}{price}）"


def _degrees(city: City, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    back = Transformer.from_crs(city.metric_crs, "EPSG:4326", always_xy=True)
    return np.column_stack(back.transform(xy[:, 0], xy[:, 1])).reshape(-1, 2)
