"""Measures on the network against facilities: bounded searches equal the full computation, hand numbers, options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.assemble import assemble_city
from geodata.city import City
from geodata.edits import AddFacility, AddWay, ChangeFacility, CloseGate, Edit, OpenGate
from geodata.errors import GeodataError, RefusedData, Stopped
from geodata.scenario import Scenario
from layers.scenario import applied
from layers.sheets import Column
from layers.siting.ask import Ask
from layers.siting.confirmed import yardstick
from layers.siting.measure_words import CHOICE_COLUMNS, MEASURE_COLUMNS, choice_table
from layers.siting.measures import Measures, measures
from layers.siting.offered import given_offers
from layers.siting.offers import FACILITY, Offer, Trials, trials
from layers.siting.people import claims
from layers.siting.proposed import gates, ways
from layers.siting.ripple import Additions, Ripple
from layers.siting.steps import Watch
from layers.siting.unit_costs import UNIT_COSTS_FILE, read_unit_costs, unit_costs
from layers.star import backward_star
from layers.tree import NANO, shortest_tree
from tests.banks import RAIL, RIVER, with_lines
from tests.siting_city import siting_city
from tests.small_city import GATE, layer_frame, placed, small_frames, small_version

PARK = Ask(model="mclp", element="park_green", minutes=5, budget_wan=1000)
SPOTS = ((112.7545, 37.6945, "东边", 30.0), (112.752, 37.691, "西边", 50.0))


@pytest.fixture(scope="module")
def banks() -> City:
    return with_lines(RIVER)


@pytest.fixture(scope="module")
def found(banks: City) -> Measures:
    return measures(banks, PARK.but(candidates=SPOTS), confirm=1)


def degrees(*places: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    return tuple((point.x, point.y) for point in placed([shapely.Point(place) for place in places]))


def by_hand(city: City, ask: Ask, *edits: Edit) -> float:
    """People gained by edits, the city computed anew in full."""
    now = city.scenario or Scenario("试", city.version)
    weight, key = claims(city, ask), ask.element
    full = yardstick(
        city, city, element=key, walker=ask.who(), minutes=ask.minutes, inclusive=ask.inclusive, weight=weight
    )
    after = full.reached(applied(city, now.added(*edits)))
    return float(weight[after].sum() - weight[full.reached(city)].sum())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 14))
def test_what_a_bounded_search_changes_is_what_a_search_from_scratch_changes(seed: int, count: int) -> None:
    """Random streets and people, additions of arcs and facilities: one by one, and one on top of another."""
    draw = np.random.default_rng(seed)
    edges = draw.integers(0, count, (2, 2 * count)).astype(np.int32)
    seconds = draw.integers(1, 60, 2 * count).astype(np.float64), draw.integers(1, 60, 2 * count).astype(np.float64)
    rank = np.arange(count, dtype=np.int32)
    star, limit = backward_star((edges[0], edges[1]), seconds, rank), 60.0
    arcs, trials = 6, 4
    owner = np.sort(draw.integers(0, trials, arcs))
    tail, head = draw.integers(0, count, (2, arcs)).astype(np.int32)
    time, seeds = draw.integers(0, 30, arcs).astype(np.float64), draw.integers(0, count, 1).astype(np.int32)
    ptr = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=trials))])
    # the last trial has a facility of its own besides
    additions = Additions(ptr, tail, head, (time * NANO).astype(np.int64), np.array([0, 0, 0, 0, 1]), seeds)
    people = draw.integers(0, 9, (count, 2)).astype(np.float64)
    stand = draw.integers(0, count, 1).astype(np.int32)

    def scratch(chosen: tuple[int, ...]) -> np.ndarray:
        some = np.isin(owner, chosen)
        far = np.full(int(some.sum()), np.inf)
        ends = np.r_[edges[0], head[some]], np.r_[edges[1], tail[some]]
        all_ = backward_star(ends, (np.r_[seconds[0], time[some]], np.r_[seconds[1], far]), rank)
        places = np.r_[stand, seeds] if 3 in chosen else stand
        return shortest_tree(all_, (places, np.zeros(len(places)), np.arange(len(places))), limit_s=limit).nanos

    base = scratch(())
    ripple = Ripple(star, base, additions, weight=people, limit=int(limit * NANO))
    chosen: tuple[int, ...] = ()
    for trial in draw.permutation(trials).tolist():
        gains, _, _ = ripple.tried(np.arange(trials))
        before = scratch(chosen)
        for other in range(trials):
            new = (before > limit * NANO) & (scratch((*chosen, other)) <= limit * NANO)
            assert gains[other].tolist() == people[new].sum(axis=0).tolist()
        assert (np.minimum(ripple.labels, 2**62) == np.minimum(before, 2**62)).all()
        chosen = (*chosen, trial)
        reached, touched = ripple.put(trial)
        now = scratch(chosen)
        assert sorted(reached.tolist()) == np.flatnonzero((before > limit * NANO) & (now <= limit * NANO)).tolist()
        assert set(np.flatnonzero(before != now).tolist()) <= set(touched.tolist())
        assert (ripple.labels == now).all()
    ripple.begin()
    assert (ripple.labels == base).all()


def test_the_gate_and_the_crossing_gain_whom_they_gain_on_paper(found: Measures) -> None:
    """Park within 5 minutes (360 m): c4 (400) through the gate, c6 (600) over the river."""
    assert found.before == 500  # c5, by the stairs
    ranking = found.ranking.set_index("id")
    assert ranking.loc["gate-1", "gained"] == 400
    assert ranking.loc["gate-1", "nominal"] == 400  # c4 lies within the radius of D
    assert ranking.loc["gate-1", "per_wan"] == 200  # 2 万元 in the table
    over = ranking[ranking["kind"] == "crossing_river"]
    assert over["gained"].max() == 600
    assert (over["cost_wan"] >= 40 + 3 * 200).all()  # the streets lie 200 m apart
    assert found.ranking["per_wan"].is_monotonic_decreasing
    assert found.ranking["gained"].min() > 0


@pytest.mark.parametrize(
    "ask",
    [
        PARK,
        PARK.but(minutes=8, walker="older"),
        PARK.but(element="elderly_day_care", minutes=10, walker="wheelchair"),
        PARK.but(element="pharmacy", weights=(("60+", 2.0),)),
        PARK.but(element="convenience_store", minutes=15, within="140702001002"),
    ],
    ids=["park", "older", "wheelchair", "weights", "island"],
)
def test_every_figure_is_that_of_the_full_computation(ask: Ask) -> None:
    """Everything proposed and given, one by one, against the city computed anew."""
    city = with_lines(RIVER, RAIL)
    own: list[Edit] = [
        AddWay(way="path", line=degrees((420, 395), (420, 5)), cost_wan=1),  # between the street of c2 and that of c4
        AddWay(way="stairs", line=degrees((300, 200), (600, 210), (905, 200)), cost_wan=1),  # across the middle lane
        AddWay(way="crossing", line=degrees((880, -210), (870, 10)), cost_wan=1),
        AddFacility(element=ask.element, lon=SPOTS[0][0], lat=SPOTS[0][1], cost_wan=1),
        AddWay(way="path", line=degrees((903, 397), (1205, 600)), cost_wan=1),  # to the island
    ]
    found = measures(city, ask.but(candidates=SPOTS), given=own, confirm=0)
    assert set(found.ranking["id"]) >= {f"given-{place}" for place in range(1, 6)}
    assert (found.ranking["gained"] > 0).any()
    assert not found.ranking["confirmed"].any()
    for offer, gained in zip(found.offers, found.ranking["gained"], strict=True):
        assert by_hand(city, ask, offer.edit) == gained, offer.id
    assert found.mixed is not None
    if found.mixed.offers:
        assert by_hand(city, ask, *found.edits()) == found.mixed.gain


def random_town(draw: np.random.Generator) -> City:
    """Streets of a lattice with gaps, slopes and stairs, closed gates on them, a river across it, people anywhere."""
    frames, side, count = small_frames(), 90.0, 9
    lines, words = [], []
    for i in range(count):
        for j in range(count):
            for k, m in ((i + 1, j), (i, j + 1)):
                if k < count and m < count and draw.random() < 0.55:
                    middle = (side * (i + k) / 2 + draw.uniform(-9, 9), side * (j + m) / 2 + draw.uniform(-9, 9))
                    lines.append(shapely.LineString([(side * i, side * j), middle, (side * k, side * m)]))
                    words.append("steps" if draw.random() < 0.1 else "residential")
    flat = [line for line, word in zip(lines, words, strict=True) if word != "steps"]
    shut = [line.coords[1] for line in flat if draw.random() < 0.08]
    river = shapely.LineString([(-50, side * 2.5), (side * count, side * 3.4)])
    total = len(lines) + len(shut)
    rise = [draw.uniform(-8, 8) if draw.random() < 0.5 else float("nan") for _ in lines]
    roads = layer_frame(
        "roads",
        {
            "id": [f"r{number}" for number in range(total + 1)],
            "highway": [*words, *([""] * (len(shut) + 1))],
            "barrier": [*([""] * len(lines)), *(["gate"] * len(shut)), "river"],
            "access": [*([""] * len(lines)), *(["private"] * len(shut)), ""],
            "rise_m": [*rise, *([float("nan")] * (len(shut) + 1))],
        },
        [*lines, *map(shapely.Point, shut), river],
    )
    places = draw.uniform(-20, side * (count - 1) + 20, (60, 2))
    tens = draw.integers(1, 60, 60).astype(np.float64)
    people = {"id": [f"c{n}" for n in range(60)], "population": tens * 10, "age_0_6": tens, "age_60_plus": 2 * tens}
    stand = draw.uniform(0, side * (count - 1), (3, 2))
    facilities = {"id": list("xyz"), "element": ["pharmacy"] * 3, "status": ["open"] * 3}
    units = frames["units"].set_geometry(placed([shapely.box(-100, -100, 900, 900)] * len(frames["units"])))
    return assemble_city(
        small_version(
            {
                "units": units,
                "roads": roads,
                "population": layer_frame("population", people, list(map(shapely.Point, places))),
                "facilities": layer_frame("facilities", facilities, list(map(shapely.Point, stand))),
            }
        )
    )


@pytest.mark.parametrize("seed", range(5))
def test_in_random_towns_every_figure_is_that_of_the_full_computation(seed: int) -> None:
    """Slopes, stairs, gates, a river; some of what is proposed, ways drawn anyhow, and all of a choice together."""
    draw = np.random.default_rng(seed)
    city, who = random_town(draw), ("adult", "older", "wheelchair", "child", "pram")[seed]
    own: list[Edit] = [
        AddWay(way=way, line=degrees(*map(tuple, draw.uniform(0, 700, (3, 2)))), cost_wan=float(draw.integers(1, 9)))
        for way in ("crossing", "crossing", "path", "stairs")
    ]
    own = [one for one in own if fits(city, one)]
    ask = Ask(model="mclp", element="pharmacy", minutes=6.0, walker=who, budget_wan=60)
    weight, table, every = claims(city, ask), unit_costs(), np.arange(3)

    def laid(offers: Sequence[Offer]) -> Trials:
        return trials(city, ask.who(), offers, facilities=every, weight=weight[:, None], minutes=ask.minutes)

    looked_for = ways(city, ask.who(), laid([]), table, weight=weight, minutes=ask.minutes, watch=Watch())
    offers = [*given_offers(city, own, table), *gates(city, table), *looked_for]
    gains = laid(offers).ripple.gains(np.arange(len(offers)), Watch())[:, 0]
    assert len(looked_for) > 3
    assert (gains[-len(looked_for) :] > 0).mean() > 0.9  # nearly all that are proposed help
    picked = [*range(len(own)), *draw.integers(len(own), len(offers), 8).tolist(), int(gains.argmax())]
    for row in dict.fromkeys(picked):
        assert by_hand(city, ask, offers[row].edit) == gains[row], offers[row]
    mixed = measures(city, ask, confirm=0).mixed
    assert mixed is not None
    # ways that cross each other meet, which the search leaves to the full computation: more may be gained, never less
    assert by_hand(city, ask, *(one.edit for one in mixed.offers)) >= mixed.gain > 0


def fits(city: City, edit: Edit) -> bool:
    """Whether an edit drawn anyhow can be put into the city."""
    try:
        applied(city, Scenario("试", city.version, edits=(edit,)))
    except GeodataError:
        return False
    return True


def test_the_choice_for_a_budget_is_that_of_greed_computed_anew_at_every_step(banks: City) -> None:
    ask = PARK.but(budget_wan=60, candidates=SPOTS)
    found = measures(banks, ask, confirm=0)
    left, chosen, gained = 60.0, [], []
    while True:
        rest = [one for one in found.offers if one not in chosen and one.cost_wan <= left]
        now = by_hand(banks, ask, *(one.edit for one in chosen)) if chosen else 0.0
        gains = [by_hand(banks, ask, *(one.edit for one in (*chosen, other))) - now for other in rest]
        if not rest or max(gains) <= 0:
            break
        best = max(range(len(rest)), key=lambda i: (gains[i] / rest[i].cost_wan, gains[i]))
        chosen.append(rest[best])
        gained.append(gains[best])
        left -= rest[best].cost_wan
    assert found.mixed is not None
    assert [one.id for one in found.mixed.offers] == [one.id for one in chosen]
    assert found.mixed.gains.tolist() == gained
    assert found.mixed.cost_wan == pytest.approx(60 - left)


def test_more_money_gains_no_fewer_and_one_kind_alone_no_more_than_its_own(banks: City) -> None:
    gains = []
    for budget in (0, 2, 40, 1000):
        found = measures(banks, PARK.but(budget_wan=budget, candidates=SPOTS), confirm=0)
        assert found.mixed is not None and found.facilities_only is not None and found.measures_only is not None
        assert all(one.kind == FACILITY for one in found.facilities_only.offers)
        assert all(one.kind != FACILITY for one in found.measures_only.offers)
        assert found.mixed.cost_wan <= budget
        gains.append(found.mixed.gain)
    assert gains == sorted(gains)
    assert gains[0] == 0 and gains[1] == 400


def test_a_number_of_facilities_limits_the_choice(banks: City) -> None:
    none = measures(banks, PARK.but(count=0, candidates=SPOTS), confirm=0)
    assert none.mixed is not None
    assert not [one for one in none.mixed.offers if one.kind == FACILITY]
    some = measures(banks, PARK.but(candidates=SPOTS), confirm=0)
    assert some.mixed is not None
    assert [one for one in some.mixed.offers if one.kind == FACILITY]


def test_the_best_are_computed_in_full_and_the_words_say_so(found: Measures) -> None:
    assert found.ranking["confirmed"].tolist() == [True] + [False] * (len(found.ranking) - 1)
    assert found.mixed is not None
    assert found.mixed_gain == found.mixed.gain
    text = "".join(found.sentences)
    assert "已按完整重算确认" in text
    assert "有界搜索的结果，未作完整重算" in text
    assert "未经核实的占位值" in text


def test_what_does_not_fit_the_city_loses_its_place_and_says_why(banks: City) -> None:
    through = AddWay(way="path", line=degrees((880, -200), (870, 0)), cost_wan=0.5, name="穿河小路")
    found = measures(banks, PARK, given=[through], confirm=2)
    row = found.ranking.set_index("id").loc["given-1"]
    assert "不能穿越障碍" in row["refused"]
    assert row["gained"] == 0 and row["per_wan"] == 0
    assert found.ranking["confirmed"].sum() == 2  # the next best ones are computed instead


def test_costs_come_from_the_table_unless_the_planner_states_them(banks: City) -> None:
    dear = {**unit_costs(), "gate": replace(unit_costs()["gate"], fixed_wan=800.0)}
    gate = OpenGate(lon=degrees(GATE)[0][0], lat=degrees(GATE)[0][1], cost_wan=1.25)
    found = measures(banks, PARK, given=[gate], costs=dear, confirm=0).ranking.set_index("id")
    assert found.loc["gate-1", ["cost_wan", "cost_status"]].tolist() == [800, "unverified"]
    assert found.loc["given-1", ["cost_wan", "cost_status"]].tolist() == [1.25, "planner"]
    assert found.loc["given-1", "per_wan"] == 320
    free = measures(banks, PARK, given=[replace(gate, cost_wan=0.0)], confirm=0).ranking
    assert free.loc[0, "id"] == "given-1"
    assert np.isinf(free.loc[0, "per_wan"])
    no_gates = {key: one for key, one in unit_costs().items() if key != "gate"}
    assert "gate" not in set(measures(banks, PARK, costs=no_gates, confirm=0).ranking["kind"])
    with pytest.raises(GeodataError, match="没有费用"):
        measures(banks, PARK, given=[replace(gate, cost_wan=None)], costs=no_gates)


def test_a_longer_way_than_the_table_allows_is_not_proposed(banks: City) -> None:
    short = {key: replace(one, longest_m=min(one.longest_m, 150.0)) for key, one in unit_costs().items()}
    kinds = set(measures(banks, PARK, costs=short, confirm=0).ranking["kind"])
    assert "crossing_river" not in kinds  # its banks lie 200 m apart
    assert "crossing_river" in set(measures(banks, PARK, confirm=0).ranking["kind"])


def test_under_a_scenario_measures_come_on_top_and_need_the_base_to_be_confirmed(banks: City) -> None:
    shut = CloseGate(lon=degrees((300, 200))[0][0], lat=degrees((300, 200))[0][1])
    under = applied(banks, Scenario("封路", banks.version, edits=(shut,)))
    ask = PARK.but(element="pharmacy", minutes=10)
    found = measures(under, ask, base=banks, confirm=2)
    assert len(found.ranking) > 1
    assert found.ranking["confirmed"].any()
    assert (found.ranking["gained"] == found.ranking["searched"]).all()
    alone = measures(under, ask, confirm=2)
    assert not alone.ranking["confirmed"].any()
    assert np.isnan(alone.mixed_gain)


def test_rules_that_measures_cannot_keep_are_refused(banks: City) -> None:
    for ask, words in (
        (PARK.but(model="pmedian"), "覆盖最多人口"),
        (PARK.but(existing="none"), "现有设施为准"),
        (PARK.but(apart_m=100), "最小间距"),
        (PARK.but(required=("p1",)), "必选点"),
        (PARK.but(quotas=(("140702", 0, 1),)), "配额"),
        (PARK.but(capacity=100, existing_capacity=10), "单处容量"),
    ):
        with pytest.raises(GeodataError, match=words):
            measures(banks, ask)
    with pytest.raises(GeodataError, match="不能计入"):
        measures(banks, PARK, given=[ChangeFacility(id="A", element="pharmacy", capacity=3)])


def test_forbidden_and_costless_candidates_are_left_out_and_counted(banks: City) -> None:
    spots = (*SPOTS, (112.7505, 37.6905))
    found = measures(banks, PARK.but(candidates=spots, forbidden=("p1",)), confirm=0)
    assert found.left_out == {"禁选点": 1, "没有费用": 1}
    assert set(found.ranking.loc[found.ranking["kind"] == FACILITY, "id"]) <= {"p2"}
    priced = measures(banks, PARK.but(candidates=spots, default_cost_wan=1), confirm=0)
    assert priced.left_out == {}
    assert "没有费用 1 处" in "".join(found.sentences)


def test_somebody_who_asks_to_stop_is_heard(banks: City) -> None:
    told: list[str] = []
    with pytest.raises(Stopped):
        measures(banks, PARK, tell=lambda step: told.append(step.title), cancelled=lambda: len(told) >= 2)
    assert len(told) == 2


def test_nobody_to_gain_makes_an_empty_ranking(small: City) -> None:
    found = measures(small, PARK.but(minutes=60, within="140702001001"))
    assert found.ranking.empty
    assert found.mixed is not None and found.mixed.offers == ()
    assert "没有找到" in "".join(found.sentences)


def test_an_element_that_nobody_has_yet_gains_by_facilities_alone() -> None:
    """No kindergarten anywhere: no way leads to one, but each place serves whom it serves on paper (see the city)."""
    city = siting_city()
    found = measures(city, PARK.but(element="kindergarten"), confirm=1)
    assert found.before == 0
    assert found.ranking.set_index("id")["gained"].to_dict() == {"w": 900, "i": 700, "s": 600}
    assert found.left_out == {"没有费用": 1}
    assert "路网措施中没有能新增可达人口的" in "".join(found.sentences)
    roadless = assemble_city(small_version({key: one for key, one in small_frames().items() if key != "roads"}))
    assert measures(roadless, PARK).ranking.empty


def test_columns_are_those_of_the_tables(found: Measures) -> None:
    assert {one.key for one in MEASURE_COLUMNS} <= set(found.ranking)
    assert found.mixed is not None
    table = choice_table(found.mixed)
    assert {one.key for one in CHOICE_COLUMNS} <= set(table)
    assert table["total"].iloc[-1] == found.mixed.gain
    assert all(isinstance(one, Column) and one.title for one in (*MEASURE_COLUMNS, *CHOICE_COLUMNS))


def test_the_table_of_costs_is_marked_unverified_and_its_faults_are_told_by_line() -> None:
    assert {one.status for one in unit_costs().values()} == {"unverified"}
    text = UNIT_COSTS_FILE.read_text(encoding="utf-8")
    assert read_unit_costs(text) == dict(unit_costs())
    with pytest.raises(RefusedData) as caught:
        read_unit_costs(text.replace("fixed_wan: 2\n", "fixed_wan: -2\n").replace("key: path", "key: gate"))
    words = str(caught.value)
    assert "gate.fixed_wan" in words and "重复的措施「gate」" in words
    for bad in ("measures: []", "x: 1", "measures: 3"):
        with pytest.raises(RefusedData):
            read_unit_costs(bad)


def test_offers_beside_each_other_are_one(found: Measures) -> None:
    ways = found.ranking[~found.ranking["kind"].isin(["gate", FACILITY])]
    for _, some in ways.groupby("kind"):
        xy = np.array(some[["lon", "lat"]]) * [88_000, 111_000]
        for a, b in combinations(xy, 2):
            assert np.hypot(*(a - b)) > 95
