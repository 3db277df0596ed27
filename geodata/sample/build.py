"""Build the sample city, layer by layer, in one order and from fixed random streams: the same bytes on every run."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import shapely

from geodata.sample.barriers import barriers
from geodata.sample.cityblocks import town_fabric
from geodata.sample.columns import layer_frame
from geodata.sample.divisions import divisions
from geodata.sample.fabric import join_fabric
from geodata.sample.facilities import facilities_layer
from geodata.sample.faults import plant
from geodata.sample.fronts import fronts
from geodata.sample.grids import sound_grids
from geodata.sample.highways import highways
from geodata.sample.land import land_layer
from geodata.sample.outlines import partition
from geodata.sample.people import cells
from geodata.sample.places import places
from geodata.sample.registers import register, with_register
from geodata.sample.seats import community_points, seat_points, towns
from geodata.sample.sites import sites_layer
from geodata.sample.streets import all_lines, roads_layer
from geodata.sample.units import units_layer
from geodata.sample.villages import village_fabric

Progress = Callable[[str, float], None]


def _silent(title: str, share: float) -> None:
    """Report to nobody."""


def sample_frames(progress: Progress | None = None) -> dict[str, gpd.GeoDataFrame]:
    """Build all layers of the sample city.

    ``progress`` is called with a title and the share done (0 to 1). Returns the layers by their keys, each with
    exactly the columns of its :class:`~geodata.schema.LayerSpec`, in EPSG:4326.
    """
    tell = progress or _silent
    tell("读取区划与普查资料", 0.0)
    tree = divisions()
    built = towns(tree.counties)
    seats = seat_points(tree, built)
    where = places(tree, built, community_points(tree, built, seats), seats)
    tell("划分乡镇与村（社区）范围", 0.1)
    shapes = partition(where.xy, tree.communities["county"].to_numpy(dtype=str))
    tell("生成街道与道路", 0.2)
    walls = barriers(built)
    town_parts = [town_fabric(built, k, walls) for k in range(len(built.code))]
    fabric = join_fabric([*town_parts, village_fabric(where)])
    roads = highways(where, fabric)
    frames = {"roads": roads_layer(fabric, roads, walls)}
    tell("分配人口", 0.5)
    people = cells(tree, where, fabric, shapes, far_from=all_lines(fabric, roads).xy)
    frames["units"] = units_layer(tree, where, shapes, people)
    points = shapely.points(people[["lon", "lat"]].to_numpy())
    unit = tree.communities.index.to_numpy()[people["community"]]
    frames["population"] = layer_frame("population", people.assign(unit=unit, geometry=points))
    tell("布置服务设施", 0.65)
    street_fronts = fronts(fabric, shapes, people)
    count = np.bincount(people["community"], weights=people["population"], minlength=len(shapes)).astype(np.int64)
    known = register(frames["units"])
    frames["facilities"] = facilities_layer((tree, where, street_fronts), fabric, people=count, known=known)
    tell("划分服务网格", 0.8)
    households = known["households"].to_numpy(dtype=np.int64)
    frames["grids"] = layer_frame("grids", plant(sound_grids(tree, shapes, households, people))[0])
    frames["units"] = with_register(frames["units"], known)
    frames["sites"] = sites_layer(tree, where, street_fronts)
    frames["land"] = land_layer(tree, where, fabric, street_fronts)
    tell("完成", 1.0)
    return frames
