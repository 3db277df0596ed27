import numpy as np
import pytest

from geodata.errors import GeodataError, UnknownKey
from geodata.schema import LEVELS
from layers.coverage import unit_table
from layers.supply.columns import COLUMNS
from layers.supply.measures import MEASURES, OF_SUPPLY, measure
from layers.supply.tables import facility_loads, spoken, supply_sheet, supply_table
from layers.supply.words import supply_caption, supply_run, unknown_notes
from tests.supply_city import TEN, supplied, two
from tests.town import without_cells, without_units

ROWS = ("cell", "facility", *LEVELS)
SUMS = ["demand", "facilities", "unknown", "capacity", "served", "unserved", "out_of_reach", "full", "undecided"]


def gaps():
    """A city with everything: overload, a facility without capacity, one outside all communities."""
    return supplied(("A", 0.0, 0.0, 22.0), ("B", 600.0, 0.0, 30.0), ("C", 1500.0, 0.0, np.nan), ("D", 0.0, -900.0, 9.0))


def test_hand_numbers_by_community():
    table = supply_table(two(), TEN).set_index("name")
    south, north = table.loc["南街社区"], table.loc["北岸社区"]
    assert (south["demand"], south["facilities"], south["capacity"]) == (150, 2, 82)
    assert (south["served"], south["full"], south["out_of_reach"], south["share"]) == (82, 68, 0, 82 / 150)
    assert (south["overload"], south["overloaded"]) == (68, 2)
    assert south["minutes"] == pytest.approx((12 * 5 + 30 * 5) / 82)
    assert south["access_1000"] == pytest.approx(1000 * 82 / 150)  # nobody outside shares the places
    assert (north["demand"], north["out_of_reach"], north["share"], north["access_1000"]) == (130, 130, 0, 0)
    empty = table.loc["空村"]
    assert empty["demand"] == 0 and np.isnan([empty["share"], empty["minutes"], empty["access_1000"]]).all()


def test_people_without_an_answer_are_in_no_share_and_no_mean():
    city = supplied(("A", 0.0, 0.0, 22.0), ("B", 600.0, 0.0, np.nan))
    south = supply_table(city, TEN).set_index("name").loc["南街社区"]
    assert (south["unknown"], south["capacity"], south["undecided"]) == (1, 22, 90)
    assert south["share"] == pytest.approx(22 / 60) and south["access_1000"] == pytest.approx(1000 * 22 / 60)
    (note,) = unknown_notes(city, TEN)
    assert "1 处设施缺少容量" in note and "90 人" in note
    assert unknown_notes(two(), TEN) == ()


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_adds_up_to_the_city(level):
    city = gaps()
    table, whole = supply_table(city, TEN.but(unit=level)), supply_table(city, TEN.but(unit="city")).iloc[0]
    for column in (*SUMS, "overload", "overloaded"):
        assert table[column].sum() == whole[column], column
    assert whole["served"] + whole["unserved"] == whole["demand"] == 292
    assert whole["out_of_reach"] + whole["full"] + whole["undecided"] == whole["unserved"]
    assert table["code"].tolist()[:-1] == unit_table(city, TEN.but(unit=level))["code"].tolist()[: len(table) - 1]


def test_a_facility_outside_all_units_has_a_row_of_its_own():
    city = without_cells(supplied(("A", 0.0, 0.0, 22.0)))
    assert "" not in supply_table(city, TEN)["code"].tolist()
    outside = without_cells(supplied(("A", 0.0, 0.0, 22.0), ("D", 0.0, -900.0, 9.0)))
    assert supply_table(outside, TEN).iloc[-1][["code", "capacity"]].tolist() == ["", 9]


def test_facilities_have_their_loads_and_community():
    table = facility_loads(gaps(), TEN).set_index("id")
    assert table.loc["A", ["capacity", "nearest", "overload", "load", "spare"]].tolist() == [22, 30, 8, 22, 0]
    assert table["community_name"].tolist() == ["南街社区", "南街社区", "南街社区", "未落入任何单元"]
    unknown = table.loc["C"]
    assert unknown["nearest"] == 50 and np.isnan(unknown[["overload", "load", "spare", "ratio_1000"]].to_list()).all()
    assert table.loc["D", ["nearest", "overload", "load", "spare"]].tolist() == [0, 0, 0, 9]


@pytest.mark.parametrize("name", OF_SUPPLY)
@pytest.mark.parametrize("by", ROWS)
def test_every_table_has_its_columns_and_keys_become_words(name, by):
    frame, columns = supply_sheet(gaps(), TEN, name, by=by)
    assert list(frame) == [column.key for column in columns] and len(frame)
    assert len({column.title for column in columns}) == len(columns)
    for column in columns:
        assert all(isinstance(column.text(value), str) for value in spoken(frame)[column.key])
    words = " ".join(str(value) for key in ("level", "state", "reason") if key in frame for value in spoken(frame)[key])
    assert "out_of_reach" not in words and "community" not in words
    supply_sheet(without_units(two()), TEN, name, by=by)


def test_levels_and_measures_that_do_not_exist():
    with pytest.raises(UnknownKey, match="没有级别「cell」"):
        supply_table(two(), TEN.but(unit="cell"))
    with pytest.raises(UnknownKey, match="assignment（均衡分配）"):
        supply_sheet(two(), TEN, "gravity", by="cell")
    secret = supplied(("X", 0.0, 0.0, 5.0), element="community_corrections_rehab")
    query = TEN.but(element="community_corrections_rehab")
    with pytest.raises(GeodataError, match="位置敏感"):
        facility_loads(secret, query)
    assert supply_table(secret, query)["capacity"].sum() == 5


def test_there_are_six_measures_in_all_each_with_one_sentence():
    assert len(MEASURES) == len({known.key for known in MEASURES}) == 6
    assert all(known.use.endswith("。") and known.use.count("。") == 1 for known in MEASURES)
    assert {measure(key).key for key in OF_SUPPLY} == {name for name, _ in COLUMNS}


def test_every_result_says_how_it_was_computed():
    city = gaps()
    words = supply_caption(city, TEN, "e2sfca", need=0.5)
    assert words.title.endswith("药店 10 分钟内千人可及容量（E2SFCA）")
    text = "\n".join(words.lines)
    assert "合成示例" in text and "需求率 0.5" in text and "Luo W., Qi Y. (2009)" in text and "缺少容量" in text
    assert "Luo" not in "\n".join(supply_caption(city, TEN, "assignment").lines)
    runs = {supply_run(city, TEN), supply_run(city, TEN, need=0.5), supply_run(city, TEN, decay="fast")}
    assert len(runs) == 3 and supply_run(city, TEN) == supply_run(city, TEN)
