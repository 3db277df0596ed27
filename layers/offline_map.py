"""The map as one HTML file that opens without a network: scripts, styles, typeface and picture are all inside."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import folium
import numpy as np
import shapely
from branca.element import Element as Part
from folium.utilities import JsCode
from PIL import Image
from pyproj import Transformer

from geodata.city import City
from layers.captions import caption
from layers.coverage import people, rule_of
from layers.map_drawing import facilities_shown
from layers.offline_page import page_parts
from layers.query import Query
from layers.safe_text import safe
from layers.scale import cell_scale, cell_values, classify, unit_scale, unit_values
from layers.shapes import cell_spacing_m, drawn_unit, frame_level, picture
from layers.sheets import table_of
from layers.typeface import embedded

LEAFLET = Path(__file__).with_name("vendor") / "leaflet"
NAMESPACE = "http://www.w3.org/"
MOST_PIXELS = 3600
MOST_NAMES = 60
SIMPLIFY_DEGREES = 0.0003
NAMED = JsCode(
    "function(feature, layer) { layer.bindTooltip('<span>' + feature.properties['名称'] + '</span>',"
    " {permanent: true, direction: 'center', className: 'place'}); }"
)
TOLD = (
    "name",
    "people",
    "reached",
    "share",
    "official_share",
    "nominal",
    "full",
    "mean_count",
    "weakest",
    "facilities",
)


class RemainingUrlError(RuntimeError):
    """The page would ask for something outside itself: a fault of the program, never shipped."""


def offline_map(city: City, query: Query) -> str:
    """Return the HTML of what the query shows, complete in itself.

    Every name from the data is shown as text, whatever it contains. A content security policy inside the page forbids
    any request; in addition the text is searched for addresses.

    Raises
    ------
    RemainingUrlError
        An address outside the file was found in the page.
    """
    unit = drawn_unit(city, query)
    words = caption(city, query)
    page = folium.Map(tiles=None, prefer_canvas=True, attribution_control=False, zoom_snap=0.25, control_scale=True)
    page.default_js, page.default_css = [], []
    root = page.get_root()
    _add_layers(page, city, query, unit=unit)
    for place, text in page_parts(city, query, words=words, unit=unit):
        getattr(root, place).add_child(_verbatim(text))
    root.header.add_child(_verbatim(_leaflet()), index=0)
    rendered: str = root.render()
    text = rendered.replace("<html>", '<html lang="zh-CN">', 1)
    text = text.replace("/*typeface*/", _typeface(text), 1)
    refuse_urls(text)
    return text


def refuse_urls(page: str) -> None:
    """Raise RemainingUrlError when the page names any address: a scheme, a source, a link or a style's ``url()``."""
    plain = page.replace(NAMESPACE, "")
    found = re.findall(r"[a-z]{2,8}://[^\s\"'<>]{0,80}", plain, flags=re.IGNORECASE) if "://" in plain else []
    found += re.findall(r"(?:src|href|srcset|action)\s*=\s*[\"'](?!data:|#)[^\"']{0,80}", plain, flags=re.IGNORECASE)
    found += re.findall(r"(?<![a-z.])url\((?!\s*[\"']?(?:data:|#))[^)]{0,80}", plain, flags=re.IGNORECASE)
    found += re.findall(r"@import[^;]{0,80}", plain, flags=re.IGNORECASE)
    if found:
        raise RemainingUrlError(f"the page would ask for {len(found)} things outside itself, e.g. {found[0]!r}")


def _verbatim(text: str) -> Part:
    """Return a part of the page that no template engine looks into."""
    part = Part("{{ this.words }}")
    part.words = text
    return part


def _leaflet() -> str:
    script = (LEAFLET / "leaflet.js").read_text(encoding="utf-8")
    style = (LEAFLET / "leaflet.css").read_text(encoding="utf-8")
    script = re.sub(r"//# sourceMappingURL=.*", "", script).replace("https://leafletjs.com", "#")
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    style = re.sub(r"[^;{}]*url\([^)]*\);?", "", style)
    licence = (LEAFLET / "LICENSE").read_text(encoding="utf-8")
    return f"<style>{style}</style><script>/*\n{licence}*/\n{script}</script>"


def _typeface(page: str) -> str:
    used = "".join(sorted(set(page) - {"\n"}))
    return f"@font-face{{font-family:'Yikezhong';src:url(data:font/woff;base64,{embedded(used)}) format('woff')}}"


def _add_layers(page: folium.Map, city: City, query: Query, *, unit: str) -> None:
    """Add cells or units, the outlines of the base map, and the facilities."""
    if unit == "cell":
        _add_cells(page, city, query)
    else:
        _add_units(page, city, query.but(unit=unit))
    level = frame_level(city)
    if level is not None and (level != unit):
        rows = _outlined(city, level)
        features = _collection(rows.geometry, [{"名称": safe(name)} for name in rows["name"]])
        line = {"color": "#333333", "weight": 1.4, "fill": False, "interactive": False}
        folium.GeoJson(features, style_function=lambda _: line, interactive=False).add_to(page)
        _add_names(page, rows)
    if facilities_shown(city, query):
        _add_facilities(page, city, query)
    west, south, east, north = _bounds(city)
    page.fit_bounds([[south, west], [north, east]])


def _add_names(page: folium.Map, rows: Any) -> None:
    """Write the names of the base map's units at a point inside each; a plain marker would ask for its picture."""
    own = rows.iloc[:MOST_NAMES]
    points = np.asarray(own.geometry.representative_point(), dtype=object)
    dot = folium.CircleMarker(radius=0.1, opacity=0, fill_opacity=0)
    features = _collection(points, [{"名称": safe(text)} for text in own["name"]])
    folium.GeoJson(features, marker=dot, on_each_feature=NAMED, interactive=False).add_to(page)


def _outlined(city: City, level: str) -> Any:
    own = city.units[(city.units["level"] == level) & city.units.geometry.notna()].sort_index()
    return own[~own.geometry.is_empty]


def _collection(shapes: Any, properties: list[dict[str, Any]]) -> dict[str, Any]:
    """Return GeoJSON of shapes (EPSG:4326), thinned to about 30 m as one coverage and rounded to 1 m."""
    thinned = np.asarray(shapes, dtype=object)
    if len(thinned) and shapely.get_dimensions(thinned).max() == 2:
        thinned = shapely.coverage_simplify(thinned, SIMPLIFY_DEGREES)
    rounded = shapely.transform(thinned, lambda xy: np.round(xy, 5))
    features = [
        {"type": "Feature", "id": str(row), "properties": known, "geometry": json.loads(text)}
        for row, (known, text) in enumerate(zip(properties, shapely.to_geojson(rounded), strict=True))
    ]
    return {"type": "FeatureCollection", "features": features}


def _add_units(page: folium.Map, city: City, query: Query) -> None:
    rows, scale = _outlined(city, query.unit), unit_scale(query)
    values = unit_values(city, query)
    at = dict(zip(values.index, classify(scale, values).tolist(), strict=True))
    table, columns = table_of(city, query)
    columns = tuple(column for column in columns if column.key in TOLD)
    shown = table.set_index("code", drop=False)[[column.key for column in columns]].loc[[str(c) for c in rows.index]]
    words = [
        {column.title: safe(column.text(value)) for column, value in zip(columns, line, strict=True)}
        for line in shown.itertuples(index=False)
    ]
    colours = [scale.classes[at[str(code)]].colour for code in rows.index]
    features = _collection(rows.geometry, [{**w, "_c": c} for w, c in zip(words, colours, strict=True)])
    titles = [column.title for column in columns]
    folium.GeoJson(
        features,
        style_function=_unit_style,
        tooltip=folium.GeoJsonTooltip(titles, sticky=True) if len(rows) else None,
    ).add_to(page)


def _unit_style(feature: dict[str, Any]) -> dict[str, Any]:
    return {"fillColor": feature["properties"]["_c"], "fillOpacity": 0.85, "color": "#666666", "weight": 0.4}


def _add_facilities(page: folium.Map, city: City, query: Query) -> None:
    own = city.facilities[city.facilities["element"] == rule_of(city, query).key]
    if own.empty:
        return
    points = shapely.points(own["lon"].to_numpy(np.float64), own["lat"].to_numpy(np.float64))
    features = _collection(points, [{"设施": safe(name)} for name in own["name"].fillna("").astype(str)])
    radius, edge = (3.0, 1.0) if len(own) <= 300 else (1.6, 0.4)
    dot = folium.CircleMarker(
        radius=radius, color="#ffffff", weight=edge, fill=True, fill_color="#111111", fill_opacity=1
    )
    folium.GeoJson(features, marker=dot, tooltip=folium.GeoJsonTooltip(["设施"])).add_to(page)


def _add_cells(page: folium.Map, city: City, query: Query) -> None:
    """Draw the cells as one picture in the projection of the map, a few kilobytes whatever their number."""
    if city.cells.empty:
        return
    scale = cell_scale(city, query)
    classes = classify(scale, cell_values(city, query))
    lonlat = city.cells[["lon", "lat"]].to_numpy(np.float64)
    forth = Transformer.from_crs(4326, 3857, always_xy=True)
    xy = np.stack(forth.transform(lonlat[:, 0], lonlat[:, 1]), axis=1)
    spacing = cell_spacing_m(city) / np.cos(np.radians(lonlat[:, 1].mean()))
    low, high = xy.min(axis=0) - spacing, xy.max(axis=0) + spacing
    pixel = max(spacing / 3, float((high - low).max()) / MOST_PIXELS)
    columns, rows = np.ceil((high - low) / pixel).astype(int)
    high = low + np.array([columns, rows]) * pixel
    weight, shape = people(city, query.group), (int(rows), int(columns))
    drawn = picture(xy, classes, bounds=(*low, *high), shape=shape, spacing=float(spacing), weight=weight, least=3)
    west, south = forth.transform(low[0], low[1], direction="INVERSE")
    east, north = forth.transform(high[0], high[1], direction="INVERSE")
    image = _png(drawn[::-1], tuple(c.colour for c in scale.classes))
    overlay = folium.raster_layers.ImageOverlay(
        image, bounds=[[south, west], [north, east]], opacity=0.9, class_name="cells"
    )
    overlay.add_to(page)


def _png(drawn: np.ndarray[Any, np.dtype[np.uint8]], colours: tuple[str, ...]) -> str:
    """Return the picture (row 0 is the north) as a data address of a palette PNG, clear where no cell is."""
    image = Image.fromarray(np.ascontiguousarray(drawn), mode="P")
    palette = [int(colour[i : i + 2], 16) for colour in colours for i in (1, 3, 5)]
    image.putpalette(palette + [255] * (768 - len(palette)))
    out = io.BytesIO()
    image.save(out, format="PNG", transparency=255, optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode("ascii")


def _bounds(city: City) -> tuple[float, float, float, float]:
    """Return west, south, east, north of what there is to see; all of Jinzhong's degree square where nothing is."""
    boxes = [city.units.total_bounds] if len(city.units) else []
    lonlat = city.cells[["lon", "lat"]].to_numpy(np.float64)
    boxes += [np.concatenate([lonlat.min(axis=0), lonlat.max(axis=0)])] if len(lonlat) else []
    known = np.array([box for box in boxes if np.isfinite(box).all()])
    if len(known) == 0:
        return 112.0, 37.0, 113.0, 38.0
    return (*known[:, :2].min(axis=0).tolist(), *known[:, 2:].max(axis=0).tolist())
