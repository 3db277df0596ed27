"""Draft versions: kept beside the current one, adopted later, never at the cost of what others have published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point
from sqlalchemy import Engine

from geodata.errors import StoreError
from geodata.store import CityFacts, adopt, current_version, damage, load_version, open_store, publish, versions


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield engine
    engine.dispose()


def rows(count: int) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": [str(n) for n in range(count)]}, geometry=[Point(112, 37)] * count, crs=4326)


def states(engine: Engine) -> dict[str, str]:
    return dict(versions(engine)[["id", "state"]].itertuples(index=False))


def size(engine: Engine, layer: str) -> int:
    return len(load_version(engine).frames[layer])


def test_a_draft_is_whole_but_not_current(engine: Engine) -> None:
    first = publish(engine, {"sites": rows(1), "grids": rows(1)})
    draft = publish(engine, {"grids": rows(2)}, draft=True, author="甲", note="修复")
    assert current_version(engine) == first
    held = load_version(engine, draft)
    assert (held.parent, len(held.frames["grids"]), len(held.frames["sites"])) == (first, 2, 1)
    assert states(engine) == {first: "current", draft: "draft"}
    assert size(engine, "grids") == 1
    assert damage(engine) == ()


def test_adopting_a_draft_makes_it_current_as_it_is(engine: Engine) -> None:
    first = publish(engine, {"grids": rows(1)})
    draft = publish(engine, {"grids": rows(2)}, draft=True)
    assert adopt(engine, draft, base=first) == draft == current_version(engine)
    assert states(engine) == {first: "past", draft: "current"}


def test_publishing_beside_a_draft_takes_the_next_number(engine: Engine) -> None:
    publish(engine, {"grids": rows(1)})
    publish(engine, {"grids": rows(2)}, draft=True)
    publish(engine, {"sites": rows(3)})
    assert versions(engine)["number"].tolist() == [3, 2, 1]


def test_an_earlier_version_can_be_taken_up_again_and_left_again(engine: Engine) -> None:
    one, two, three = (publish(engine, {"grids": rows(n)}) for n in (1, 2, 3))
    assert adopt(engine, one) == one
    assert states(engine) == {one: "current", two: "draft", three: "draft"}
    assert adopt(engine, three) == three
    assert states(engine) == {one: "past", two: "past", three: "current"}
    assert len(versions(engine)) == 3


def test_a_draft_goes_on_top_of_what_others_published_in_other_layers(engine: Engine) -> None:
    publish(engine, {"grids": rows(1), "sites": rows(1)})
    draft = publish(engine, {"grids": rows(2)}, draft=True, author="甲", note="修复")
    theirs = publish(engine, {"sites": rows(5)})
    made = adopt(engine, draft)
    assert made not in (draft, theirs) and made == current_version(engine)
    assert (size(engine, "grids"), size(engine, "sites")) == (2, 5)
    found = load_version(engine)
    assert (found.parent, found.author, found.note) == (theirs, "甲", "修复")
    assert damage(engine) == ()


def test_a_draft_whose_layer_others_have_changed_is_refused(engine: Engine) -> None:
    publish(engine, {"grids": rows(1)})
    draft = publish(engine, {"grids": rows(2)}, draft=True)
    theirs = publish(engine, {"grids": rows(3)})
    with pytest.raises(StoreError, match="grids"):
        adopt(engine, draft)
    assert current_version(engine) == theirs


def test_of_two_drafts_the_second_does_not_undo_the_first(engine: Engine) -> None:
    publish(engine, {"grids": rows(1), "sites": rows(1)})
    first = publish(engine, {"grids": rows(2)}, draft=True)
    second, clash = publish(engine, {"sites": rows(2)}, draft=True), publish(engine, {"grids": rows(3)}, draft=True)
    adopt(engine, first)
    adopt(engine, second)
    assert (size(engine, "grids"), size(engine, "sites")) == (2, 2)
    with pytest.raises(StoreError, match="grids"):
        adopt(engine, clash)


def test_a_fresh_draft_stands_for_all_layers(engine: Engine) -> None:
    publish(engine, {"grids": rows(1), "sites": rows(1)}, city=CityFacts("甲"))
    fresh = publish(engine, {"grids": rows(2)}, city=CityFacts("乙"), inherit=False, draft=True)
    publish(engine, {"land": rows(1)})
    with pytest.raises(StoreError, match="land"):
        adopt(engine, fresh)
    assert load_version(engine).city.name == "甲"


def test_who_looked_at_another_version_is_told(engine: Engine) -> None:
    first = publish(engine, {"grids": rows(1)})
    draft = publish(engine, {"grids": rows(2)}, draft=True)
    second = publish(engine, {"sites": rows(1)})
    with pytest.raises(StoreError, match=f"由 {first} 变为 {second}"):
        adopt(engine, draft, base=first)
    with pytest.raises(StoreError, match="没有版本"):
        adopt(engine, "nothing")
    assert current_version(engine) == second


def test_a_draft_on_an_empty_store_can_be_the_first_version(engine: Engine) -> None:
    draft = publish(engine, {"grids": rows(1)}, draft=True)
    assert current_version(engine) is None
    assert adopt(engine, draft) == current_version(engine) == draft
