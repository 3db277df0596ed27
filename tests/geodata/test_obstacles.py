"""Which rows of the roads lie across the way: kinds by the rule table, tunnels and viaducts left out."""

from __future__ import annotations

import json

import pytest
import shapely

from geodata.obstacles import KINDS, barrier_lines
from geodata.walkable import rules
from tests.small_city import layer_frame

LINE = shapely.LineString([(0, 0), (100, 0)])


def roads(*rows: dict[str, str], shape: shapely.Geometry = LINE):
    names = ("id", "name", "highway", "barrier", "tags")
    columns = {name: [row.get(name, "") for row in rows] for name in names}
    return layer_frame("roads", columns, [shape] * len(rows))


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"barrier": "river"}, "river"),
        ({"barrier": " River "}, "river"),
        ({"barrier": "运河"}, "river"),
        ({"barrier": "railway"}, "railway"),
        ({"highway": "铁路"}, "railway"),
        ({"barrier": "fence"}, "wall"),
        ({"highway": "motorway"}, "expressway"),
        ({"highway": "高速公路"}, "expressway"),
        ({"barrier": "river", "tags": json.dumps({"tunnel": "culvert"})}, None),
        ({"barrier": "railway", "tags": json.dumps({"bridge": "yes"})}, None),
        ({"highway": "motorway", "tags": json.dumps({"bridge": "viaduct"})}, None),
        ({"highway": "residential", "barrier": "wall"}, None),
        ({"highway": "residential"}, None),
        ({"barrier": "kerb"}, None),
        ({"barrier": "river", "tags": "no JSON"}, "river"),
    ],
)
def test_each_row_has_its_kind(row: dict[str, str], kind: str | None) -> None:
    found = barrier_lines(roads(row))
    assert (None if found is None else found["kind"].tolist()) == (None if kind is None else [kind])


def test_rows_keep_id_name_place_and_position() -> None:
    found = barrier_lines(roads({"highway": "path"}, {"id": "b1", "name": "潇河", "barrier": "river"}))
    assert found is not None
    assert found[["id", "name", "kind", "road"]].to_numpy().tolist() == [["b1", "潇河", "river", 1]]
    assert found.crs.to_epsg() == 4326
    assert found.geometry.iloc[0].geom_type == "LineString"


def test_points_and_no_roads_are_no_lines() -> None:
    assert barrier_lines(roads({"barrier": "wall"}, shape=shapely.Point(0, 0))) is None
    assert barrier_lines(None) is None
    assert barrier_lines(roads().iloc[:0]) is None


def test_every_rule_leads_to_a_kind_with_a_title() -> None:
    assert {rule.then for rule in rules("obstacles")} == {*KINDS, "none"}
