"""Every choice of a siting question changes some answer, or is refused; people and minutes worked out by hand."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from geodata.assemble import assemble_city
from geodata.city import City
from geodata.errors import GeodataError, UnknownKey
from layers.siting.ask import Ask
from layers.siting.plan import Plan, plan
from layers.siting.posed import pose
from tests.siting_city import CARE, ask, siting_city, siting_frames, spot, with_column
from tests.small_city import small_version

WEST, EAST = "140702001001", "140702001002"


def solved(question: Ask, city: City | None = None) -> Plan:
    return plan(siting_city() if city is None else city, question)


def chosen(question: Ask, city: City | None = None) -> list[str]:
    return list(solved(question, city).chosen["id"])


def refused(question: Ask, *words: str, city: City | None = None) -> None:
    with pytest.raises(GeodataError) as error:
        solved(question, city)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_the_most_people_by_one_two_three_and_four_places() -> None:
    """w serves 900, i 700, s 600, b 100; C serves 500 beforehand; e nobody."""
    found = solved(ask(count=4))
    assert list(found.chosen["id"]) == ["w", "i", "s", "b"]
    assert found.chosen["people"].tolist() == found.chosen["gain"].tolist() == [900, 700, 600, 100]
    assert found.chosen["older"].tolist() == [180, 140, 120, 20]
    assert found.chosen["children"].isna().all(), "the small city has no people of 7 to 14"
    assert found.chosen["total"].tolist() == [1400, 2100, 2700, 2800]
    assert (found.answer.before, found.answer.value, found.answer.bound) == (500, 2800, 2800)
    assert found.answer.proven
    assert found.covered.loc["people"].tolist() == [500, 2800, 3600]
    assert chosen(ask()) == ["w"]
    assert chosen(ask(count=5)) == ["w", "i", "s", "b"]


def test_everybody_by_the_fewest() -> None:
    found = solved(ask("lscp", within=WEST))
    assert set(found.chosen["id"]) == {"w", "b"} and found.answer.value == 2
    assert found.covered.loc["people"].tolist() == [0, 1000, 1000]
    whole = solved(ask("lscp"))
    assert whole.answer.status == "infeasible" and whole.posed.cell[whole.answer.infeasible].tolist() == [7]


def test_the_least_walk_and_the_shortest_longest() -> None:
    """Within 30 minutes C serves all but c7 and c8; i spares c7 (700 people) all but 50 m of them."""
    found = solved(ask("pmedian", minutes=30.0, count=1))
    assert list(found.chosen["id"]) == ["i"] and found.chosen["gain"][0] == pytest.approx(700 * (30 - 50 / 72), abs=1)
    assert found.answer.before - found.answer.value == pytest.approx(found.chosen["gain"][0])
    within = ask("pcentre", minutes=30.0, count=1, within=WEST)
    worst = solved(within)
    assert list(worst.chosen["id"]) == ["w"] and worst.answer.value == pytest.approx(410 / 72, abs=1e-3)
    assert solved(within.but(forbidden=("w",))).answer.value > worst.answer.value


def test_minutes_walker_and_speed() -> None:
    """At 8 minutes (576 m) w serves c1 too; older people (255 m, slower on stairs) reach neither w from c2 nor C."""
    assert solved(ask(minutes=8.0)).answer.value == 500 + 1000
    older = solved(ask(walker="older"))
    assert list(older.chosen["id"]) == ["i"] and (older.answer.before, older.answer.value) == (0, 700)
    assert solved(ask(speed_m_s=1.4)).answer.value == 500 + 1000
    assert solved(ask(speed_m_s=1.2)).answer.value == solved(ask()).answer.value


def test_stairs_matter_to_who_walks() -> None:
    """C reaches c5 by stairs: in a wheelchair, 8 minutes (384 m) do not suffice, 40 do."""
    chair = ask(walker="wheelchair", minutes=8.0)
    assert solved(chair).answer.before == 0 and solved(ask(minutes=8.0, walker="adult")).answer.before == 500


def test_weights_of_groups() -> None:
    """With nearly all of c6 being old s is worth more to older people than w, though not to everybody."""
    older = [20.0, 40.0, 60.0, 80.0, 100.0, 540.0, 140.0, 160.0]
    city = with_column("population", "age_60_plus", older)
    assert chosen(ask(), city) == ["w"]
    only = solved(ask(weights=(("all", 0.0), ("60+", 1.0))), city)
    assert list(only.chosen["id"]) == ["s"] and (only.answer.before, only.answer.value) == (100, 640)
    assert only.chosen["people"].tolist() == [600], "heads are told, whatever they weigh"
    twice = solved(ask(weights=(("60+", 2.0),)), city)
    assert list(twice.chosen["id"]) == ["s"] and twice.answer.value == 600 + 1140


def test_narrower_groups_win_over_wider_ones() -> None:
    """c1: 100 people, 20 of 60+, of them 2 of 80+, 10 children; b alone serves it."""
    base = ask(candidates=(spot(100, 0),), within=WEST, minutes=1.0)
    assert solved(base.but(weights=(("60+", 3.0), ("80+", 10.0)))).answer.value == 2 * 10 + 18 * 3 + 80
    assert solved(base.but(weights=(("0-6", 5.0),))).answer.value == 10 * 5 + 90
    refused(base.but(weights=(("7-14", 2.0),)), "7–14 岁")
    refused(base.but(weights="priority"), "7–14 岁")


def test_priority_counts_older_people_and_children_twice() -> None:
    city = with_column("population", "age_7_14", [0.0] * 8)
    found = solved(ask(weights="priority"), city)
    assert found.answer.value == 1400 + (1400 * 0.3)
    assert any("残疾" in line for line in found.sentences) and any("未核实" in line for line in found.sentences)


def test_within_a_unit() -> None:
    assert chosen(ask(within=EAST)) == ["i"]
    assert solved(ask(within=EAST)).covered.loc["people"].tolist() == [500, 1200, 1800]
    refused(ask(within="nowhere"), "没有代码为「nowhere」的单元")


def test_candidates_of_each_kind() -> None:
    assert chosen(ask(candidates="sites:parcel")) == ["i"]
    assert chosen(ask(candidates="sites:idle_house", count=5)) == ["w", "s", "b"]
    spots = (spot(600, 0, "甲", 5.0), spot(1250, 600))
    found = solved(ask(candidates=spots, count=2))
    assert found.chosen[["id", "name", "cost_wan"]].to_dict("list")["id"] == ["p2", "p1"]
    assert found.chosen["people"].tolist() == [700, 200], "p1 is 210 m from c2"
    refused(Ask(model="mclp", element=CARE, count=1, candidates="nodes:nowhere"), "没有代码为「nowhere」的单元")


def test_junctions_of_a_unit_all_of_them_and_thinned() -> None:
    """西门社区 has the junctions (0, 0), (300, 0), (300, 400), the gate on its border and both ends of the bridge."""
    every = pose(siting_city(), ask(candidates=f"nodes:{WEST}"))
    xy = {(round(x), round(y)) for x, y in every.candidates[["x", "y"]].to_numpy()}
    assert {(0, 0), (300, 0), (300, 400), (0, -200)} <= xy and all(x <= 450 for x, _ in xy)
    assert chosen(ask(candidates=f"nodes:{WEST}")) == [
        one
        for one, x, y in every.candidates[["id", "x", "y"]].itertuples(index=False)
        if (round(x), round(y)) == (300, 400)
    ]
    thin = pose(siting_city(), ask(candidates=f"nodes:{WEST}", thin_m=250.0))
    assert len(thin.candidates) + sum(thin.left_out.values()) == len(every.candidates) > len(thin.candidates)
    assert "250 米" in next(iter(thin.left_out))
    here = thin.candidates[["x", "y"]].to_numpy()
    away = np.hypot(*(every.candidates[["x", "y"]].to_numpy()[:, None] - here[None]).transpose(2, 0, 1))
    assert (np.sort(away[np.isin(every.candidates["id"], thin.candidates["id"])], axis=1)[:, 1:] >= 250).all()
    assert (away.min(axis=1) < 250).all(), "who is left out has a neighbour that stays"


def test_existing_ones_fixed_free_or_not_counted() -> None:
    """C (500) is worth less than w (900): free, it is given up for w; among three it is kept out by s (600)."""
    free = solved(ask(existing="free"))
    assert list(free.chosen["id"]) == ["w"] and list(free.closed["id"]) == ["C"]
    assert free.covered.loc["people"].tolist() == [500, 900, 3600]
    kept = solved(ask(existing="free", count=4))
    assert set(kept.chosen["id"]) == {"w", "i", "s", "existing:C"} and not len(kept.closed)
    assert kept.chosen.set_index("id")["new"].to_dict() == {"w": True, "i": True, "s": True, "existing:C": False}
    none = solved(ask(existing="none"))
    assert (none.answer.before, none.answer.value) == (0, 900)
    assert none.covered.loc["people"].tolist() == [0, 900, 3600]


def test_required_and_forbidden_places() -> None:
    assert set(chosen(ask(count=2, required=("e",)))) == {"w", "e"}
    assert chosen(ask(forbidden=("w", "i"))) == ["s"]
    refused(ask(required=("q",)), "必选点「q」不在候选点中")
    refused(ask(forbidden=("q",)), "禁选点「q」不在候选点中")
    refused(ask(count=1, required=("s",), min_area_m2=100.0), "必选点「s」", "面积不足 100 ㎡")


def test_capacity_of_new_and_existing_ones() -> None:
    """With 650 people a place i (700) and s (600) are worth 1,250; w is worth no more than i."""
    refused(ask(capacity=650.0), "1 处现有设施没有容量")
    found = solved(ask(capacity=650.0, existing_capacity=120.0, count=1))
    assert (found.answer.before, found.answer.value) == (120, 770)
    many = solved(ask(capacity=650.0, existing_capacity=120.0, count=3))
    assert many.answer.value == 120 + 650 + 650 + 600
    recorded = with_column("facilities", "capacity", [float("nan")] * 2 + [300.0] + [float("nan")] * 6)
    assert solved(ask(capacity=650.0), recorded).answer.before == 300
    assert solved(ask(capacity=650.0, existing="none")).answer.value == 650


def test_the_least_size_of_a_site() -> None:
    """Houses by floor area, parcels by land; the standard's 350 ㎡ leaves parcels only; b's size is not known."""
    found = pose(siting_city(), ask(min_area_m2=100.0))
    assert found.candidates["id"].tolist() == ["w", "i", "e"]
    assert found.left_out == {"面积不足 100 ㎡": 1, "面积未知": 1}
    assert chosen(ask(min_area_m2="standard")) == ["i"]
    refused(Ask(model="mclp", element="pharmacy", count=1, min_area_m2="standard"), "没有给出「药店」的最小面积")
    refused(ask(min_area_m2=5000.0), "候选点全部不符合条件", "面积不足 5000 ㎡ 4 个", "面积未知 1 个")
    assert len(pose(siting_city(), ask(candidates=(spot(0, 0),), min_area_m2=100.0)).candidates) == 1


def test_mutual_distance_in_a_straight_line() -> None:
    """w and s are 566 m apart, w and C 361 m."""
    far = ask(count=3, existing="none", apart_m=600.0)
    assert set(chosen(ask(count=3, existing="none", apart_m=560.0))) == {"w", "i", "s"}
    assert set(chosen(far)) == {"w", "i"}
    near = solved(ask(apart_m=400.0))
    assert near.posed.left_out == {"与现有设施的直线距离不足 400 米": 1} and list(near.chosen["id"]) == ["i"]
    refused(ask(apart_m=400.0, required=("w",)), "必选点「w」", "400 米")
    assert chosen(ask(apart_m=360.0)) == ["w"]


def test_quotas_of_units_count_new_ones() -> None:
    assert chosen(ask(count=2, quotas=((EAST, 0, 0),))) == ["w", "b"]
    assert set(chosen(ask(count=1, quotas=((EAST, 1),)))) == {"i"}
    refused(ask(quotas=((WEST, 3),)), "要求至少 3 处", "只有 2 个")
    refused(ask(quotas=(("nowhere", 1),)), "没有代码为「nowhere」的单元")
    both = solved(ask(count=1, quotas=((EAST, 1), (WEST, 1))))
    assert both.answer.status == "infeasible" and not len(both.chosen) and not both.edits()
    assert "没有找到" in both.sentences[0]


def test_beside_another_element() -> None:
    """Within 300 m of a pharmacy (500, 0) or (910, 200): w, s and e."""
    found = pose(siting_city(), ask(beside=("pharmacy", 300.0)))
    assert found.candidates["id"].tolist() == ["w", "s", "e"] and found.left_out == {"300 米内没有药店": 2}
    assert pose(siting_city(), ask(beside=("药店", 282.0))).candidates["id"].tolist() == ["e"]
    with pytest.raises(UnknownKey):
        pose(siting_city(), ask(beside=("heliport", 300.0)))


def test_a_complex_of_several_functions() -> None:
    """No function but day care is there beforehand: c5 still lacks two; only the parcel of 1,000 ㎡ will do."""
    trio = (("nursery",), ("community_canteen", 0.5))
    found = solved(ask(also=trio))
    assert list(found.chosen["id"]) == ["i"] and found.answer.value == 500 + 700 * 2.5
    assert found.posed.left_out == {"面积不足 600 ㎡": 3, "面积未知": 1}
    anywhere = ask(also=trio, candidates=(spot(800, 400), spot(1250, 600)))
    assert chosen(anywhere) == ["p2"], "c5 has day care already: 500 × 1.5 against 700 × 2.5"
    assert chosen(anywhere.but(also=(("nursery", 9.0), ("community_canteen", 1.0)), forbidden=("p2",))) == ["p1"]
    refused(ask(also=(("nursery",),)), "综合体至少 3 项功能", "现有 2 项")
    refused(ask(also=(("express_post",), ("housekeeping",))), "核心功能")
    refused(ask(also=trio, min_area_m2=200.0), "600 ㎡")
    refused(ask(also=((CARE,), ("nursery",))), "出现了两次")


def test_the_budget() -> None:
    """w 30, s 10, i 200, e 50 万元; nobody knows what b costs."""
    refused(ask(count=None, budget_wan=40.0), "1 个候选点没有费用", "b")
    assert chosen(ask(count=None, budget_wan=40.0, forbidden=("b",))) == ["w", "s"]
    assert chosen(ask(count=None, budget_wan=45.0, default_cost_wan=5.0)) == ["w", "s", "b"]
    assert chosen(ask(count=None, budget_wan=44.0, default_cost_wan=5.0)) == ["w", "s"]
    assert chosen(ask(count=1, budget_wan=29.0, default_cost_wan=5.0)) == ["s"]
    assert "按默认 5 万元计" in "".join(solved(ask(count=None, budget_wan=45.0, default_cost_wan=5.0)).sentences)


def test_upper_levels_stand_in_where_asked() -> None:
    frames = [
        {"element": "community_health_station", "inclusive": inclusive, "candidates": (spot(400, 0), spot(800, 410))}
        for inclusive in (False, True)
    ]
    city = _with_health_centre()
    first, second = (Ask(model="mclp", count=1, minutes=5.0, **choices) for choices in frames)
    assert chosen(first, city) == ["p2"] and solved(first, city).answer.before == 0
    assert chosen(second, city) == ["p1"] and solved(second, city).answer.before == 500


def _with_health_centre() -> City:
    """Return the city with the day care C a health centre instead."""
    frames = siting_frames()
    places = frames["facilities"]
    frames["facilities"] = places.assign(element=places["element"].replace(CARE, "community_health_centre"))
    return assemble_city(small_version(frames))


def test_gap_time_and_seed_reach_the_solver() -> None:
    aim = pose(siting_city(), ask(goal_gap=0.01, time_limit_s=7.0, seed=3)).aim
    assert (aim.goal_gap, aim.time_limit_s, aim.seed) == (0.01, 7.0, 3)
    assert (aim.model, aim.count, aim.minutes, aim.budget) == ("mclp", 1, 5.0, None)


def test_sensitive_elements_are_not_sited() -> None:
    refused(Ask(model="mclp", element="community_corrections_rehab", count=1), "位置敏感")
    refused(ask(beside=("community_corrections_rehab", 50.0)), "位置敏感")


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"model": "best"}, "模型「best」"),
        ({"count": None}, "没有给出设施数量"),
        ({"model": "lscp"}, "不能再指定数量"),
        ({"count": 1.5}, "整数"),
        ({"minutes": 0}, "步行时间「0」"),
        ({"minutes": 61}, "60 分钟"),
        ({"walker": "horse"}, "没有步行者"),
        ({"weights": (("all", 0.0),)}, "权重都是 0"),
        ({"weights": "mine"}, "没有人群权重"),
        ({"weights": (("60+", 1.0), ("60+", 2.0))}, "只出现一次"),
        ({"candidates": "anywhere"}, "候选点「anywhere」"),
        ({"candidates": ()}, "0 个点"),
        ({"candidates": ((200.0, 0.0),)}, "经度「200.0」"),
        ({"existing": "some"}, "现有设施「some」"),
        ({"existing": "none", "inclusive": True}, "上级设施"),
        ({"existing_capacity": 3.0}, "现有设施容量"),
        ({"capacity": 3.0, "weights": (("60+", 2.0),)}, "0 或 1"),
        ({"capacity": 3.0, "also": (("nursery",),)}, "综合体"),
        ({"existing": "free", "also": (("nursery",),)}, "综合体"),
        ({"default_cost_wan": 3.0}, "默认费用"),
        ({"required": ("w",), "forbidden": ("w",)}, "请二者取一"),
        ({"quotas": ((WEST, 3, 2),)}, "下限不大于上限"),
        ({"quotas": ((WEST, 1), (WEST, 2))}, "只出现一次"),
        ({"beside": ("pharmacy",)}, "毗邻"),
        ({"apart_m": -1.0}, "最小间距"),
        ({"thin_m": 100.0}, "路口间距"),
    ],
)
def test_what_contradicts_itself_is_refused(choices: dict[str, Any], words: str) -> None:
    with pytest.raises(GeodataError) as error:
        Ask(**{"model": "mclp", "element": CARE, "count": 1, **choices})
    assert words in str(error.value)


def test_a_question_comes_back_from_plain_values() -> None:
    full = ask(
        weights="priority", within=WEST, candidates=(spot(0, 0, "甲", 3.0),), existing="fixed", required=("p1",),
        capacity=None, min_area_m2="standard", apart_m=10.0, quotas=((WEST, 1),), beside=("pharmacy", 5000.0),
        budget_wan=3.0, default_cost_wan=1.0, goal_gap=0.5, seed=4,
    )  # fmt: skip
    assert Ask.from_dict(json.loads(json.dumps(full.to_dict()))) == full
    assert set(ask().to_dict()) == {"model", "element", "count", "minutes"}
    with pytest.raises(GeodataError, match="选址设置没有「colour」"):
        Ask.from_dict({"model": "mclp", "element": CARE, "count": 1, "colour": "red"})
    with pytest.raises(GeodataError, match="缺少服务要素"):
        Ask.from_dict({"model": "mclp", "count": 1})
    assert {one.name for one in fields(Ask)} >= set(full.to_dict())
