"""The whole chain, from files on disk to the numbers printed, against an independent computation.

A random town is written to files as a planner would bring them. The command line imports them and prints the minutes of
every cell; the oracle computes the same with NetworkX, by really splitting every street at the foot of every point.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner
from pyproj import CRS, Transformer
from shapely import LineString, Point

from dashboard.__main__ import main

SPACING_M = 90.0
SIDE = 12
LON, LAT = 112.74, 37.69


def planar() -> Transformer:
    """Metres of the town (transverse Mercator about its middle) to degrees."""
    local = CRS.from_proj4(f"+proj=tmerc +lat_0={LAT} +lon_0={LON} +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m")
    return Transformer.from_crs(local, "EPSG:4326", always_xy=True)


@pytest.fixture(scope="module")
def town() -> dict[str, object]:
    """Draw a jittered street grid with missing streets, cells and facilities beside the streets."""
    rng = np.random.default_rng(44)
    grid = np.arange(SIDE) * SPACING_M - SIDE * SPACING_M / 2
    corners = np.array([(x, y) for y in grid for x in grid]) + rng.uniform(-25, 25, (SIDE * SIDE, 2))
    pairs = [(i, i + 1) for i in range(SIDE * SIDE) if (i + 1) % SIDE] + [
        (i, i + SIDE) for i in range(SIDE * (SIDE - 1))
    ]
    streets = [pair for pair in pairs if rng.random() > 0.22]
    degrees = planar()
    lonlat = np.column_stack(degrees.transform(*corners.T)).round(7)
    back = np.column_stack(degrees.transform(*lonlat.T, direction="INVERSE"))
    return {
        "corners": back,
        "lonlat": lonlat,
        "streets": streets,
        "cells": rng.uniform(grid[0], grid[-1], (200, 2)),
        "shops": rng.uniform(grid[0], grid[-1], (7, 2)),
        "degrees": degrees,
    }


def write_points(path: Path, town: dict[str, object], key: str, rows: list[dict[str, object]]) -> None:
    lon, lat = town["degrees"].transform(*town[key].T)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["经度", "纬度", *rows[0]])
        writer.writeheader()
        for x, y, row in zip(lon, lat, rows, strict=True):
            writer.writerow({"经度": f"{x:.9f}", "纬度": f"{y:.9f}", **row})


@pytest.fixture(scope="module")
def store(town: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Import the town's files through the command line; return the store's address."""
    folder = tmp_path_factory.mktemp("town")
    roads = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"id": f"s{i}", "highway": "residential"},
                "geometry": {"type": "LineString", "coordinates": [town["lonlat"][n].tolist() for n in pair]},
            }
            for i, pair in enumerate(town["streets"])
        ],
    }
    (folder / "roads.geojson").write_text(json.dumps(roads), encoding="utf-8")
    write_points(folder / "shops.csv", town, "shops", [{"编号": f"f{i}", "服务要素": "药店"} for i in range(7)])
    write_points(folder / "people.csv", town, "cells", [{"编号": f"c{i}", "人口": i} for i in range(200)])
    url = f"sqlite:///{folder / 'town.db'}"
    for name, layer in (("roads.geojson", "roads"), ("shops.csv", "facilities"), ("people.csv", "population")):
        run(url, "import", str(folder / name), "--as", layer, "--datum", "WGS-84")
    return url


def run(url: str, *words: str) -> str:
    result = CliRunner().invoke(main, ["--store", url, *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def split_graph(town: dict[str, object], speed_m_s: float) -> nx.Graph:
    """Streets split at the foot of every point; nodes ("cell", i) and ("shop", i) hang on their feet; seconds."""
    corners = town["corners"]
    lines = [LineString(corners[list(pair)]) for pair in town["streets"]]
    feet: dict[int, list[tuple[float, object]]] = {}
    graph = nx.Graph()
    for kind, key in (("cell", "cells"), ("shop", "shops")):
        for i, xy in enumerate(town[key]):
            gaps = [line.distance(Point(xy)) for line in lines]
            edge = int(np.argmin(gaps))
            feet.setdefault(edge, []).append((lines[edge].project(Point(xy)), (kind, i)))
            graph.add_edge((kind, i), ("foot", kind, i), weight=gaps[edge] / speed_m_s)
    for e, (u, v) in enumerate(town["streets"]):
        stops = [
            (0.0, u),
            *((m, ("foot", *p)) for m, p in sorted(feet.get(e, []), key=lambda s: s[0])),
            (lines[e].length, v),
        ]
        for (a, p), (b, q) in itertools.pairwise(stops):
            graph.add_edge(p, q, weight=(b - a) / speed_m_s)
    return graph


@pytest.mark.parametrize(("walker", "speed_m_s"), [("adult", 1.2), ("older", 0.85)])
def test_minutes_of_every_cell_equal_a_split_graph(town, store, walker, speed_m_s):
    graph = split_graph(town, speed_m_s)
    seconds = nx.multi_source_dijkstra_path_length(graph, {("shop", i) for i in range(7)}, weight="weight")
    printed = run(
        store, "coverage", "--element", "药店", "--walker", walker, "--minutes", "10", "--by", "cell", "--format", "csv"
    )
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(printed.lstrip("\ufeff")))}
    assert len(rows) == 200
    for i in range(200):
        expected = seconds.get(("cell", i), np.inf)
        found = float(rows[f"c{i}"]["minutes"] or "inf") * 60
        assert (np.isinf(found) and expected > 3600) or found == pytest.approx(expected, abs=0.1)


def test_people_reached_are_the_cells_within_the_threshold(town, store):
    graph = split_graph(town, 1.2)
    seconds = nx.multi_source_dijkstra_path_length(graph, {("shop", i) for i in range(7)}, weight="weight")
    reached = sum(i for i in range(200) if seconds.get(("cell", i), np.inf) <= 5 * 60)
    printed = run(store, "coverage", "--element", "pharmacy", "--minutes", "5", "--by", "city", "--format", "json")
    answer = json.loads(printed)
    row = (answer["rows"] if isinstance(answer, dict) else answer)[0]
    assert row["people"] == pytest.approx(199 * 200 / 2)
    assert row["reached"] == pytest.approx(reached)
    assert row["share"] == pytest.approx(reached / (199 * 100), abs=1e-6)
