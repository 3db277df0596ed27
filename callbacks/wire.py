"""Where arrays are fetched from: addresses that name everything the bytes depend on, so that browsers may keep them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import quote, urlencode

from geodata.city import City
from geodata.edits import AddPopulation, Edit
from geodata.walkers import walkers
from layers.memo import remembered
from layers.query import Query
from layers.run import code_version

ROOT = "/wire"
FORMAT = 1
"""Raised when the bytes of a route change their meaning."""


def stamp(city: City) -> str:
    """Return 16 hexadecimal digits that change with data, edits, program, catalogue, walkers and snapping.

    Under a scenario a hyphen and the digest of its edits follow, and where it is saved a tilde and its reference, by
    which the server finds the city again.
    """
    under = city.scenario
    edits = "" if under is None else f"-{under.digest}"
    return base_stamp(city) + edits + (f"~{under.reference}" if under is not None and under.reference else "")


@remembered(most=1)
def base_stamp(city: City) -> str:
    """Return the stamp of the city as it is, without the edits of a scenario."""
    snap = city.report.get("snap", {}).get("max_snap_m")
    facts = [FORMAT, city.base, code_version(), snap, city.catalogue.text, [asdict(one) for one in walkers()]]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def meant(city: City, picked: Mapping[str, Any]) -> bool:
    """Tell whether what was picked on a map is a place of this city.

    Units, grids and the cells of the data version are the same places under every scenario; facilities, faults and new
    estates are places of the city that they were picked in.
    """
    given = str(picked.get("stamp") or "")
    if given == stamp(city):
        return True
    lasting = picked.get("kind") in ("unit", "grid")
    if picked.get("kind") == "cell":
        estates = sum(isinstance(edit, AddPopulation) for edit in _in_force(city))
        lasting = isinstance(picked.get("cell"), int) and picked["cell"] < len(city.cells) - estates
    return lasting and given.partition("~")[0].partition("-")[0] == base_stamp(city)


def scenario_in(given: str) -> str:
    """Return the reference of the scenario that a stamp names, "" for none."""
    return given.partition("~")[2]


def base(city: City) -> str:
    """Return the address under which the arrays of this city lie."""
    return f"{ROOT}/{stamp(city)}"


def _lasting(city: City, *, changed: bool) -> str:
    """Return the address of arrays that few edits change: without such edits that of the city as it is.

    So an edit brings new values to the browser and no geometry.
    """
    return base(city) if changed else f"{ROOT}/{base_stamp(city)}"


def _in_force(city: City) -> tuple[Edit, ...]:
    return () if city.scenario is None else city.scenario.in_force


def cells_base(city: City) -> str:
    """Return the address under which places and people of the cells lie, which only new estates change."""
    return _lasting(city, changed=any(isinstance(edit, AddPopulation) for edit in _in_force(city)))


def streets_url(city: City) -> str:
    """Return the address under which the tiles of streets lie."""
    return f"{_lasting(city, changed=any(edit.streets for edit in _in_force(city)))}/streets"


def outlines_base(city: City) -> str:
    """Return the address under which outlines of units and service grids lie, which no edit changes."""
    return _lasting(city, changed=False)


def _walk(query: Query) -> dict[str, str | int]:
    speed = {} if query.speed_m_s is None else {"speed_m_s": f"{query.speed_m_s!r}"}
    return {"walker": query.walker, "inclusive": int(query.inclusive), **speed}


def seconds_url(city: City, query: Query) -> str:
    """Return the address of the walking seconds of every cell to the element of the question."""
    return f"{base(city)}/seconds/{quote(query.element, safe='')}?{urlencode(_walk(query))}"


def changes_urls(city: City, query: Query) -> dict[str, str | None]:
    """Return where the walking seconds lie that a picture draws: ``seconds``, and ``changes`` to be put into them.

    Under a scenario the seconds are those of the city as it is, which the browser has, and the changes are few.
    """
    address = seconds_url(city, query)
    if city.scenario is None:
        return {"seconds": address, "changes": None}
    return {
        "seconds": address.replace(base(city), f"{ROOT}/{base_stamp(city)}", 1),
        "changes": address.replace("/seconds/", "/changes/", 1),
    }


def official_url(city: City, query: Query) -> str:
    """Return the address of the flags of the service radius."""
    return f"{base(city)}/official/{quote(query.element, safe='')}?inclusive={int(query.inclusive)}"


def missing_url(city: City, query: Query) -> str:
    """Return the address of the number of required elements that every cell misses."""
    chosen = {"circle": query.circle, "required": ",".join(query.required)}
    return f"{base(city)}/missing?{urlencode({**_walk(query), **chosen})}"


def people_url(city: City, query: Query) -> str:
    """Return the address of the people of the group in every cell."""
    return f"{cells_base(city)}/people/{quote(query.group, safe='')}"


def units_url(city: City, level: str) -> str:
    """Return the address of the outlines of a level."""
    return f"{outlines_base(city)}/units/{level}"


def facilities_url(city: City, query: Query) -> str:
    """Return the address of the facilities of the element."""
    return f"{base(city)}/facilities/{quote(query.element, safe='')}"
