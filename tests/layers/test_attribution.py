"""Attribution: parts add up, each kind of edit shows only in its own part, and the numbers can be checked by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.assemble import assemble_city, load_city
from geodata.city import City
from geodata.corrections import Correction, publish_corrections
from geodata.errors import GeodataError
from geodata.scenario import Scenario
from geodata.store import open_store, publish
from geodata.version import CityFacts
from layers.attribution import ORDER, TITLES, Attribution, attribute, indicators, version_of
from layers.attribution.pairing import paired
from layers.attribution.sheets import table
from layers.attribution.stages import stages
from layers.coverage import unit_table
from layers.query import Query
from layers.scenario import applied
from tests.small_city import METRIC, layer_frame, placed, small_city, small_frames, small_version

Frames = dict[str, gpd.GeoDataFrame]
DAY_CARE = "elderly_day_care"
SOME = ("reached:pharmacy", "reached_share:park_green", "full_circle", "official_share:pharmacy", "facilities:pharmacy")


def city_of(frames: Frames, **facts: object) -> City:
    """A second version, of other layers."""
    return assemble_city(replace(small_version(frames), id="0123456789ab", number=2, **facts))


def shares(made: Attribution) -> dict[str, float]:
    """The parts that are not zero."""
    return {part.key: part.value for part in made.parts[1:-1] if part.value}


def adds_up(made: Attribution) -> bool:
    """Levels follow from one another, end where the version after stands, and their steps are the parts."""
    levels = [Fraction(part.level) for part in made.parts]
    steps = sum(levels[at] - levels[at - 1] for at in range(1, len(levels)))
    follow = all(
        made.parts[at].value == made.parts[at].level - made.parts[at - 1].level for at in range(1, len(levels) - 1)
    )
    return follow and levels[-1] == levels[-2] and levels[0] + steps == levels[-1]


def without(frames: Frames, layer: str, key: str) -> Frames:
    own = frames[layer]
    return {**frames, layer: own[own["id"] != key].reset_index(drop=True)}


def with_facility(frames: Frames, element: str, xy: tuple[float, float]) -> Frames:
    row = layer_frame("facilities", {"id": ["new"], "name": ["新设施"], "element": [element]}, [shapely.Point(xy)])
    return {**frames, "facilities": pd.concat([frames["facilities"], row], ignore_index=True)}


def moved(frames: Frames, key: str, xy: tuple[float, float]) -> Frames:
    own = frames["facilities"].copy()
    shapes = np.array(own.geometry.array, dtype=object)
    shapes[np.flatnonzero(own["id"] == key)[0]] = placed([shapely.Point(xy)]).iloc[0]
    return {**frames, "facilities": own.set_geometry(gpd.GeoSeries(shapes, crs=own.crs))}


def twice_the_people(frames: Frames) -> Frames:
    own = frames["population"]
    return {**frames, "population": own.assign(population=own["population"] * 2)}


def wider_west(frames: Frames) -> Frames:
    """The border of the two communities is moved so that c5 lives in the western one."""
    own = frames["units"].copy()
    boxes = [shapely.box(-100, -300, 850, 700), shapely.box(850, -300, 1400, 700)]
    shapes = np.array(own.geometry.array, dtype=object)
    shapes[2:] = placed(boxes).to_numpy()
    return {**frames, "units": own.set_geometry(gpd.GeoSeries(shapes, crs=own.crs))}


EDITS: dict[str, tuple[Callable[[Frames], Frames], str, float]] = {
    "closed": (lambda frames: without(frames, "facilities", "C"), DAY_CARE, -1100.0),
    "opened": (lambda frames: with_facility(frames, DAY_CARE, (1250, 600)), DAY_CARE, 700.0),
    "changed": (lambda frames: moved(frames, "F", (600, 0)), "convenience_store", 1500.0 - 700.0),
    "network": (lambda frames: without(frames, "roads", "stairs"), DAY_CARE, -500.0),
    "population": (twice_the_people, "pharmacy", 1500.0),
}
"""Edit, element and the people gained or lost within 15 minutes (1080 m), all from the table of the small city.

Day care reaches c1 (910 m), c2 (610), c3 (1010) and c5 (210, by the stairs; 1210 without them): 100 + 200 + 300 + 500.
c4 (1230 m) and c6 are beyond. A store at (600, 0) is reached by c1-c5 as the pharmacy at (500, 0) is, or nearer.
"""


@pytest.mark.parametrize("kind", list(EDITS))
def test_each_kind_of_edit_shows_only_in_its_own_part(kind: str) -> None:
    edit, element, people = EDITS[kind]
    made = attribute(small_city(), city_of(edit(small_frames())), f"reached:{element}")
    assert shares(made) == {kind: pytest.approx(people)}
    assert [part.key for part in made.parts if len(part.rows)] == [kind]
    assert adds_up(made)
    assert [part.key for part in made.parts] == [key for key in TITLES if key != "rest"]
    words = [TITLES[part.key] for part in made.parts[1:-1]]
    assert "、".join(words) == ORDER
    assert ORDER in made.order


def test_people_who_come_under_another_unit_are_a_change_of_the_units() -> None:
    made = attribute(small_city(), city_of(wider_west(small_frames())), "reached:pharmacy", place="西门社区")
    assert shares(made) == {"units": 500.0}
    assert made.place == "140702001001"
    rows = next(part.rows for part in made.parts if part.key == "units")
    assert set(rows["变化"]) == {"边界"}


def test_a_closed_facility_then_twice_the_people() -> None:
    """Without A, B alone serves c5 (500) and whoever is 1080 m from it; what both do together goes to the later."""
    after = city_of(twice_the_people(without(small_frames(), "facilities", "A")))
    made = attribute(small_city(), after, "reached:pharmacy")
    assert shares(made) == {"closed": -700.0, "population": 800.0}
    assert (made.parts[0].level, made.parts[-1].level) == (1500.0, 1600.0)
    closed = next(part for part in made.parts if part.key == "closed")
    assert closed.rows[["编号", "变化"]].to_numpy().tolist() == [["A", "减少"]]


def test_another_setting_is_a_change_of_parameters() -> None:
    """At 5 minutes (360 m) the pharmacy is reached by c2 and c5 only."""
    made = attribute(
        small_city(), small_city(), "reached:pharmacy", query=Query(minutes=5), query_after=Query(minutes=15)
    )
    assert shares(made) == {"standard": 800.0}
    assert made.parts[0].level == 700.0
    assert made.parts[1].rows["新值"].tolist() == ["15"]


def test_an_element_that_left_the_catalogue_takes_its_facilities_as_a_change_of_the_standard() -> None:
    """Nothing but the catalogue has changed: parks are no longer called so."""
    text = small_city().catalogue.text.replace("key: park_green\n", "key: park_green_two\n")
    after = city_of(small_frames(), catalogue=text)
    assert set(small_city().facilities["id"]) - set(after.facilities["id"]) == {"D", "E"}
    assert [one.key for one in stages(small_city(), after, {}) if one.changed] == ["standard"]
    assert shares(attribute(small_city(), after, "reached:pharmacy")) == {}
    with pytest.raises(GeodataError, match="没有"):
        attribute(small_city(), after, "reached:park_green")


def test_equal_versions_have_no_parts() -> None:
    made = attribute(small_city(), small_city(), "reached_share:pharmacy")
    assert shares(made) == {}
    assert "同一数据版本" in made.notes[0]


def test_other_numbers_for_the_same_facilities_are_no_change() -> None:
    frames = small_frames()
    own = frames["facilities"]
    after = city_of({**frames, "facilities": own.assign(id="n" + own["id"])})
    made = attribute(small_city(), after, "reached:pharmacy")
    assert shares(made) == {}
    assert paired(small_city().facilities, after.facilities).renumbered == len(small_city().facilities)
    assert set(next(part.rows for part in made.parts if part.key == "changed")["变化"]) == {"编号"}


def test_every_indicator_is_what_the_pages_show() -> None:
    city = small_city()
    known = {one.key: one for one in indicators(city)}
    assert len(known) == len(indicators(city))
    row = unit_table(city, Query(unit="city")).iloc[0]
    assert known["reached_share:pharmacy"].value(city, Query(), "") == row["share"] * 100
    assert known["reached:pharmacy"].value(city, Query(), "140702001001") == 1000.0
    assert known["failing:one_per.mediation_room"].value(city, Query(), "140702001001") == 1.0
    assert known["failing:one_per.mediation_room"].value(city, Query(), "") == 2.0


@pytest.mark.parametrize("seed", range(5))
def test_parts_add_up_whatever_was_edited(seed: int) -> None:
    """Several random edits at once; what each version says for itself is where the parts begin and end."""
    rng = np.random.default_rng(seed)
    frames = small_frames()
    pool: list[Callable[[Frames], Frames]] = [edit for edit, *_ in EDITS.values()]
    pool += [wider_west, lambda held: moved(held, "A", tuple(rng.uniform(0, 900, 2))),
             lambda held: with_facility(held, str(rng.choice(["pharmacy", DAY_CARE])), tuple(rng.uniform(0, 900, 2))),
             lambda held: without(held, "roads", str(rng.choice(["bridge", "gate", "middle lane"]))),
             lambda held: without(held, "population", f"c{rng.integers(1, 9)}")]  # fmt: skip
    for at in rng.permutation(len(pool))[: rng.integers(2, 7)]:
        frames = pool[at](frames)
    before, after = small_city(), city_of(frames)
    if rng.random() < 0.5:
        before, after = after, before
    for key in rng.choice(SOME, 2, replace=False):
        made = attribute(before, after, key, query_after=Query(minutes=float(rng.integers(3, 20))))
        assert adds_up(made)
        assert "rest" not in [part.key for part in made.parts]


def test_what_is_read_adds_up_too() -> None:
    after = city_of(twice_the_people(with_facility(small_frames(), DAY_CARE, (1250, 600))))
    told = table(attribute(small_city(), after, f"reached_share:{DAY_CARE}"))
    numbers = [float(words.split()[0]) for words in told["value_words"].iloc[1:-1]]
    first, last = (float(told["level_words"].iloc[at].split()[0]) for at in (0, -1))
    assert round(first + sum(numbers), 2) == last


def test_corrections_on_record_are_no_change_of_the_city(tmp_path: Path) -> None:
    """The day care C was found to lie on the island, and the pharmacy B to be closed."""
    engine = open_store(str(tmp_path / "store.db"))
    first = publish(engine, small_frames(), city=CityFacts("小城", metric_crs=METRIC))
    spot = placed([shapely.Point(1250, 600)]).iloc[0]
    own = small_frames()["facilities"].set_index("id").geometry["C"]
    told = {"layer": "facilities", "author": "张某", "date": "2026-02-01"}
    corrections = [
        Correction(row=("C", DAY_CARE), field="lon", before=own.x, after=spot.x, **told),
        Correction(row=("C", DAY_CARE), field="lat", before=own.y, after=spot.y, **told),
        Correction(row=("B", "pharmacy"), field="status", before=None, after="closed", **told),
    ]
    second = publish_corrections(engine, corrections, author="张某")
    before, after = load_city(engine, first), load_city(engine, second)
    made = attribute(before, after, f"reached:{DAY_CARE}")
    assert shares(made) == {"correction": 700.0 - 1100.0}
    assert set(made.parts[2].rows["变化"]) == {"位置"}
    pharmacies = attribute(before, after, "facilities:pharmacy")
    assert shares(pharmacies) == {"correction": -1.0}
    assert attribute(before, after, "facilities:pharmacy", corrections={}).parts[4].value == -1.0
    assert version_of(engine, second[:6]) == second
    assert version_of(engine, "2999-01-01") == second
    for word in ("1999-01-01", "ffffffffffff", first[:2]):
        with pytest.raises(GeodataError, match=second):
            version_of(engine, word)
    engine.dispose()


def test_what_cannot_be_attributed_is_said() -> None:
    city, frames = small_city(), small_frames()
    nobody = city_of({key: own for key, own in frames.items() if key != "population"})
    with pytest.raises(GeodataError, match="无法计算"):
        attribute(city, nobody, "reached_share:pharmacy")
    fewer = city_of({**frames, "units": frames["units"].iloc[:3]})
    with pytest.raises(GeodataError, match="0123456789ab 没有单元「东门社区」"):
        attribute(city, fewer, "reached:pharmacy", place="东门社区")
    with pytest.raises(GeodataError, match="reached_share:pharmacy"):
        attribute(city, city, "reached_shares:pharmacy")
    with pytest.raises(GeodataError, match="方案"):
        attribute(city, applied(city, Scenario("试点", city.version)), "reached:pharmacy")


def test_without_streets_nobody_walks_and_that_is_a_change_of_the_network() -> None:
    after = city_of({key: own for key, own in small_frames().items() if key != "roads"})
    made = attribute(small_city(), after, "reached:pharmacy")
    assert shares(made) == {"network": -1500.0}
    assert adds_up(attribute(after, small_city(), "reached:pharmacy"))


def test_places_of_sensitive_facilities_are_counted_not_told() -> None:
    element = next(one.key for one in small_city().catalogue.elements if one.sensitive)
    after = city_of(with_facility(small_frames(), element, (500, 0)))
    opened = next(
        part for part in attribute(small_city(), after, f"facilities:{element}").parts if part.key == "opened"
    )
    assert opened.value == 1.0
    assert len(opened.rows) == 0
    assert "1 条" in opened.note
