"""The city under a scenario: the same as a version published with the edited layers, for every kind of edit."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.city import City
from geodata.edited import cost_of
from geodata.edits import (
    AddFacility,
    AddPopulation,
    AddWay,
    ChangeFacility,
    CloseFacility,
    CloseGate,
    Edit,
    MoveFacility,
    OpenGate,
    RemoveWay,
    UseSite,
    with_ids,
)
from geodata.errors import GeodataError
from geodata.scenario import Scenario
from geodata.walkers import walkers
from layers.scenario import applied, costs, standing
from layers.travel import minutes
from tests.edited_town import Frames, at, degrees, facilities_by_hand, line, plan, published, town, town_frames
from tests.small_city import GATE, STREETS, layer_frame

ELEMENTS = ("pharmacy", "elderly_day_care", "park_green", "convenience_store")
PLACES = ((100.0, 5.0), (450.0, -8.0), (610.0, 300.0), (880.0, 395.0), (400.0, -190.0), (1220.0, 605.0), (300.0, 900.0))
TICK_MIN = 2e-5


def times(city: City) -> np.ndarray:
    """Minutes of every cell, element and walker."""
    return np.stack([minutes(city, walker, ELEMENTS) for walker in walkers()])


def same_facilities(made: City, wanted: City) -> None:
    """Facilities, their ties and every walk are equal, bit for bit."""
    pd.testing.assert_frame_equal(made.facilities, wanted.facilities, check_exact=True)
    for name in ("edge", "offset_m", "access_m"):
        np.testing.assert_array_equal(getattr(made.facility_ties, name), getattr(wanted.facility_ties, name))
        np.testing.assert_array_equal(getattr(made.cell_ties, name), getattr(wanted.cell_ties, name))
    np.testing.assert_array_equal(times(made), times(wanted))


# ---- facilities and sites --------------------------------------------------------------------------------------------

FACILITY_EDITS: dict[str, tuple[Edit, ...]] = {
    "add": (AddFacility(element="pharmacy", **at((880, -195)), name="新", floor_area_m2=80, capacity=3, id="n"),),
    "add planned": (AddFacility(element="pharmacy", **at((880, -195)), status="planned", id="n"),),
    "add far away": (AddFacility(element="pharmacy", **at((300, 1200)), id="n"),),
    "move": (MoveFacility(id="A", element="pharmacy", **at((100, 20))),),
    "close": (CloseFacility(id="C", element="elderly_day_care"),),
    "change": (ChangeFacility(id="B", element="pharmacy", capacity=0, floor_area_m2=12.5),),
    "use a site in part": (UseSite(site="S1", element="pharmacy", floor_area_m2=150, capacity=9, id="n", name="新"),),
    "use up a site": tuple(UseSite(site="S1", element="pharmacy", floor_area_m2=200, id=f"n{i}") for i in range(2)),
    "use up a site in thirds": tuple(
        UseSite(site="S1", element="pharmacy", floor_area_m2=400 / 3 + 1e-12, id=f"n{i}") for i in range(3)
    ),
    "use a site of unknown area": (UseSite(site="S2", element="park_green", floor_area_m2=1000, id="n"),),
    "add, move, change, close again": (
        AddFacility(element="pharmacy", **at((880, -195)), id="n"),
        AddFacility(element="park_green", **at((880, -195)), id="n"),
        MoveFacility(id="n", element="pharmacy", **at((10, -195))),
        ChangeFacility(id="n", element="pharmacy", capacity=7),
        CloseFacility(id="n", element="park_green"),
    ),
}


@pytest.mark.parametrize("edits", FACILITY_EDITS.values(), ids=FACILITY_EDITS.keys())
def test_edits_of_facilities_equal_a_version_published_with_them(edits: tuple[Edit, ...]) -> None:
    made = applied(town(), plan(*edits))
    by_hand = facilities_by_hand(town_frames(), edits)
    if any(isinstance(edit, CloseFacility) and edit.id == "n" for edit in edits):
        rows = by_hand["facilities"]
        by_hand["facilities"] = rows[rows["status"] != "closed"].reset_index(drop=True)
    wanted = published(by_hand)
    same_facilities(made, wanted)
    pd.testing.assert_frame_equal(
        made.sites.drop(columns="geometry"), wanted.sites.drop(columns="geometry"), check_exact=True
    )
    assert made.network is town().network and made.cells is town().cells
    assert made.report["facilities"]["kept"] == len(wanted.facilities)


@st.composite
def facility_edits(draw: st.DrawFn) -> tuple[Edit, ...]:
    """Some edits of facilities that fit one after another."""
    alive = {("A", "pharmacy"), ("B", "pharmacy"), ("C", "elderly_day_care"), ("D", "park_green"), ("E", "park_green")}
    left = 400.0
    made: list[Edit] = []
    for number in range(draw(st.integers(1, 8))):
        kinds = ["add", "use"] + ["move", "close", "change"] * bool(alive)
        kind, element = draw(st.sampled_from(kinds)), draw(st.sampled_from(ELEMENTS))
        place, size = at(draw(st.sampled_from(PLACES))), float(draw(st.integers(1, 90)))
        one, of = draw(st.sampled_from(sorted(alive))) if alive else ("", "")
        if kind == "add":
            made.append(AddFacility(element=element, **place, id=f"n{number}", capacity=size))
            alive.add((f"n{number}", element))
        elif kind == "use" and left > size:
            made.append(UseSite(site="S1", element=element, floor_area_m2=size, id=f"n{number}"))
            left -= size
            alive.add((f"n{number}", element))
        elif kind == "move":
            made.append(MoveFacility(id=one, element=of, **place))
        elif kind == "change":
            made.append(ChangeFacility(id=one, element=of, floor_area_m2=size))
        elif kind == "close":
            made.append(CloseFacility(id=one, element=of))
            alive.discard((one, of))
    return tuple(made)


@settings(max_examples=10, deadline=None)
@given(facility_edits())
def test_any_edits_of_facilities_equal_a_version_published_with_them(edits: tuple[Edit, ...]) -> None:
    same_facilities(applied(town(), plan(*edits)), published(facilities_by_hand(town_frames(), edits)))


def test_the_base_version_stays_as_it_is() -> None:
    before = (town().facilities.copy(), town().cells.copy(), town().units.copy(), times(town()))
    estate = AddPopulation(**at((100, 50)), dwellings=40, household_size=3)
    edits = (FACILITY_EDITS[key][0] for key in ("add", "move", "change", "close"))
    made = applied(town(), plan(*edits, estate, OpenGate(**at(GATE))))
    assert len(made.cells) == len(town().cells) + 1
    for held, now in zip(before[:3], (town().facilities, town().cells, town().units), strict=True):
        pd.testing.assert_frame_equal(held, now)
    np.testing.assert_array_equal(before[3], times(town()))


def test_a_site_costs_its_share_unless_a_cost_is_said() -> None:
    share = UseSite(site="S1", element="pharmacy", floor_area_m2=100)
    assert cost_of(town(), share) == 20.0
    assert cost_of(town(), UseSite(site="S1", element="pharmacy", floor_area_m2=100, cost_wan=3)) == 3.0
    assert cost_of(town(), UseSite(site="S2", element="pharmacy", floor_area_m2=100)) is None
    assert cost_of(town(), CloseFacility(id="A", element="pharmacy")) is None
    known = OpenGate(**at(GATE), cost_wan=5)
    assert costs(town(), plan(share, known, CloseFacility(id="A", element="pharmacy"))) == (25.0, 1)


# ---- streets, each written by hand -----------------------------------------------------------------------------------


def roads_by_hand(changed: dict[str, list[list[tuple[float, float]]]], *, gates: list[tuple[float, float]]) -> Frames:
    """The layers with other lines for some streets (none takes one away), new ones, and these gates only."""
    lines = {name: [list(shape)] for name, _, shape in STREETS} | changed
    kind = {name: highway for name, highway, _ in STREETS}
    names = list(lines)
    shapes = [shapely.MultiLineString(lines[name]) for name in names]
    columns = {
        "id": [*names, *("gate" for _ in gates)],
        "highway": [*(kind.get(name, "steps" if "stairs" in name else "path") for name in names), *("" for _ in gates)],
        "barrier": [*("" for _ in names), *("gate" for _ in gates)],
        "access": [*("" for _ in names), *("private" for _ in gates)],
    }
    return {**town_frames(), "roads": layer_frame("roads", columns, [*shapes, *map(shapely.Point, gates)])}


MAIN_WITHOUT_MIDDLE = [[(0, 0), (300, 0)], [(600, 0), (900, 0)]]
STREET_EDITS: dict[str, tuple[tuple[Edit, ...], Frames]] = {
    "open the gate": ((OpenGate(**at((455, 405))),), roads_by_hand({}, gates=[])),
    "shut a street": (
        (CloseGate(**at((305, 200))),),
        roads_by_hand({"west lane": [[(300, 0), (300, 200), (300, 400)]]}, gates=[GATE, (300, 200)]),
    ),
    "shut and open again": ((CloseGate(**at((305, 200))), OpenGate(**at((301, 201)))), roads_by_hand({}, gates=[GATE])),
    "move the gate": (
        (OpenGate(**at(GATE)), CloseGate(**at((340, 401)))),
        roads_by_hand({"compound lane": [[(300, 400), (340, 400), (450, 400), (600, 400)]]}, gates=[(340, 400)]),
    ),
    "take a street away": ((RemoveWay(**at((605, 100))),), roads_by_hand({"middle lane": []}, gates=[GATE])),
    "take a piece away": (
        (RemoveWay(**at((440, 3))),), roads_by_hand({"main": MAIN_WITHOUT_MIDDLE}, gates=[GATE])
    ),
    "add a path": (
        (AddWay(way="path", line=line((500, 0), (500, 200), (590, 200))),),
        roads_by_hand(
            {
                "main": [[(0, 0), (300, 0), (500, 0), (600, 0), (900, 0)]],
                "middle lane": [[(600, 0), (600, 200), (600, 400)]],
                "new": [[(500, 0), (500, 200), (590, 200), (600, 200)]],
            },
            gates=[GATE],
        ),
    ),
    "add stairs": (
        (AddWay(way="stairs", line=line((885, -195), (885, -5))),),
        roads_by_hand(
            {
                "main": [[(0, 0), (300, 0), (600, 0), (885, 0), (900, 0)]],
                "south bank": [[(0, -200), (885, -200), (900, -200)]],
                "new stairs": [[(885, -200), (885, -195), (885, -5), (885, 0)]],
            },
            gates=[GATE],
        ),
    ),
    "a path meets what it crosses": (
        (AddWay(way="path", line=line((450, -200), (450, 0), (450, 200), (700, 200))),),
        roads_by_hand(
            {
                "south bank": [[(0, -200), (450, -200), (900, -200)]],
                "main": [[(0, 0), (300, 0), (450, 0), (600, 0), (900, 0)]],
                "middle lane": [[(600, 0), (600, 200), (600, 400)]],
                "new": [[(450, -200), (450, 0), (450, 200), (600, 200), (700, 200)]],
            },
            gates=[GATE],
        ),
    ),
    "a crossing leads over": (
        (OpenGate(**at(GATE)), AddWay(way="crossing", line=line((450, -200), (470, 395)))),
        roads_by_hand(
            {
                "south bank": [[(0, -200), (450, -200), (900, -200)]],
                "compound lane": [[(300, 400), (450, 400), (470, 400), (600, 400)]],
                "new": [[(450, -200), (470, 395), (470, 400)]],
            },
            gates=[],
        ),
    ),
    "a path below a crossing, whichever comes first": (
        (
            AddWay(way="crossing", line=line((450, -200), (450, 300))),
            AddWay(way="path", line=line((300, 200), (600, 200))),
        ),
        roads_by_hand(
            {
                "south bank": [[(0, -200), (450, -200), (900, -200)]],
                "west lane": [[(300, 0), (300, 200), (300, 400)]],
                "middle lane": [[(600, 0), (600, 200), (600, 400)]],
                "new": [[(450, -200), (450, 300)]],
                "newer": [[(300, 200), (600, 200)]],
            },
            gates=[GATE],
        ),
    ),
}  # fmt: skip


def lines_of(city: City) -> list[bytes]:
    """The edges, each as its line to the centimetre, in whatever direction."""
    ptr, xy = city.network.vertex_ptr, city.network.vertex_xy
    lines = [shapely.LineString(xy[a:b]) for a, b in itertools.pairwise(ptr)]
    return sorted(shapely.to_wkb(shapely.normalize(shapely.set_precision(one, 0.01))) for one in lines)


@pytest.mark.parametrize("case", STREET_EDITS.values(), ids=STREET_EDITS.keys())
def test_edits_of_streets_equal_a_version_published_with_them(case: tuple[tuple[Edit, ...], Frames]) -> None:
    edits, frames = case
    made, wanted = applied(town(), plan(*edits)), published(frames)
    assert lines_of(made) == lines_of(wanted)
    assert made.network.component.max() == wanted.network.component.max()
    assert int(made.network.is_stairs.sum()) == int(wanted.network.is_stairs.sum())
    np.testing.assert_allclose(times(made), times(wanted), rtol=0, atol=TICK_MIN)
    assert made.report["network"]["edges"] == wanted.network.edge_count
    if edits != STREET_EDITS["shut and open again"][0]:
        assert not np.array_equal(lines_of(made), lines_of(town())) or not np.array_equal(times(made), times(town()))


def test_the_order_of_a_path_and_a_crossing_does_not_matter() -> None:
    edits, _ = STREET_EDITS["a path below a crossing, whichever comes first"]
    there, back = (applied(town(), plan(*some)) for some in (edits, edits[::-1]))
    assert lines_of(there) == lines_of(back)
    np.testing.assert_allclose(times(there), times(back), rtol=0, atol=TICK_MIN)


def test_a_new_way_never_lengthens_a_walk_even_beside_a_cell() -> None:
    """A dead end of 10 m beside c2 is nearer than its street: from scratch c2 would be tied to it, and walk on."""
    edits = (AddWay(way="path", line=line((400, 0), (400, 9))), AddWay(way="path", line=line((402, 9), (401, 9.5))))
    for some in (edits[:1], edits):
        made = applied(town(), plan(*some))
        assert (times(made) <= times(town()) + TICK_MIN).all()


def test_what_is_left_of_a_street_keeps_its_slope() -> None:
    frames = town_frames()
    rise = np.where(frames["roads"]["id"] == "main", 45.0, np.nan)
    base = published({**frames, "roads": frames["roads"].assign(rise_m=rise)})
    made = applied(base, Scenario("坡", base.version, edits=(RemoveWay(**at((450, 0))),)))
    here = made.network.road == 0
    slope = made.network.rise_m[here] / made.network.length_m[here]
    np.testing.assert_allclose(slope, 0.05, rtol=1e-6)
    assert here.sum() == 2


def test_a_layer_of_an_earlier_release_without_later_columns_can_be_edited() -> None:
    frames = town_frames()
    bare = {
        **frames,
        "roads": frames["roads"][["id", "highway", "barrier", "access", "geometry"]],
        "sites": frames["sites"][["id", "kind", "geometry"]],
    }
    base = published(bare)
    edits = (
        OpenGate(**at(GATE)),
        *STREET_EDITS["add a path"][0],
        UseSite(site="S1", element="pharmacy", floor_area_m2=1),
    )
    made = applied(base, Scenario("旧", base.version, edits=edits))
    wanted = applied(town(), plan(*edits))
    np.testing.assert_array_equal(times(made), times(wanted))
    assert cost_of(base, edits[-1]) is None


# ---- people ----------------------------------------------------------------------------------------------------------


def counted_frames() -> Frames:
    """The town with census counts for its communities, and for nothing above them."""
    frames = town_frames()
    counts = {"population": [np.nan, np.nan, 1200.0, 1500.0], "households": [np.nan, 900.0, 400.0, 500.0]}
    counts |= {"age_60_plus": [np.nan, np.nan, 300.0, np.nan], "age_80_plus": [np.nan, np.nan, 30.0, np.nan]}
    counts |= {"age_60_64": [np.nan, np.nan, 100.0, np.nan], "age_15_59": [np.nan, np.nan, 600.0, np.nan]}
    return {**frames, "units": frames["units"].assign(**counts)}


def test_an_estate_is_a_cell_whose_walks_are_those_of_a_version_published_with_it() -> None:
    ages = {"age_0_6": 0.2, "age_60_plus": 0.1, "age_80_plus": 0.02}
    estate = AddPopulation(**at((610, 200)), dwellings=100, household_size=2.5, ages=ages, id="e1", name="新苑")
    made = applied(town(), plan(estate))
    frames = town_frames()
    row = layer_frame(
        "population",
        {"id": ["e1"], "population": [250.0], "age_0_6": [50.0], "age_60_plus": [25.0], "age_80_plus": [5.0]},
        [shapely.Point(0, 0)],
    ).set_geometry(gpd.GeoSeries([shapely.Point(estate.lon, estate.lat)], crs=4326))
    people = gpd.GeoDataFrame(pd.concat([frames["population"], row], ignore_index=True), crs=4326)
    wanted = published({**frames, "population": people})
    pd.testing.assert_frame_equal(made.cells, wanted.cells, check_exact=True)
    same_facilities(made, wanted)
    assert made.report["cells"]["people"] == town().cells["population"].sum() + 250
    assert made.report["cells"]["count"] == len(town().cells) + 1


def test_an_estate_comes_on_top_of_the_census_in_all_units_around_it() -> None:
    base = published(counted_frames())
    estate = AddPopulation(**at((100, 50)), dwellings=40, household_size=3, ages={"age_60_plus": 0.5}, id="e1")
    made = applied(base, Scenario("新区", base.version, edits=(estate,)))
    west, east = "140702001001", "140702001002"
    assert made.cells.loc[base.cells.index].equals(base.cells)
    own = made.cells.loc["e1"]
    assert (own["population"], own["age_60_plus"], own["community"]) == (120.0, 60.0, west)
    assert own["age_80_plus"] == pytest.approx(120 * 0.025)
    before, after = base.units, made.units
    assert after.loc[west, "population"] == before.loc[west, "population"] + 120
    assert after.loc[west, "households"] == 440 and after.loc["140702001", "households"] == 940
    assert after.loc[west, "age_60_plus"] == 360 and after.loc[west, "age_15_59"] == 600 * 1.1
    assert np.isnan(after.loc["140702", "population"])
    pd.testing.assert_frame_equal(after.loc[[east]], before.loc[[east]])


def test_an_estate_beside_new_streets_and_facilities_reaches_them() -> None:
    edits = (
        AddWay(way="path", line=line((900, -200), (900, -290))),
        AddPopulation(**at((905, -280)), dwellings=1, household_size=2, id="e1"),
        AddFacility(element="park_green", **at((895, -280)), id="n"),
    )
    made = applied(town(), plan(*edits))
    adult = walkers()[0]
    found = minutes(made, adult, ("park_green",))[list(made.cells.index).index("e1"), 0]
    assert found == pytest.approx((5 + 5) / (adult.speed_m_s * 60), abs=TICK_MIN)


# ---- what does not fit -----------------------------------------------------------------------------------------------

MISFITS: dict[str, tuple[Edit, str]] = {
    "add outside": (AddFacility(element="pharmacy", lon=100, lat=30), "不在小城范围内"),
    "unknown element": (AddFacility(element="飞机场", **at((0, 0))), "没有服务要素「飞机场」"),
    "taken id": (AddFacility(element="pharmacy", **at((0, 0)), id="A"), "已有编号为「A」"),
    "close what is not there": (CloseFacility(id="Z", element="pharmacy"), "没有编号为「Z」"),
    "close what is closed": (CloseFacility(id="shut", element="pharmacy"), "没有编号为「shut」"),
    "close under another element": (CloseFacility(id="A", element="park_green"), "没有编号为「A」"),
    "move outside": (MoveFacility(id="A", element="pharmacy", lon=100, lat=30), "不在小城范围内"),
    "change what is not there": (ChangeFacility(id="Z", element="pharmacy", capacity=1), "没有编号为「Z」"),
    "no site": (UseSite(site="S9", element="pharmacy", floor_area_m2=1), "没有编号为「S9」"),
    "site too small": (UseSite(site="S1", element="pharmacy", floor_area_m2=401), "不足 401 ㎡"),
    "no street to take away": (RemoveWay(**at((100, 100))), "30 米内没有可步行的道路"),
    "no gate to open": (OpenGate(**at((100, 0))), "30 米内路网上没有关闭的门"),
    "shut outside": (CloseGate(lon=100, lat=30), "不在小城范围内"),
    "nothing to shut": (CloseGate(**at((100, 100))), "25 米内没有可步行的道路"),
    "shut what is shut": (CloseGate(**at(GATE)), "已经关闭"),
    "a way far from streets": (AddWay(way="path", line=line((50, 100), (60, 110))), "两端 25 米内都没有"),
    "a way out of the city": (AddWay(way="path", line=((112.75, 37.69), (100.0, 30.0))), "不在小城范围内"),
    "a way onto the gate": (AddWay(way="path", line=line((450, 380), (450, 399))), "落在关闭的门上"),
    "an estate outside": (AddPopulation(lon=100, lat=30, dwellings=1, household_size=1), "不在小城范围内"),
    "an estate of a taken id": (
        AddPopulation(**at((0, 0)), dwellings=1, household_size=1, id="c1"), "已有编号为「c1」"
    ),
    "an unknown age group": (
        AddPopulation(**at((0, 0)), dwellings=1, household_size=1, ages={"age_65_plus": 0.1}), "没有「age_65_plus」"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "told"), MISFITS.values(), ids=MISFITS.keys())
def test_an_edit_that_does_not_fit_is_named_with_the_reason(edit: Edit, told: str) -> None:
    fits = CloseFacility(id="F", element="convenience_store")
    with pytest.raises(GeodataError, match="不能应用") as caught:
        applied(town(), plan(fits, edit))
    (named,) = with_ids((edit,))
    assert named.does(town().catalogue) in str(caught.value) and told in str(caught.value)
    assert fits.does(town().catalogue) not in str(caught.value)


def test_the_second_of_two_edits_that_exclude_each_other_is_named() -> None:
    for edits, told in (
        (
            (CloseFacility(id="A", element="pharmacy"), MoveFacility(id="A", element="pharmacy", **at((0, 0)))),
            "没有编号",
        ),
        ((RemoveWay(**at((605, 100))), RemoveWay(**at((604, 120)))), "已在本方案中取消"),
        (tuple(UseSite(site="S1", element="pharmacy", floor_area_m2=300) for _ in range(2)), "已用 300 ㎡"),
        ((OpenGate(**at(GATE)), OpenGate(**at(GATE))), "没有关闭的门"),
    ):
        with pytest.raises(GeodataError, match="不能应用") as caught:
            applied(town(), plan(*edits))
        assert with_ids(edits)[1].does(town().catalogue) in str(caught.value) and told in str(caught.value)
        applied(town(), plan(edits[0]))


def test_a_way_on_the_ground_crosses_no_barrier_but_a_crossing_does() -> None:
    frames = town_frames()
    river = layer_frame("roads", {"id": ["r"], "barrier": ["river"]}, [shapely.LineString([(-90, -100), (1300, -100)])])
    roads = gpd.GeoDataFrame(pd.concat([frames["roads"], river], ignore_index=True), crs=4326)
    base = published({**frames, "roads": roads})
    over = line((880, -200), (880, 0))
    for way in ("path", "stairs"):
        with pytest.raises(GeodataError, match="穿越河流"):
            applied(base, Scenario("过河", base.version, edits=(AddWay(way=way, line=over),)))
    made = applied(base, Scenario("过河", base.version, edits=(AddWay(way="crossing", line=over),)))
    assert minutes(made, walkers()[0], ("park_green",))[5, 0] < 4 < minutes(base, walkers()[0], ("park_green",))[5, 0]


# ---- which city it is ------------------------------------------------------------------------------------------------


def test_only_edits_in_force_count_and_tell_versions_apart() -> None:
    gate, shut = OpenGate(**at(GATE)), CloseFacility(id="A", element="pharmacy")
    both = plan(gate, shut)
    undone = applied(town(), both.undone())
    same_facilities(undone, applied(town(), plan(gate)))
    assert undone.version == applied(town(), plan(gate, name="另一名称")).version
    assert undone.version != applied(town(), both).version and undone.version.startswith(f"{town().version}-")
    assert (undone.base, undone.scenario.cursor) == (town().version, 1)
    nothing = applied(town(), both.undone(2))
    same_facilities(nothing, town())


def test_a_scenario_is_applied_to_its_own_base_version_only() -> None:
    made = applied(town(), plan(CloseFacility(id="A", element="pharmacy")))
    other = Scenario("别处", "0" * 12)
    for city, scenario in ((made, plan()), (town(), other)):
        with pytest.raises(GeodataError, match="需要在其基准版本上应用"):
            applied(city, scenario)
    assert standing(other, "0" * 12) == ""
    assert "当前没有数据版本" in standing(other, None) and town().version in standing(other, town().version)


def test_a_city_without_roads_has_no_streets_to_edit() -> None:
    frames = town_frames()
    del frames["roads"]
    base = published(frames)
    with pytest.raises(GeodataError, match="没有道路图层"):
        applied(base, Scenario("无路", base.version, edits=(OpenGate(**at(GATE)),)))
    made = applied(base, Scenario("无路", base.version, edits=(CloseFacility(id="A", element="pharmacy"),)))
    assert len(made.facilities) == len(base.facilities) - 1


def test_degrees_and_metres_agree() -> None:
    assert degrees((0, 0)) == pytest.approx((112.75, 37.69))
