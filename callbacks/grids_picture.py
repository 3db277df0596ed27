"""What the map of service grids draws: a class per grid by the chosen theme, and the faults that the filters leave."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from callbacks import wire
from callbacks.grids_view import View
from callbacks.picture import Picture, extent, names, plain_list
from geodata.city import City
from geodata.elements import element
from layers.gridcheck import faults, grid_table
from layers.gridcheck.kinds import FAULT_KINDS, SEVERITIES
from layers.gridcheck.layout import layout_of
from layers.gridcheck.settings import CheckSettings
from layers.places import places, upper
from layers.query import Query
from layers.scale import Scale, ScaleClass, classify, share_scale
from layers.shapes import frame_level
from layers.wording import percent

NOT_REPORTED = "#ffffff"
COLOURS = {"grave": "#b3261e", "medium": "#c25e00", "light": "#5b6b00"}
SHAPES = {"grave": "triangle", "medium": "diamond", "light": "circle"}
ASKING = ("coverage", "circle")
NO_FAULT, FAULT_FILLS = "#d9e8dd", {"grave": "#e59a93", "medium": "#f3c48d", "light": "#dfe08c"}
WITH_PLACE = ("gap", "overlap", "sliver", "crosses_community", "community_without_grid")
"""Kinds whose place is not a whole grid: only these are sent with their outline."""
DECIMALS = 6


def asks(view: View) -> bool:
    """Tell whether the theme depends on the question of the panel."""
    return view.theme in ASKING


def picture(city: City, query: Query, *, view: View) -> Picture:
    """Return the map of the grids: ``of`` has a class per grid in the order of the layer, 255 for none.

    ``words`` are a text per grid, beside its name, households and workers; None where those say it already. ``classes``
    are title, colour, pattern and the number of grids; ``faults`` the number of faults by row of the grid.
    """
    scale, values = theme_values(city, query, view=view)
    at = classify(scale, values)
    level = frame_level(city)
    counts = np.bincount(at[at >= 0], minlength=len(scale.classes))
    last = len(scale.classes) - 1 if scale.has_missing else -1
    return {
        "stamp": wire.stamp(city),
        "home": wire.base_stamp(city),
        "key": picture_key(city, query, view=view),
        "asks": asks(view),
        "title": scale.title,
        "classes": [
            {"title": one.title, "colour": one.colour, "pattern": "hatch" if row == last else None, "grids": int(n)}
            for row, (one, n) in enumerate(zip(scale.classes, counts, strict=True))
        ],
        "note": note_of(city, query, view=view),
        "of": [int(one) if one >= 0 else 255 for one in at],
        "words": [percent(float(value)) for value in values] if asks(view) else None,
        "faults": fault_counts(city, view.settings()),
        "urls": {
            "grids": f"{wire.outlines_base(city)}/grids",
            "names": f"{wire.outlines_base(city)}/grid-names",
            "borders": f"{wire.outlines_base(city)}/borders" if places(city, "community").count > 1 else None,
            "outlines": wire.units_url(city, level) if level else None,
        },
        "names": names(city),
        "extent": extent(city),
    }


def picture_key(city: City, query: Query, *, view: View) -> str:
    """Return what a picture depends on, in words that change with it."""
    return f"{wire.stamp(city)}|{view.theme}|{view.check}|{query.to_url() if asks(view) else ''}"


def theme_values(city: City, query: Query, *, view: View) -> tuple[Scale, NDArray[np.float64]]:
    """Return the scale of a theme and the value of every grid; NaN is what was not reported."""
    settings = view.settings()
    if view.theme == "households":
        return households_scale(settings), layout_of(city).households
    if view.theme == "workers":
        return workers_scale(settings), layout_of(city).workers
    if asks(view):
        name = element(city.catalogue, query.element).name
        title = f"{query.minutes:g} 分钟可达{name}的人口占比" if view.theme == "coverage" else "圈完整人口占比"
        column = "share" if view.theme == "coverage" else "full_share"
        return share_scale(title), grid_table(city, query)[column].to_numpy(np.float64)
    return faults_scale(), worst_faults(city, settings)


def faults_scale() -> Scale:
    """Return the classes of the gravest fault of a grid: 0 none, then by severity from light to grave."""
    order = list(reversed(SEVERITIES))
    titles = [ScaleClass(f"有{SEVERITIES[key]}度问题", FAULT_FILLS[key]) for key in order]
    return Scale("最严重的问题", "", (0.5, 1.5, 2.5), (ScaleClass("未发现问题", NO_FAULT), *titles))


def households_scale(settings: CheckSettings) -> Scale:
    """Return the classes of households by the bands of cities, whose limits are settings; NaN is not reported."""
    least, most = settings.urban_households_least, settings.urban_households_most or 700.0
    middle = [edge for edge in (300.0, 500.0) if least < edge < most]
    edges = [*([least] if least > 0 else []), *middle, most]
    titles = [f"< {edges[0]:g} 户", *(f"{a:g}–{b:g} 户" for a, b in pairwise(edges))]
    colours = ("#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#253494")[: len(titles)]
    classes = [ScaleClass(text, colour) for text, colour in zip(titles, colours, strict=True)]
    classes += [ScaleClass(f"> {most:g} 户", "#f08a35"), ScaleClass("未填报户数", NOT_REPORTED)]
    return Scale("网格户数", "户", tuple(edges), tuple(classes), has_missing=True)


def workers_scale(settings: CheckSettings) -> Scale:
    """Return the classes of the number of workers around the number asked for."""
    asked = settings.workers_per_grid
    classes = (
        ScaleClass(f"不足 {asked:g} 名", "#e6761b"),
        ScaleClass(f"{asked:g} 名", "#41b6c4"),
        ScaleClass(f"多于 {asked:g} 名", "#8c6bb1"),
        ScaleClass("未填报", NOT_REPORTED),
    )
    return Scale("网格员配备", "名", (asked - 0.5, asked + 0.5), classes, has_missing=True)


def note_of(city: City, query: Query, *, view: View) -> str:
    """Return the line below the legend: how many grids, and whose question a theme asks."""
    whole = f"共 {layout_of(city).count:,} 个网格"
    return f"{whole}；口径见左侧查询条件（{query.who().title}）" if asks(view) else whole


def worst_faults(city: City, settings: CheckSettings) -> NDArray[np.float64]:
    """Return for every grid 0 without a fault, else 1 to 3 for the gravest of its faults."""
    named = faults_of_grids(city, settings)
    rank = {key: float(place) for place, key in enumerate(reversed(SEVERITIES), start=1)}
    worst = np.zeros(layout_of(city).count)
    np.maximum.at(worst, named["row"].to_numpy(), named["severity"].map(rank).to_numpy(np.float64))
    return worst


def fault_counts(city: City, settings: CheckSettings) -> dict[int, int]:
    """Return the number of faults by row of the grid, for the grids that have any."""
    rows, counts = np.unique(faults_of_grids(city, settings)["row"].to_numpy(np.int64), return_counts=True)
    return {int(row): int(count) for row, count in zip(rows, counts, strict=True)}


def faults_of_grids(city: City, settings: CheckSettings) -> pd.DataFrame:
    """Return ``id``, ``severity`` and ``row`` of a grid, for every fault and each of the grids it names."""
    found = faults(city, settings)
    one, other = found[["id", "severity", "row"]], found[["id", "severity", "other_row"]]
    named = pd.concat([one, other.rename(columns={"other_row": "row"})])
    once: pd.DataFrame = named.loc[named["row"] >= 0].drop_duplicates(["id", "row"])
    return once


def shown_faults(city: City, view: View) -> pd.DataFrame:
    """Return the faults that the filters leave."""
    found = in_place(city, faults(city, view.settings()), place=view.place)
    if view.kind:
        found = found[found["kind"] == view.kind]
    return found[found["severity"] == view.severity] if view.severity else found


def in_place(city: City, found: pd.DataFrame, *, place: str) -> pd.DataFrame:
    """Return the faults of one unit (county, township, community; "" for all), by the community they are of."""
    if not place or place not in city.units.index:
        return found
    level = str(city.units["level"].loc[place])
    if level == "city":
        return found
    codes = places(city, "community").code
    if level == "community":
        return found[found["unit"] == place]
    above = places(city, level).code
    inside = {code for code, row in zip(codes, upper(city, level), strict=False) if above[row] == place}
    return found[found["unit"].isin(inside)]


def marks(city: City, view: View) -> dict[str, Any]:
    """Return the faults that the filters leave as the map draws them; see ``assets/map_a2_faults.js``."""
    found = shown_faults(city, view)
    shapes = np.asarray(found.geometry, dtype=object)
    inside = shapely.point_on_surface(shapely.make_valid(shapes))
    at = np.column_stack([shapely.get_y(inside), shapely.get_x(inside)]).round(DECIMALS)
    own = found["kind"].isin(WITH_PLACE).to_numpy()
    return {
        "key": f"{wire.stamp(city)}|{view.kind}|{view.severity}|{view.place}|{view.check}",
        "id": found["id"].tolist(),
        "kind": found["kind"].tolist(),
        "severity": found["severity"].tolist(),
        "lat": plain_list(at[:, 0]),
        "lon": plain_list(at[:, 1]),
        "slot": pd.DataFrame(at).groupby([0, 1]).cumcount().tolist(),
        "rings": [rings_of(shape) if alone else None for shape, alone in zip(shapes, own, strict=True)],
        "kinds": {kind.key: {"title": kind.title, "letter": kind.letter} for kind in FAULT_KINDS},
        "severities": {
            key: {"title": f"{title}度", "colour": COLOURS[key], "shape": SHAPES[key], "rank": rank}
            for rank, (key, title) in enumerate(SEVERITIES.items())
        },
    }


def rings_of(shape: shapely.Geometry | None) -> list[list[list[float]]]:
    """Return the rings of polygons in (lat, lon), as they are."""
    if shape is None or shape.is_empty:
        return []
    rings = shapely.get_rings(shapely.get_parts(shape))
    return [shapely.get_coordinates(ring)[:, ::-1].round(DECIMALS).tolist() for ring in rings]
