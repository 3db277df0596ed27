"""The city: one frozen bundle of one data version, from which every analysis starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from geodata.elements import Catalogue
from geodata.network import WalkNetwork
from geodata.scenario import Scenario
from geodata.standards import Standards, load_standards
from geodata.star_scheme import StarScheme, load_star_scheme
from geodata.ties import Ties


@dataclass(frozen=True, eq=False)
class City:
    """Everything known about the city in one immutable data version; hashed by identity, safe to share by threads.

    Attributes
    ----------
    version : id of the data version (short hexadecimal text); under a scenario that of its base, a hyphen and the
        digest of the edits, so that whatever is kept or marked by version tells them apart
    name : title on screen
    synthetic : True for the sample city; then every page and export is marked 合成示例
    metric_crs : projected CRS in metres, used for distances and the network
    catalogue : the service elements in force
    standards : the rules that gaps are judged by, in all their editions; the packaged ones where none were published
    stars : the scheme by which living circles are graded; the packaged one where none was published
    units : index ``code``; the other columns of ``schema.UNITS``; geometry EPSG:4326, may be None; where the data
        have no unit of level ``city``, one named after the city is added, without geometry
    cells : index ``id`` (as given); columns lon, lat (degrees), x, y (metres in ``metric_crs``), ``population`` and
        those group columns the data allow (float64), ``factor`` (rescaling to census, 1.0 where none), and for every
        unit level in use a column ``county``/``township``/``community`` with the unit's code ("" outside all)
    facilities : index 0..n-1; columns of ``schema.FACILITIES`` and lon, lat, x, y; only open ones with a known element
    network, cell_ties, facility_ties : the walking network, and how cells and facilities are tied to it
    grids, sites, land : layers as stored, EPSG:4326, or None
    barriers : lines nobody walks across, EPSG:4326, or None (see :func:`geodata.obstacles.barrier_lines`)
    roads : the layer the network was built from, EPSG:4326, so that a scenario can edit it; None where there is none
    scenario : the scenario whose edits this city has, None for the city as it is
    layers : for each layer key its facts: version id, rows, source files, dropped rows by reason, published at
    report : what was found on the way, plain data under ``network`` (ways by rule, gates, islands, loose ends),
        ``snap`` (histograms of cells and facilities), ``cells`` (outside units, …), ``census`` (factors, conflicts) and
        ``facilities`` (left out, by reason); the keys are listed with :func:`geodata.assemble.assemble_city`
    """

    version: str
    name: str
    synthetic: bool
    metric_crs: CRS
    catalogue: Catalogue
    units: gpd.GeoDataFrame
    cells: pd.DataFrame
    facilities: pd.DataFrame
    network: WalkNetwork
    cell_ties: Ties
    facility_ties: Ties
    grids: gpd.GeoDataFrame | None = None
    sites: gpd.GeoDataFrame | None = None
    land: gpd.GeoDataFrame | None = None
    barriers: gpd.GeoDataFrame | None = None
    roads: gpd.GeoDataFrame | None = None
    scenario: Scenario | None = None
    layers: dict[str, dict[str, Any]] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    standards: Standards = field(default_factory=load_standards)
    stars: StarScheme = field(default_factory=load_star_scheme)

    @property
    def base(self) -> str:
        """Id of the data version, without the edits of a scenario."""
        return self.version if self.scenario is None else self.scenario.base
