"""Scenarios in the store: every save kept, nobody's lost, the same on SQLite and PostgreSQL, also in an older store."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from geodata.desk import Desk, desk_of
from geodata.edits import AddFacility, CloseFacility, OpenGate
from geodata.errors import GeodataError, StoreError
from geodata.scenario import Scenario, referred
from geodata.scenario_store import Conflict, archive, load, revisions, save, scenarios
from geodata.store import damage, load_version, open_store, publish, versions
from tests.small_city import small_frames

PHARMACY = AddFacility(element="pharmacy", lon=112.75, lat=37.69, name="新药店")
GATE = OpenGate(lon=112.755, lat=37.694, cost_wan=3)
CLOSING = CloseFacility(id="A", element="pharmacy")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_store(url)
    yield engine
    engine.dispose()


@pytest.fixture
def base(engine: Engine) -> str:
    return publish(engine, {"facilities": small_frames()["facilities"]})


def plan(base: str, **values: object) -> Scenario:
    return Scenario(**{"name": "东门试点", "base": base, "author": "李四", "edits": (PHARMACY, GATE), **values})


def test_what_is_saved_comes_back_with_undone_edits_and_every_revision_stays(engine: Engine, base: str) -> None:
    first = save(engine, plan(base, note="初稿"), expected=0)
    assert (first.revision, len(first.id), first.created) == (1, 12, first.changed)
    second = save(engine, first.added(CLOSING).undone(), expected=1)
    assert load(engine, first.id) == second == load(engine, first.id, 2)
    assert load(engine, first.id, 1) == first
    assert (second.cursor, len(second.edits), second.created) == (2, 3, first.created)
    assert second.redone().in_force[-1] == CLOSING
    assert revisions(engine, first.id) == [second, first]
    assert second.reference == f"{first.id}@2" and referred(second.reference) == (first.id, 2)
    assert damage(engine) == ()


def test_the_later_of_two_saves_is_told_who_saved_what_when_and_may_branch(engine: Engine, base: str) -> None:
    seen = save(engine, plan(base), expected=0)
    theirs = save(engine, replace(seen.added(CLOSING), author="王五"), expected=1)
    mine = replace(seen.undone(), author="李四")
    with pytest.raises(Conflict) as caught:
        save(engine, mine, expected=1)
    message = str(caught.value)
    when = theirs.changed[:16].replace("T", " ")
    for words in ("东门试点", "王五", when, "第 2 次保存", "增加 1 处改动", "关闭药店（A）", "没有保存"):
        assert words in message
    assert (caught.value.stored, caught.value.mine) == (theirs, mine)
    assert load(engine, seen.id) == theirs and len(revisions(engine, seen.id)) == 2
    branch = save(engine, caught.value.mine.copied("东门试点（李四）"), expected=0)
    assert branch.parent == seen.id != branch.id and branch.in_force == mine.in_force
    with pytest.raises(Conflict, match="按新方案保存"):
        save(engine, mine, expected=0)
    with pytest.raises(Conflict, match="去掉 1 处改动"):
        save(engine, save(engine, theirs.undone(), expected=2), expected=2)


def test_of_many_who_save_at_once_one_wins_and_nothing_is_lost(engine: Engine, base: str) -> None:
    seen = save(engine, plan(base), expected=0)
    won: list[Scenario] = []
    told: list[Conflict] = []

    def press(author: str) -> None:
        try:
            won.append(save(engine, replace(seen, author=author), expected=1))
        except Conflict as error:
            told.append(error)

    threads = [threading.Thread(target=press, args=(f"{number} 号",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(told)) == (1, 5)
    assert load(engine, seen.id) == won[0]
    assert all(error.stored == won[0] for error in told)


def test_the_list_has_the_latest_of_each_newest_first_without_the_archived(engine: Engine, base: str) -> None:
    assert scenarios(engine) == []
    one, two = (save(engine, plan(base, name=name), expected=0) for name in ("甲", "乙"))
    assert scenarios(engine) == [two, one]
    one = save(engine, one.undone(), expected=1)
    assert scenarios(engine) == [one, two]
    away = archive(engine, two.id, expected=1)
    assert (away.archived, away.revision, scenarios(engine)) == (True, 2, [one])
    assert scenarios(engine, archived=True) == [away, one]
    with pytest.raises(Conflict, match="归档"):
        archive(engine, two.id, expected=1)
    back = archive(engine, two.id, expected=2, archived=False)
    assert scenarios(engine) == [back, one] and len(revisions(engine, two.id)) == 3


def test_what_is_not_there_is_told(engine: Engine, base: str) -> None:
    for look in (lambda: load(engine, "0" * 12), lambda: revisions(engine, "0" * 12)):
        with pytest.raises(StoreError, match="没有方案「000000000000」"):
            look()
    kept = save(engine, plan(base, id="0123456789ab"), expected=0)
    assert kept.id == "0123456789ab"
    with pytest.raises(StoreError, match="第 7 次保存"):
        load(engine, kept.id, 7)
    with pytest.raises(StoreError, match="没有方案"):
        save(engine, plan(base, id="f" * 12), expected=3)
    with pytest.raises(StoreError, match="「另一版」不在数据仓库中"):
        save(engine, plan("另一版"), expected=0)
    with pytest.raises(StoreError, match="12 位十六进制"):
        save(engine, plan(base, id="../etc"), expected=0)
    assert scenarios(engine) == [kept]


@pytest.mark.parametrize("word", ["", "0123456789ab@0", "0123456789ab@", "0123456789AB", "x@1", "0123456789ab@1@2"])
def test_a_reference_that_names_no_scenario_is_refused(word: str) -> None:
    with pytest.raises(GeodataError, match="编号@保存次数"):
        referred(word)


def test_a_bare_id_means_the_latest() -> None:
    assert referred(" 0123456789ab ") == ("0123456789ab", None)
    assert Scenario("甲", "b").reference == ""


def test_an_older_store_opens_lists_nothing_and_takes_its_first_scenario(url: str) -> None:
    engine = open_store(url)
    base = publish(engine, {"facilities": small_frames()["facilities"]})
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE yikezhong_scenario_revision"))
    engine.dispose()
    engine = open_store(url, create=False)
    assert scenarios(engine) == [] and damage(engine) == () and len(versions(engine)) == 1
    with pytest.raises(StoreError, match="没有方案"):
        load(engine, "0" * 12)
    made = save(engine, plan(base), expected=0)
    assert scenarios(engine) == [made] and load_version(engine).id == base
    engine.dispose()


def test_a_damaged_revision_is_refused_and_found_by_the_check(engine: Engine, base: str) -> None:
    made = save(engine, plan(base), expected=0)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE yikezhong_scenario_revision SET content = replace(content, '新药店', '旧药店')")
        )
    with pytest.raises(StoreError, match="已损坏"):
        load(engine, made.id)
    (problem,) = damage(engine)
    assert made.id in problem.layer


def test_the_desk_saves_lists_and_archives_and_a_closed_one_only_reads(tmp_path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/desk.db")
    base = publish(store, {"facilities": small_frames()["facilities"]})
    desk = desk_of(store)
    made = desk.save(plan(base), expected=0)
    assert desk.scenarios() == [made] and desk.scenario(made.id) == made and desk.revisions(made.id) == [made]
    with store.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    shut = desk_of(store)
    assert not shut.open and shut.scenarios() == [made] and shut.scenario(made.id, 1) == made
    for write in (lambda: shut.save(made, expected=1), lambda: shut.archive(made.id, expected=1)):
        with pytest.raises(StoreError, match="没有写入权限"):
            write()
    store.dispose()
    nothing = Desk()
    assert nothing.scenarios() == [] and nothing.revisions(made.id) == []
    for use in (lambda: nothing.scenario(made.id), lambda: nothing.save(made, expected=1)):
        with pytest.raises(StoreError, match="没有打开可写的数据仓库"):
            use()


def test_archiving_from_the_desk(tmp_path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/desk.db")
    desk = desk_of(store)
    made = desk.save(plan(publish(store, {"facilities": small_frames()["facilities"]})), expected=0)
    assert desk.archive(made.id, expected=1).archived and desk.scenarios() == []
    assert not desk.archive(made.id, expected=2, archived=False).archived
    store.dispose()
