from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geodata.errors import GeodataError, UnknownKey
from geodata.groups import group
from geodata.ties import Ties
from layers.coverage import cell_table, people, unit_table
from layers.query import Query
from layers.reasons import REASONS, reasons
from tests.town import town, with_facilities, without_cells, without_units

TEN = Query(minutes=10, speed_m_s=1.0)  # 600 m
SUMS = ["people", "reached", "official_reached", "nominal", "network_only", "cells", "cells_reached", "facilities"]


def row(table, code):
    return table.set_index("code").loc[code]


def test_cells_have_the_minutes_one_can_work_out_on_paper():
    table = cell_table(town(), TEN).set_index("id")
    expected = {"s0": 0, "s3": 5, "s6": 10, "s9": 15, "s12": 20, "n0": 3200 / 60, "n3": 2900 / 60}
    for cell, minutes in expected.items():
        assert table.loc[cell, "minutes"] == pytest.approx(minutes, abs=1e-4)
    assert np.isinf(table.loc[["i0", "far"], "minutes"]).all()
    assert table.index[table["reached"]].tolist() == ["s0", "s3", "s6"]  # s6 exactly at ten minutes
    assert table.index[table["official"]].tolist() == ["s0", "s3", "n0", "n3"]
    assert table.loc["s6", ["facility", "facility_name", "community"]].tolist() == ["P1", "P1号", "140700001001"]
    assert table.loc["far", ["facility", "facility_name", "community"]].tolist() == ["", "", ""]


def test_an_unreached_cell_says_why():
    table = cell_table(town(), TEN).set_index("id")["reason"]
    assert table["s0"] == table["n0"] == ""
    assert table["i0"] == REASONS["island"]
    assert table["far"] == "离道路 2000 米，超过接入上限"
    none = cell_table(town(), TEN.but(element="convenience_store")).set_index("id")["reason"]
    assert set(none) == {REASONS["no_facility"]}
    slow = cell_table(town(), TEN.but(speed_m_s=0.25)).set_index("id")["reason"]
    assert slow["n0"] == REASONS["beyond"]
    assert slow["s6"] == ""


def test_stairs_that_a_wheelchair_cannot_use_are_named_as_the_reason():
    city = town()
    stairs = city.network.is_stairs.copy()
    stairs[30] = True  # the bridge
    stepped = replace(city, network=replace(city.network, is_stairs=stairs))
    told = cell_table(stepped, Query(walker="wheelchair", minutes=60, speed_m_s=1.0)).set_index("id")["reason"]
    assert told["n0"] == told["n3"] == REASONS["impassable"]
    assert told["s0"] == ""
    assert cell_table(stepped, TEN).set_index("id").loc["n0", "reason"] == ""


def test_facilities_off_the_network_are_named_as_the_reason():
    city = with_facilities(town(), [("p", "pharmacy", 0.0, -2000.0, np.nan)])
    told = cell_table(city, TEN).set_index("id")["reason"]
    assert told["s0"] == REASONS["facility_off_road"]
    assert told["far"].startswith("离道路")


def test_communities_have_the_figures_one_can_work_out_on_paper():
    table = unit_table(town(), TEN)
    south, north, islet = (row(table, code) for code in ("140700001001", "140700001002", "140700002001"))
    assert south[["people", "reached", "official_reached", "nominal", "network_only"]].tolist() == [150, 60, 30, 0, 30]
    assert (south["share"], south["official_share"]) == pytest.approx((0.4, 0.2))
    assert south["difference"] == pytest.approx(0.2)
    assert north[["people", "reached", "official_reached", "nominal", "network_only"]].tolist() == [130, 0, 130, 130, 0]
    assert islet[["people", "reached", "share"]].tolist() == [5, 0, 0]
    assert table["name"].tolist() == ["南街社区", "北岸社区", "孤岛村", "空村", "未落入任何单元"]


def test_a_unit_without_people_has_no_share_at_all():
    empty = row(unit_table(town(), TEN), "140700002002")
    assert empty["people"] == 0
    assert np.isnan(empty[["share", "official_share", "difference", "communities_share"]].astype(float)).all()


def test_the_city_has_the_figures_one_can_work_out_on_paper():
    (city,) = unit_table(town(), TEN.but(unit="city")).to_dict("records")
    assert city["name"] == "测试市"
    assert [city[c] for c in SUMS] == [292, 60, 160, 130, 30, 9, 3, 1]
    assert city["share"] == pytest.approx(60 / 292)


def test_communities_reached_is_another_measure_than_people_reached():
    (city,) = unit_table(town(), TEN.but(unit="city", minutes=20)).to_dict("records")
    # within 20 minutes all of the south street is reached, none of the north street, the islet or the far house
    assert (city["communities"], city["communities_full"], city["communities_with"]) == (3, 1, 1)
    assert city["communities_share"] == pytest.approx(1 / 3)
    assert city["share"] == pytest.approx(150 / 292)


@pytest.mark.parametrize("unit", ["community", "township", "county", "city"])
@pytest.mark.parametrize("group_key", ["all", "60+"])
def test_units_add_up_to_the_city_at_every_level_and_for_every_group(unit, group_key):
    query = TEN.but(group=group_key)
    total = unit_table(town(), query.but(unit="city"))[SUMS].iloc[0]
    added = unit_table(town(), query.but(unit=unit))[SUMS].sum()
    assert added.to_numpy() == pytest.approx(total.to_numpy(dtype=float), abs=1e-9)
    assert total["people"] == pytest.approx(town().cells[group(group_key).column].sum())


def test_the_group_changes_the_people_but_not_the_places():
    older = unit_table(town(), TEN.but(group="60+", unit="city")).iloc[0]
    assert older["people"] == pytest.approx(29.2)
    assert older["reached"] == pytest.approx(6.0)
    assert cell_table(town(), TEN.but(group="60+"))["people"].sum() == pytest.approx(29.2)


def test_a_group_the_data_do_not_tell_is_refused_by_name():
    with pytest.raises(GeodataError, match="80 岁及以上老年人"):
        unit_table(town(), TEN.but(group="80+"))


def test_more_minutes_never_reach_fewer_people():
    reached = [
        unit_table(town(), TEN.but(unit="city", minutes=minutes))["reached"].iloc[0]
        for minutes in (1, 4.99, 5, 9.99, 10, 15, 20, 48.3, 48.4, 53.4, 60)
    ]
    assert reached == sorted(reached)
    assert reached[:3] == [10, 10, 30]
    assert reached[-1] == 280


def test_a_slower_walker_never_reaches_more_and_the_speed_changes_the_answer():
    reached = [unit_table(town(), TEN.but(unit="city", speed_m_s=v))["reached"].iloc[0] for v in (0.4, 0.8, 1.2, 2.0)]
    assert reached == sorted(reached)
    assert reached[0] < reached[-1]


def test_another_facility_never_reaches_fewer_people_in_any_unit():
    city = town()
    kept = [(f.id, f.element, f.x, f.y, f.land_area_m2) for f in city.facilities.itertuples()]
    before = unit_table(city, TEN)
    for x, y in ((1500.0, 200.0), (0.0, 5000.0), (0.0, -1999.0)):
        after = unit_table(with_facilities(city, [*kept, ("new", "pharmacy", x, y, np.nan)]), TEN)
        assert (after["reached"] >= before["reached"]).all()
        assert (after["official_reached"] >= before["official_reached"]).all()


def test_upper_levels_do_not_count_unless_asked_for_and_then_change_the_result():
    query = Query(element="culture_activity_station", minutes=5, speed_m_s=1.0, unit="city")
    own = unit_table(town(), query).iloc[0]
    both = unit_table(town(), query.but(inclusive=True)).iloc[0]
    assert (own["reached"], both["reached"]) == (90, 120)  # s9 and s12; with the centre also s0 and s3
    table = cell_table(town(), query.but(inclusive=True)).set_index("id")
    assert table.loc["s0", "facility"] == "K1"
    assert table.loc["s12", "facility"] == "Z1"
    assert own["facilities"] == both["facilities"] == 1


def test_without_a_radius_there_is_no_official_figure():
    query = TEN.but(element="gov_service_window")
    table = unit_table(town(), query)
    for column in ("official_reached", "official_share", "difference", "nominal", "network_only"):
        assert table[column].isna().all()
    assert cell_table(town(), query)["official"].isna().all()
    assert table["reached"].sum() == 150


def test_sensitive_places_are_counted_by_unit_and_never_told_by_cell():
    query = TEN.but(element="community_corrections_rehab")
    with pytest.raises(GeodataError, match="位置敏感"):
        cell_table(town(), query)
    table = unit_table(town(), query)
    assert table["facilities"].sum() == 1
    assert not {"facility", "facility_name", "lon", "lat"} & set(table.columns)
    assert "X1" not in table.to_csv()


def test_nobody_gives_empty_cells_and_units_without_shares():
    city = without_cells(town())
    assert len(cell_table(city, TEN)) == 0
    table = unit_table(city, TEN)
    assert table["people"].sum() == 0
    assert table["share"].isna().all()
    assert "" not in table["code"].tolist()


def test_without_units_everybody_is_in_the_row_outside():
    city = without_units(town())
    (only,) = unit_table(city, TEN).to_dict("records")
    assert (only["code"], only["people"], only["reached"]) == ("", 292, 60)
    (whole,) = unit_table(city, TEN.but(unit="city")).to_dict("records")
    assert whole["people"] == 292
    assert cell_table(city, TEN)["community"].eq("").all()


def test_cells_and_unknown_names_are_refused_as_units():
    with pytest.raises(UnknownKey):
        unit_table(town(), TEN.but(unit="cell"))
    with pytest.raises(UnknownKey):
        unit_table(town(), TEN.but(element="heliport"))


def test_tables_are_the_callers_own():
    city = town()
    table = cell_table(city, TEN)
    table.loc[0, "minutes"] = 99.0
    table["reached"] = False
    assert cell_table(city, TEN).loc[0, "minutes"] == 0.0
    assert cell_table(city, TEN)["reached"].any()


def test_reasons_agree_with_the_minutes():
    city = town()
    for key in ("pharmacy", "convenience_store", "culture_activity_station"):
        code = reasons(city, key, TEN.who())
        assert ((code == 0) == np.isfinite(cell_table(city, TEN.but(element=key))["minutes"])).all()


def test_a_table_of_a_hundred_thousand_cells_takes_less_than_a_tenth_of_a_second_once_minutes_are_known():
    city = town()
    times = 12_000
    cells = pd.concat([city.cells] * times)
    cells.index = pd.Index([f"c{i}" for i in range(len(cells))], name="id")
    ties = Ties(*(np.tile(getattr(city.cell_ties, name), times) for name in ("edge", "offset_m", "access_m")))
    large = replace(city, cells=cells, cell_ties=ties)
    unit_table(large, TEN)
    took = []
    for _ in range(3):
        start = time.process_time()
        table = unit_table(large, TEN)
        took.append(time.process_time() - start)
    assert table["people"].sum() == pytest.approx(292 * times)
    assert min(took) < 0.1


def test_the_small_drawn_city_counts_as_its_drawing_says(small):
    query = Query(element="pharmacy", minutes=6, walker="adult")  # 432 m at 72 m a minute: c1, c2, c5
    table = cell_table(small, query).set_index("id")
    assert table.index[table["reached"]].tolist() == ["c1", "c2", "c5"]
    assert table.loc["c4", "minutes"] == pytest.approx(730 / 72, abs=1e-3)
    assert table.loc["c2", "facility"] == "A"
    assert table.loc["c5", "facility"] == "B"
    units = unit_table(small, query)
    assert row(units, "140702001001")[["people", "reached"]].tolist() == [1000, 300]
    assert row(units, "140702001002")[["people", "reached"]].tolist() == [1800, 500]
    assert unit_table(small, query.but(unit="county"))["reached"].sum() == 800
    assert people(small, "60+").sum() == pytest.approx(720)
