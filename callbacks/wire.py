"""Where arrays are fetched from: addresses that name everything the bytes depend on, so that browsers may keep them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from urllib.parse import quote, urlencode

from geodata.city import City
from geodata.walkers import walkers
from layers.memo import remembered
from layers.query import Query
from layers.run import code_version

ROOT = "/wire"
FORMAT = 1
"""Raised when the bytes of a route change their meaning."""


@remembered(most=1)
def stamp(city: City) -> str:
    """Return 16 hexadecimal digits that change with data, program, catalogue, walkers and snapping."""
    snap = city.report.get("snap", {}).get("max_snap_m")
    facts = [FORMAT, city.version, code_version(), snap, city.catalogue.text, [asdict(one) for one in walkers()]]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def base(city: City) -> str:
    """Return the address under which the arrays of this city lie."""
    return f"{ROOT}/{stamp(city)}"


def _walk(query: Query) -> dict[str, str | int]:
    speed = {} if query.speed_m_s is None else {"speed_m_s": f"{query.speed_m_s!r}"}
    return {"walker": query.walker, "inclusive": int(query.inclusive), **speed}


def seconds_url(city: City, query: Query) -> str:
    """Return the address of the walking seconds of every cell to the element of the question."""
    return f"{base(city)}/seconds/{quote(query.element, safe='')}?{urlencode(_walk(query))}"


def official_url(city: City, query: Query) -> str:
    """Return the address of the flags of the service radius."""
    return f"{base(city)}/official/{quote(query.element, safe='')}?inclusive={int(query.inclusive)}"


def missing_url(city: City, query: Query) -> str:
    """Return the address of the number of required elements that every cell misses."""
    chosen = {"circle": query.circle, "required": ",".join(query.required)}
    return f"{base(city)}/missing?{urlencode({**_walk(query), **chosen})}"


def people_url(city: City, query: Query) -> str:
    """Return the address of the people of the group in every cell."""
    return f"{base(city)}/people/{quote(query.group, safe='')}"


def units_url(city: City, level: str) -> str:
    """Return the address of the outlines of a level."""
    return f"{base(city)}/units/{level}"


def facilities_url(city: City, query: Query) -> str:
    """Return the address of the facilities of the element."""
    return f"{base(city)}/facilities/{quote(query.element, safe='')}"
