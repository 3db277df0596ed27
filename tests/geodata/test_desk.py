from __future__ import annotations

import pytest
import shapely

from geodata.desk import CLOSED, Desk, desk_of
from geodata.errors import StoreError
from geodata.store import current_version, load_version, open_store, publish
from geodata.version import CityFacts
from tests.small_city import layer_frame, small_frames


@pytest.fixture
def store(tmp_path):
    engine = open_store(f"sqlite:///{tmp_path}/desk.db")
    yield engine
    engine.dispose()


def facilities(names: list[str]):
    columns = {"id": names, "name": names, "element": ["pharmacy"] * len(names)}
    return layer_frame("facilities", columns, [shapely.Point(0, 0)] * len(names))


def test_a_draft_is_laid_beside_the_current_version_and_adopted_and_taken_back(store):
    first = publish(store, small_frames(), city=CityFacts(name="小城", synthetic=True))
    desk = desk_of(store)
    assert desk.open
    draft = desk.draft({"facilities": facilities(["x"])}, facts={}, author="李四", note="试", base=first)
    assert current_version(store) == first
    listed = desk.versions().set_index("id")
    assert listed.loc[draft, ["author", "note", "state"]].tolist() == ["李四", "试", "draft"]
    assert desk.adopt(draft) == draft == current_version(store)
    assert load_version(store).frames["facilities"]["id"].tolist() == ["x"]
    assert desk.adopt(first) == first == current_version(store)


def test_asking_whether_the_store_can_be_written_changes_nothing(store):
    first = publish(store, small_frames(), city=CityFacts(name="小城", synthetic=True))
    before = desk_of(store).versions()
    assert desk_of(store).refusal == ""
    assert current_version(store) == first and desk_of(store).versions().equals(before)


def test_a_closed_desk_says_why_and_writes_nothing(store):
    assert (Desk().open, Desk().refusal, Desk().versions().empty) == (False, CLOSED, True)
    publish(store, small_frames(), city=CityFacts(name="小城", synthetic=True))
    with store.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    desk = desk_of(store)
    assert not desk.open and "没有写入权限" in desk.refusal
    assert len(desk.versions()) == 1
    for write in (
        lambda: desk.draft({}, facts={}, author="", note="", base=""),
        lambda: desk.adopt("0"),
        lambda: Desk().adopt("0"),
    ):
        with pytest.raises(StoreError):
            write()
