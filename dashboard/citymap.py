"""A map of the city: Leaflet by dash-leaflet, with our own layers from ``assets/map_*.js`` on it."""

from __future__ import annotations

from typing import Any

import dash_leaflet as dl
import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from callbacks.citymap import MapIds

TIANDITU_KEY = "TIANDITU_KEY"  # of the Flask configuration
CHINA_CENTRE = (37.6, 112.8)
TIANDITU = "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}" + (
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)


def city_map(
    name: str, *, label: str = "地图", legend: bool = True, tianditu_key: str = "", tools: tuple[Any, ...] = ()
) -> Component:
    """Return a map with its stores; ``callbacks.citymap.register(app, name)`` ties them together.

    ``label`` names the map for screen readers; ``legend`` lays the legend with a hint for the pointer on the map,
    without it the page puts :func:`legend_box` elsewhere; ``tools`` are further controls for the upper right corner.
    Without a key of 天地图 no tile is ever asked for.
    """
    ids = MapIds(name)
    stores = [ids.ground, ids.picture, ids.drawn, ids.picked, ids.proof, ids.look]
    stores += map(ids.done, ("ground", "hurry", "proof", "look", "home"))
    home = dmc.Button("全市", id=ids.home, variant="default", size="compact-sm", **{"aria-label": "显示全市范围"})
    return html.Div(
        [
            *(dcc.Store(id=store) for store in stores),
            leaflet(ids, tianditu_key=tianditu_key),
            html.Div([*tools, home], className="citymap-corner"),
            html.Div(["▲", html.Br(), "北"], className="citymap-north", **{"aria-hidden": "true"}),
            html.Div("正在计算…", id=ids.busy, className="citymap-busy", role="status"),
            _inside(ids) if legend else None,
        ],
        className="citymap",
        role="region",
        **{"aria-label": label},
    )


def _inside(ids: MapIds) -> Component:
    parts = [legend_box(ids.name), html.P(id=ids.hint, className="citymap-hint")]
    return html.Div(parts, className="citymap-legend-inside citymap-cover")


def legend_box(name: str) -> Component:
    """Return the box that the browser writes the legend of a map into."""
    ids = MapIds(name)
    return html.Div(id=ids.legend, className="citymap-legend", role="region", tabIndex=0, **{"aria-label": "图例"})


def leaflet(ids: MapIds, *, tianditu_key: str = "") -> Component:
    """Return the Leaflet map: scale bar, no attribution link (it would lead outside), tiles only with a key."""
    tiles = [tile_layer(layer, tianditu_key) for layer in ("vec", "cva")] if tianditu_key else []
    return dl.Map(
        [*tiles, dl.ScaleControl(imperial=False, position="bottomleft")],
        trackViewport=False,  # nothing asks where the map looks, and it would still be told of a map that is gone
        id=ids.name,
        center=CHINA_CENTRE,
        zoom=9,
        minZoom=5,
        maxZoom=19,
        zoomSnap=0.25,
        zoomDelta=1,
        wheelPxPerZoomLevel=90,
        preferCanvas=True,
        attributionControl=False,
    )


def tile_layer(layer: str, key: str) -> Component:
    """Return a tile layer of 天地图, ``vec`` (map) or ``cva`` (names)."""
    return dl.TileLayer(
        url=TIANDITU.format(layer=layer, key=key),
        subdomains="01234567",
        maxZoom=18,
        opacity=0.6,
        className="citymap-tiles",
    )
