"""One falsely covered cell in words and lines, on the small city with a river."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from geodata.city import City
from geodata.errors import GeodataError
from layers.barriers import causes
from layers.query import Query
from layers.why import why
from tests.banks import PARK, RAIL, RIVER, with_lines
from tests.small_city import placed


@pytest.fixture(scope="module")
def banks() -> City:
    return with_lines(("小河", *RIVER[1:]), RAIL)


def test_the_river_is_named_with_the_way_round_and_the_nearest_bridge(banks: City) -> None:
    found = why(banks, PARK, 5)
    assert found is not None
    assert (found.cause, found.also, found.title) == ("river", ("railway",), "河流阻隔")
    assert found.sentence == (
        "直线距离 202 米，在 300 米服务半径内；步行 1,950 米（绕行 9.6 倍）、27.1 分钟，超过 5 分钟。"
        "直线被小河阻隔，最近的穿越处（桥、涵或平交道）在交点西方 863 米。此外：铁路阻隔。"
    )
    assert [(spot.kind, spot.name) for spot in found.spots] == [("river", "小河"), ("railway", "railway")]
    assert found.path is not None
    assert found.path.metres == pytest.approx(found.walk_m, abs=0.01)
    assert found.line[0] == pytest.approx(banks.cells[["lon", "lat"]].iloc[5])
    assert found.line[1] == pytest.approx(banks.facilities[["lon", "lat"]].iloc[found.facility])
    assert found.passage is not None
    assert found.passage[0] == pytest.approx(112.75, abs=1e-6)  # the bridge stands at x = 0
    for spot in found.spots:  # on the straight line
        share = (spot.lonlat - found.line[0]) / (found.line[1] - found.line[0])
        assert share[0] == pytest.approx(share[1], abs=1e-3)


def test_the_gate_is_the_one_on_the_way_and_what_opening_it_brings_is_told(banks: City) -> None:
    found = why(banks, PARK, 3)
    assert found is not None
    assert found.cause == "gate"
    assert "步行最近的是另一处设施，需 15.1 分钟。" in found.sentence
    assert "途中大门关闭；若开放，步行 190 米、2.6 分钟可达居住区公园（游园）。" in found.sentence
    (gate,) = found.spots
    assert (gate.kind, found.passage) == ("gate", None)
    row = causes(banks, PARK).iloc[0]
    assert gate.lonlat == pytest.approx(row[["lon", "lat"]].to_numpy(float), abs=1e-7)


def test_whoever_is_not_falsely_covered_has_no_why(banks: City) -> None:
    assert [cell for cell in range(8) if why(banks, PARK, cell) is not None] == [3, 5]
    assert why(banks, PARK.but(minutes=60), 5) is None


def test_an_island_has_no_path_and_says_so(banks: City) -> None:
    elements = tuple(
        replace(e, radius_m=900.0, radius_by_area=()) if e.key == "park_green" else e for e in banks.catalogue.elements
    )
    city = replace(banks, catalogue=replace(banks.catalogue, elements=elements))
    island, far = (why(city, PARK.but(minutes=15), cell) for cell in (6, 7))
    assert island is not None and far is not None
    assert island.path is None and np.isinf(island.detour_ratio)
    assert "60 分钟内步行不可达。格点与设施所在的路网不连通" in island.sentence
    assert far.cause == "off_road" and "格点离道路 750 米，未接入路网。" in far.sentence


def test_every_cause_has_its_words(banks: City) -> None:
    assert "成年人 5 分钟最多走 150 米，直线也走不到" in _said(banks, PARK.but(speed_m_s=0.5), 5)
    assert "轮椅不能通行的台阶或陡坡" in _said(banks, PARK.but(walker="wheelchair", speed_m_s=1.2), 4)
    assert "坡度或台阶使时间超过时限" in _said(banks, PARK.but(walker="older", minutes=210 / 51 + 0.1), 4)
    assert "道路本身绕行" in _said(replace(banks, barriers=None), PARK, 5)
    assert "数据中没有穿过该河流的道路" in _said(_unbridged(banks), PARK, 5)


def _said(city: City, query: Query, cell: int) -> str:
    found = why(city, query, cell)
    assert found is not None
    return found.sentence


def _unbridged(city: City) -> City:
    """The same with the river only where c6 looks across: nothing leads over it."""
    river = city.barriers[city.barriers["kind"] == "river"].reset_index(drop=True)
    return replace(city, barriers=river.assign(geometry=placed([shapely.LineString([(500, -100), (1400, -100)])])))


def test_sensitive_places_have_no_why(banks: City) -> None:
    elements = tuple(replace(e, sensitive=e.key == "park_green") for e in banks.catalogue.elements)
    with pytest.raises(GeodataError, match="位置敏感"):
        why(replace(banks, catalogue=replace(banks.catalogue, elements=elements)), PARK, 5)
