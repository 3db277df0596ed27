"""Robustness: laws, hand-checked cases in the town, and every run against a city that really is as it was drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geodata.elements import STATUSES
from geodata.errors import GeodataError, Stopped, UnknownKey
from geodata.standards import Edition, Rule, Standards
from geodata.ties import Ties
from layers.gaps.judge import judged, verdicts
from layers.places import places
from layers.query import Query
from layers.robustness.draws import FACILITY, SPREADS, drawn, spread, widths
from layers.robustness.flips import JOINT, flips
from layers.robustness.reached import split_people
from layers.robustness.trials import EMPTY, FAIL, PASS, verdict_of
from layers.robustness.walks import snap_limit
from tests.town import town, with_facilities

SOUTH, NORTH, ISLET, EMPTY_VILLAGE = "140700001001", "140700001002", "140700002001", "140700002002"
NONE = dict.fromkeys((one.key for one in SPREADS), 0.0)
RUNS = 48


def rule(**changes) -> Rule:
    values = {
        "key": "near", "title": "药店可达", "edition": "test", "clause": "第 1 条", "status": "derived",
        "level": "community", "measure": "reached_share", "comparator": ">=", "asked": 0.4, "unit": "%",
        "elements": ("pharmacy",), "settings": {"minutes": 10.0},
    }  # fmt: skip
    return Rule(**{**values, **changes})


def under(city, *rules: Rule):
    edition = Edition("test", "测试", "《测试标准》", "1", "derived")
    return replace(city, standards=Standards((edition,), rules, ("test",), "test"))


def asked(key: str = "near", **changes) -> Query:
    """At 1 m/s: 600 m in ten minutes."""
    return Query(rule=key, speed_m_s=1.0, **changes)


def only(**some: float):
    return widths({**NONE, **some})


def of(found, code: str) -> pd.Series:
    return found.table.set_index("code").loc[code]


def signs(factor: str, *, runs: int = RUNS, seed: int = 0) -> np.ndarray:
    return np.array([drawn(seed, factor, run)[0] for run in range(runs)])


def test_nothing_uncertain_nothing_flips():
    found = flips(under(town(), rule()), asked(), runs=RUNS, spreads=only())
    assert (found.table["flip_share"] == 0).all()
    assert (found.table[[f"flip_{key}" for key in ("speed", "snap", "minutes", "split")]] == 0).all().all()
    assert not found.table["knife_edge"].any()
    assert (found.table["low"] == found.table["present"]).all() and (found.table["high"] == found.table["low"]).all()


def test_a_community_exactly_at_the_edge_flips_whenever_it_gets_worse():
    """Of 150 people in the south 60 live within 600 m, the last of them at 600 m: ten minutes at 1 m/s, 40 %."""
    found = of(flips(under(town(), rule()), asked(), runs=RUNS), SOUTH)
    assert (found["verdict"], found["present"], found["margin"]) == ("pass", 0.4, 0.0)
    assert found["flip_speed"] == (signs("speed") < 0).mean()
    assert found["flip_minutes"] == (signs("minutes") < 0).mean()
    assert found["flip_snap"] == (signs("snap") > 0).mean()
    assert found["knife_edge"] and found["low"] < 0.4


def test_a_community_far_from_the_edge_stays():
    found = flips(under(town(), rule()), asked(), runs=RUNS)
    islet = of(found, ISLET)
    assert (islet["verdict"], islet["flip_share"], islet["cause"], islet["check"]) == ("fail", 0.0, "", "")
    assert found.unjudged == 1 and EMPTY_VILLAGE not in set(found.table["code"])


def moved(ties: Ties, d: float, limit: float) -> Ties:
    away = np.maximum(ties.access_m + d, 0.0)
    return Ties(np.where(ties.access_m + d <= limit, ties.edge, -1).astype(np.int32), ties.offset_m, away)


def as_drawn(city, plan, run: int, seed: int, factors=("speed", "snap", "minutes", "split")):
    """The city, the rule and the question of a run, made by hand."""
    value = {
        key: plan[key] * drawn(seed, key, run)[0] if key in factors else 0.0 for key in ("speed", "snap", "minutes")
    }
    cells = city.cells
    if "split" in factors:
        home, draws = places(city, "community").cell, drawn(seed, "split", run, count=len(cells))
        people = split_people(cells["population"].to_numpy(float), home, draws, width=plan["split"])
        cells = cells.assign(population=people)
    limit = snap_limit(city)
    there = replace(
        city, cells=cells, cell_ties=moved(city.cell_ties, value["snap"], limit),
        facility_ties=moved(city.facility_ties, value["snap"], limit),
    )  # fmt: skip
    law = city.standards.rules[0]
    law = replace(law, settings={"minutes": law.settings["minutes"] + value["minutes"]})
    return there, asked().but(speed_m_s=1.0 + value["speed"]), law


@pytest.mark.parametrize(
    "factors", [("speed",), ("snap",), ("minutes",), ("split",), ("speed", "snap", "minutes", "split")]
)
@pytest.mark.parametrize("minutes", [5.0, 10.0, 20.0])
def test_every_run_is_that_of_a_city_which_is_as_it_was_drawn(factors, minutes):
    law, seed, runs = rule(settings={"minutes": minutes}), 7, 12
    rows = [("P1", "pharmacy", 0.0, 40.0, np.nan), ("P2", "pharmacy", 905.0, 195.0, np.nan)]
    city = under(with_facilities(town(), rows), law)
    found = flips(city, asked(), runs=runs, seed=seed).table.set_index("code")
    plan = {one.key: one.width for one in SPREADS}
    before = judged(city, asked(), law).verdict
    count = np.zeros(len(before))
    for run in range(runs):
        there, query, changed = as_drawn(city, plan, run, seed, factors)
        count += judged(there, query, changed).verdict != before
    column = "flip_share" if len(factors) > 1 else f"flip_{factors[0]}"
    codes = judged(city, asked(), law).at.frame["code"]
    expected = pd.Series(count / runs, index=codes.to_numpy()).reindex(found.index)
    assert found[column].tolist() == expected.tolist()


def test_a_closed_facility_is_that_of_a_city_without_it():
    rows = [
        (f"P{i}", "pharmacy", x, y, np.nan) for i, (x, y) in enumerate([(0, 0), (1300, 0), (1500, 200), (100, 5000)])
    ]
    law = rule(asked=0.5)
    city = under(with_facilities(town(), rows), law)
    found = flips(city, asked(), runs=1).table.set_index("code")
    before = pd.Series(judged(city, asked(), law).verdict, index=judged(city, asked(), law).at.frame["code"].to_numpy())
    for code, row in found.iterrows():
        rest = under(with_facilities(city, [one for one in rows if one[0] != row["facility"]]), law)
        after = pd.Series(judged(rest, asked(), law).verdict, index=before.index)
        assert row["without_facility"] == (after[code] != before[code]), code
    assert found["without_facility"].any() and not found["without_facility"].all()


def test_the_facility_used_most_is_the_one_most_people_reach():
    """P1 at x = 0 is near 60 people within ten minutes, P2 at x = 1200 near 90."""
    rows = [("P1", "pharmacy", 0.0, 0.0, np.nan), ("P2", "pharmacy", 1200.0, 0.0, np.nan)]
    found = of(flips(under(with_facilities(town(), rows), rule()), asked(), runs=1), SOUTH)
    assert (found["facility"], found["facility_name"]) == ("P2", "P2")


def test_a_unit_that_rests_on_one_facility_says_so():
    row = of(flips(under(town(), rule(asked=0.3)), asked(), runs=4, spreads=only()), SOUTH)
    assert row["without_facility"] and row["cause"] == FACILITY and not row["knife_edge"]
    assert row["check"] == "核实P1号是否营业"


@pytest.mark.parametrize("key", ["speed", "snap", "minutes"])
def test_widening_one_factor_never_lowers_its_flips(key):
    law = rule(settings={"minutes": 9.7})
    shares = []
    for part in (0.25, 0.5, 1.0, 2.0):
        found = flips(under(town(), law), asked(), runs=RUNS, spreads=only(**{key: part * spread(key).width}))
        shares.append(found.table[f"flip_{key}"].to_numpy())
    assert (np.diff(np.array(shares), axis=0) >= 0).all()


def test_the_same_seed_gives_the_same_table_another_seed_another_one():
    city = under(town(), rule())
    first, again, other = (flips(city, asked(), runs=RUNS, seed=seed) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first.table, again.table)
    assert first.run == again.run != other.run
    assert not first.table["flip_share"].equals(other.table["flip_share"])


def test_the_draws_are_these_on_any_machine():
    assert drawn(0, "speed", 0).tolist() == [0.6204870242217819]
    assert drawn(1, "split", 2, count=3).tolist() == [-0.9755684774359559, 0.9685644573191219, -0.5645712195005499]


def test_more_runs_keep_the_first_ones():
    city = under(town(), rule())
    few, many = (flips(city, asked(), runs=runs).table["flip_share"] * runs for runs in (20, 40))
    assert ((many - few).between(0, 20)).all()


def test_factors_have_draws_of_their_own():
    assert len({round(drawn(0, one.key, 0)[0], 12) for one in SPREADS}) == len(SPREADS)
    assert len({round(drawn(0, "speed", run)[0], 12) for run in range(50)}) == 50


def test_draws_fill_the_range_evenly():
    draws = drawn(0, "split", 0, count=20_000)
    assert draws.min() >= -1 and draws.max() < 1
    assert np.histogram(draws, bins=10, range=(-1, 1))[0] == pytest.approx(2000, rel=0.1)


def test_communities_keep_their_people_when_cells_vary():
    weight, home = np.array([10.0, 20.0, 30.0, 0.0, 5.0]), np.array([0, 0, 0, 1, 2])
    varied = split_people(weight, home, drawn(0, "split", 0, count=5), width=0.3)
    assert np.bincount(home, varied) == pytest.approx([60.0, 0.0, 5.0], abs=1e-9)
    assert not np.allclose(varied[:3], weight[:3])
    assert (varied >= 0).all() and varied[4] == pytest.approx(5.0, abs=1e-9)


def test_all_factors_together_can_flip_what_none_flips_alone():
    """640 m of way within 700: slower alone (609 m) or sooner alone (640 m) will not do, both will."""
    rows = [("P1", "pharmacy", -40.0, 0.0, np.nan)]
    law = rule(settings={"minutes": 11.67})
    city = under(with_facilities(town(), rows), law)
    found = of(flips(city, asked(), runs=400, spreads=only(speed=0.08, minutes=0.9)), SOUTH)
    assert found["flip_speed"] == found["flip_minutes"] == 0 < found["flip_share"]
    assert found["cause"] == JOINT and "用时" in found["check"]


def test_area_at_the_edge_by_hand():
    """30 ㎡ for 100 households: asked are 30 ㎡ per 100, so a smaller area or more households fail."""
    law = rule(measure="area_per_100_households", asked=30.0, unit="㎡/百户", settings={})
    city = town()
    facilities = city.facilities.assign(floor_area_m2=np.where(city.facilities["id"] == "P1", 30.0, np.nan))
    city = under(replace(city, facilities=facilities, units=city.units.assign(households=100.0)), law)
    found = of(flips(city, asked(), runs=RUNS), SOUTH)
    columns = ["floor_area_m2", "land_area_m2"]
    floor = np.array([drawn(0, "floor_area", run, count=len(columns))[0] for run in range(RUNS)])
    homes = np.array([drawn(0, "households", run, count=4)[0] for run in range(RUNS)])
    assert (found["verdict"], found["present"]) == ("pass", 30.0)
    assert found["flip_floor_area"] == (floor < 0).mean()
    assert found["flip_households"] == (homes > 0).mean()
    assert found["flip_share"] == ((1 + 0.05 * floor) / (1 + 0.05 * homes) < 1).mean()
    assert found["without_facility"] and found["facility"] == "P1"
    assert "flip_speed" not in found.index


def test_counts_rest_on_their_facilities_only():
    law = rule(measure="count", asked=1.0, unit="处", settings={})
    found = flips(under(town(), law), asked(), runs=9)
    south, north = of(found, SOUTH), of(found, NORTH)
    assert (south["verdict"], south["flip_share"], south["without_facility"]) == ("pass", 0.0, True)
    assert (north["verdict"], north["without_facility"], north["facility"]) == ("fail", False, "")
    assert found.spreads == ()


def test_places_and_people_vary():
    law = rule(measure="served_people", comparator="<=", asked=150.0, unit="人/处", settings={})
    found = of(flips(under(town(), law), asked(), runs=RUNS), SOUTH)
    people = np.array([drawn(0, "people", run, count=4)[0] for run in range(RUNS)])
    assert (found["verdict"], found["present"], found["margin"]) == ("pass", 150.0, 0.0)
    assert found["flip_people"] == (people > 0).mean()
    assert found["without_facility"]


def test_closing_the_only_one_leaves_nothing_to_take_a_share_of():
    assert verdict_of(rule(asked=0.6), np.array([0.0]), np.array([0.0]), per=1.0).tolist() == [EMPTY]
    assert verdict_of(rule(asked=0.6), np.array([6.0, 5.0]), np.array([10.0, 10.0]), per=1.0).tolist() == [PASS, FAIL]


def test_what_cannot_be_tried_is_told_with_its_reason():
    grid = rule(key="grid", title="网格员", measure="grid_workers", level="grid", unit="人", settings={})
    city = under(town(), rule(), grid)
    found = flips(city, asked("all"), runs=3)
    assert found.skipped[["rule", "title"]].to_numpy().tolist() == [["grid", "网格员"]]
    assert set(found.table["rule"]) == {"near"}
    with pytest.raises(GeodataError, match="规则「网格员」不作稳健性分析：网格员数取自名单"):
        flips(city, asked("grid"), runs=3)


def test_places_of_sensitive_elements_are_not_told():
    law = rule(elements=("community_corrections_rehab",))
    row = of(flips(under(town(), law), asked(), runs=RUNS), SOUTH)
    assert row["knife_edge"] and (row["facility"], row["facility_name"], row["facility_row"]) == ("", "", -1)
    assert "X1" not in row["check"] and "最近的设施" in row["check"]


def test_before_any_draw_verdicts_are_the_judgements(small):
    found = flips(small, Query(rule="all"), runs=1).table
    said = verdicts(small, Query(rule="all"))
    said = said[said["rule"].isin(found["rule"]) & said["verdict"].isin(["pass", "fail"])].reset_index(drop=True)
    assert len(found) > 50
    pd.testing.assert_frame_equal(
        found[["rule", "code", "verdict", "present"]],
        said[["rule", "code", "verdict", "present"]],
        check_dtype=False,
    )


def test_progress_only_grows_and_ends_at_the_whole():
    seen: list[tuple[int, int]] = []
    flips(
        under(town(), rule(), rule(key="far", title="远")),
        asked("all"),
        runs=40,
        progress=lambda *one: seen.append(one),
    )
    done, total = zip(*seen, strict=True)
    assert list(done) == sorted(done) and seen[0] == (0, 80) and seen[-1] == (80, 80)
    assert set(total) == {80} and len(seen) >= 5


def test_cancelled_work_stops_and_says_so():
    calls: list[int] = []

    def cancelled() -> bool:
        calls.append(1)
        return len(calls) > 3

    with pytest.raises(Stopped, match="计算已取消"):
        flips(under(town(), rule()), asked(), runs=1000, cancelled=cancelled)
    assert len(calls) == 4


@pytest.mark.parametrize(
    ("bad", "words"),
    [({"runs": 0}, "计算次数"), ({"runs": 5001}, "计算次数"), ({"seed": -1}, "随机种子"), ({"edge": 0.0}, "临界线")],
)
def test_numbers_out_of_range_are_refused(bad, words):
    with pytest.raises(GeodataError, match=words):
        flips(under(town(), rule()), asked(), **bad)


def test_widths_are_checked_and_changed_ones_are_marked():
    changed = spread("speed", widths({"speed": 0.3}))
    assert (changed.width, changed.source, changed.status) == (0.3, "使用者指定", "unverified")
    assert widths({"speed": 0.15}) == SPREADS
    assert spread("步行速度").told == "±15 %" and spread("snap").told == "±50 米"
    with pytest.raises(UnknownKey, match="没有不确定因素「tempo」"):
        widths({"tempo": 1.0})
    for bad in (-0.1, 1.0, float("nan")):
        with pytest.raises(GeodataError, match="幅度"):
            widths({"speed": bad})


def test_every_factor_is_data_with_a_status_and_a_source():
    for one in SPREADS:
        assert one.status in STATUSES and one.source and one.check and one.title and one.width > 0
        assert one.status in ("derived", "unverified")


def test_nobody_at_home_nothing_to_judge():
    city = under(town(), rule())
    nobody = replace(city, cells=city.cells.assign(population=0.0))
    found = flips(nobody, asked(), runs=2)
    assert len(found.table) == 0 and found.unjudged == 4
