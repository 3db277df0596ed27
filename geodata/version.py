"""What a data version is: an immutable set of layers, the city they describe, and where they came from."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import geopandas as gpd
from pyproj import CRS

UNNAMED_CITY = "未命名城市"
CATALOGUE = "catalogue"
"""Key of the service elements' text among the layers of a version."""
STANDARDS = "standards"
"""Key of the standards' text among the layers of a version."""
STARS = "stars"
"""Key of the star scheme's text among the layers of a version."""
TEXTS: tuple[str, ...] = (CATALOGUE, STANDARDS, STARS)
"""Layers that are texts, not frames."""


@dataclass(frozen=True)
class CityFacts:
    """What is said about the city as a whole.

    ``synthetic`` is True for made-up data; every page and export then says 合成示例. ``metric_crs`` is the projected
    CRS in metres to measure in; None lets the assembly choose one from where the data lie. Anything pyproj
    understands is accepted for it.
    """

    name: str = UNNAMED_CITY
    synthetic: bool = False
    metric_crs: CRS | None = None

    def __post_init__(self) -> None:
        if self.metric_crs is not None:
            object.__setattr__(self, "metric_crs", CRS.from_user_input(self.metric_crs))

    def to_json(self) -> str:
        """Return canonical text, equal for equal facts."""
        crs = None if self.metric_crs is None else self.metric_crs.to_wkt("WKT2_2019")
        return canonical({"name": self.name, "synthetic": bool(self.synthetic), "metric_crs": crs})

    @classmethod
    def from_json(cls, text: str) -> CityFacts:
        """Read what :meth:`to_json` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, eq=False)
class Version:
    """One data version as loaded from the store.

    Attributes
    ----------
    id : 12 hexadecimal digits, a digest of everything the version consists of
    number : 1 for the first version of a store, then counting up
    parent : id of the version it was published over, None for the first
    created : moment of publishing, UTC
    city : what is said about the city as a whole
    frames : layer key → frame as published; only the layers that were ever published
    facts : layer key → plain data: what was handed over at publishing, and ``layer_version``, ``rows``, ``sha256``,
        ``published`` (ISO 8601, UTC) of the layer
    catalogue : text of the service elements published with the data, None when the packaged ones are in force
    standards : text of the standards published with the data, None when the packaged ones are in force
    stars : text of the star scheme published with the data, None when the packaged one is in force
    """

    id: str
    number: int
    parent: str | None
    created: datetime
    author: str
    note: str
    city: CityFacts
    frames: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    catalogue: str | None = None
    standards: str | None = None
    stars: str | None = None


def canonical(value: object) -> str:
    """Return JSON text that is equal for equal plain data: sorted keys, no blanks; NumPy scalars become plain ones.

    Raises
    ------
    TypeError
        Something that is no plain data.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    for way in ("item", "tolist", "__fspath__"):
        if hasattr(value, way):
            return getattr(value, way)()
    raise TypeError(f"not plain data: {type(value).__name__}")
