"""The town of :mod:`tests.town` with kindergartens of known size, whose shares anyone can work out on paper.

Everybody walks 60 m a minute. South street: s0 (10 people), s3 (20), s6 (30), s9 (40), s12 (50) at 0, 300, 600, 900 and
1200 m; north street: n0 (60), n3 (70), too far from any place; islet i0 (5) and the far house (7) likewise.
"""

from __future__ import annotations

import numpy as np

from geodata.city import City
from layers.query import Query
from tests.town import town, with_facilities

TEN = Query(element="pharmacy", minutes=10.0, speed_m_s=1.0)
Row = tuple[str, float, float, float]


def supplied(*rows: Row, element: str = "pharmacy") -> City:
    """Return the town with these facilities: id, x, y, capacity (NaN where it is missing)."""
    city = with_facilities(town(), [(name, element, x, y, np.nan) for name, x, y, _ in rows])
    return _with_capacity(city, [row[3] for row in rows])


def _with_capacity(city: City, capacity: list[float]) -> City:
    city.facilities["capacity"] = np.array(capacity, dtype=np.float64)
    return city


def two() -> City:
    """A at 0 m with 22 places, B at 600 m with 60; in reach of A s0 s3 s6, of B s0 s3 s6 s9 s12."""
    return supplied(("A", 0.0, 0.0, 22.0), ("B", 600.0, 0.0, 60.0))
