"""The store, on SQLite and (where it is installed) a private PostgreSQL: exact, immutable, never by halves."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely import LineString, MultiPolygon, Point, Polygon, box
from sqlalchemy import Engine

from geodata import store as module
from geodata.elements import load_catalogue
from geodata.errors import RefusedData, StoreError, UnknownKey
from geodata.schema import LAYERS
from geodata.standards import load_standards
from geodata.store import (
    CityFacts,
    current_version,
    damage,
    load_version,
    open_store,
    publish,
    store_name,
    versions,
)

ROOT = Path(__file__).parents[2]
KILLS = 20
SHAPES = {
    "point": Point(112.75, 37.69),
    "line": LineString([(112.7, 37.6), (112.8, 37.7)]),
    "polygon": MultiPolygon([box(112, 37, 113, 38), Polygon([(0, 0), (1, 0), (0, 1)])]),
}
DTYPES = {"number": "float64", "count": "float64", "flag": "boolean"}


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_store(url)
    yield engine
    engine.dispose()


# ---- frames ----------------------------------------------------------------------------------------------------------


def points(count: int = 3, *, first: int = 0) -> gpd.GeoDataFrame:
    ids = pd.array([f"{n:05}" for n in range(first, first + count)], dtype="str")
    return gpd.GeoDataFrame({"id": ids}, geometry=[Point(112, 37 + n / 1000) for n in range(count)], crs=4326)


def frame_of(spec: object) -> gpd.GeoDataFrame:
    """Three rows of a layer: leading zeros, Chinese, a hostile name, nothing known, no geometry."""
    columns = {}
    for field in spec.fields:
        values: dict[str, list[object]] = {
            "number": [1 / 3, np.nan, 1e-300],
            "count": [3379498.0, 0.0, np.nan],
            "flag": [True, None, False],
        }
        texts = ["007001000", "", "晋中市“榆次”<script>=1+1\n第二行"]
        columns[field.key] = pd.array(values.get(field.kind, texts), dtype=DTYPES.get(field.kind, "str"))
    return gpd.GeoDataFrame(columns, geometry=[SHAPES[spec.shapes[0]], None, SHAPES[spec.shapes[-1]]], crs=4326)


# ---- what goes in comes out ------------------------------------------------------------------------------------------


def test_every_layer_comes_back_exactly(engine: Engine) -> None:
    frames = {spec.key: frame_of(spec) for spec in LAYERS}
    publish(engine, frames)
    loaded = load_version(engine).frames
    assert loaded.keys() == frames.keys()
    for key, frame in frames.items():
        assert_geodataframe_equal(loaded[key], frame)
        assert loaded[key].geometry.iloc[1] is None
        assert loaded[key].crs == frame.crs


@pytest.mark.parametrize("rows", [0, 1])
def test_empty_and_single_frames_keep_columns_types_and_crs(engine: Engine, rows: int) -> None:
    frames = {spec.key: frame_of(spec).iloc[:rows] for spec in LAYERS}
    publish(engine, frames)
    for key, frame in load_version(engine).frames.items():
        assert_geodataframe_equal(frame, frames[key])


def test_a_frame_without_geometry_column_comes_back_as_one(engine: Engine) -> None:
    plain = pd.DataFrame({"id": pd.array(["01", "02"], dtype="str"), "population": [1.5, np.nan]})
    publish(engine, {"population": plain})
    loaded = load_version(engine).frames["population"]
    assert not isinstance(loaded, gpd.GeoDataFrame)
    pd.testing.assert_frame_equal(loaded, plain)


def test_city_facts_author_note_and_layer_facts_come_back(engine: Engine) -> None:
    facts = {"facilities": {"来源": "民政局", "dropped": {"duplicates": np.int64(2)}}}
    city = CityFacts("晋中市", synthetic=True, metric_crs="EPSG:4547")
    version = publish(engine, {"facilities": points()}, facts=facts, city=city, note="第一版", author="张三")
    loaded = load_version(engine)
    assert (loaded.id, loaded.parent, loaded.number) == (version, None, 1)
    assert (loaded.city, loaded.note, loaded.author) == (city, "第一版", "张三")
    assert loaded.city.metric_crs.to_epsg() == 4547
    stored = loaded.facts["facilities"]
    assert stored["来源"] == "民政局" and stored["dropped"] == {"duplicates": 2} and stored["rows"] == 3
    assert loaded.created.utcoffset().total_seconds() == 0


def test_an_empty_store_has_no_version(engine: Engine) -> None:
    assert current_version(engine) is None
    assert versions(engine).empty
    assert damage(engine) == ()
    with pytest.raises(StoreError, match="还没有数据"):
        load_version(engine)


def test_an_unknown_version_and_an_unknown_layer_are_told(engine: Engine) -> None:
    publish(engine, {"sites": points()})
    with pytest.raises(StoreError, match="没有版本「deadbeef0000」"):
        load_version(engine, "deadbeef0000")
    with pytest.raises(UnknownKey, match="没有图层「shops」"):
        publish(engine, {"shops": points()})
    with pytest.raises(StoreError, match="坐标参考"):
        publish(engine, {"sites": points().set_crs(None, allow_override=True)})
    with pytest.raises(StoreError, match="无法保存"):
        publish(engine, {"sites": points().assign(id=[1, "x", None])})
    assert len(versions(engine)) == 1


# ---- versions --------------------------------------------------------------------------------------------------------


def test_layers_not_published_are_inherited_and_old_versions_stay(engine: Engine) -> None:
    first = publish(engine, {"facilities": points(), "sites": points(2)}, city=CityFacts("甲"))
    before = load_version(engine, first)
    second = publish(engine, {"facilities": points(5)})
    third = publish(engine, {}, city=CityFacts("乙"))
    assert [len(load_version(engine, v).frames["facilities"]) for v in (first, second, third)] == [3, 5, 5]
    assert len(load_version(engine, third).frames["sites"]) == 2
    assert load_version(engine, second).city.name == "甲" and load_version(engine).city.name == "乙"
    again = load_version(engine, first)
    assert again.facts == before.facts and again.city == before.city and again.created == before.created
    listed = versions(engine)
    assert listed["id"].tolist() == [third, second, first]
    assert listed["parent"].tolist() == [second, first, ""]
    assert listed["layers"].tolist() == ["", "facilities", "facilities sites"]
    assert listed["current"].tolist() == [True, False, False]


def test_starting_afresh_inherits_nothing(engine: Engine) -> None:
    first = publish(engine, {"sites": points()}, city=CityFacts("示例", synthetic=True))
    publish(engine, {"facilities": points()}, inherit=False)
    loaded = load_version(engine)
    assert loaded.frames.keys() == {"facilities"}
    assert loaded.city == CityFacts() and loaded.parent == first


def test_only_the_layers_asked_for_are_loaded(engine: Engine) -> None:
    text = load_catalogue().text
    version = publish(engine, {"sites": points(), "facilities": points()}, catalogue=text)
    assert load_version(engine, layers=("sites",)).frames.keys() == {"sites"}
    bare = load_version(engine, layers=())
    assert (bare.id, bare.frames, bare.catalogue) == (version, {}, None)
    assert load_version(engine, layers=("catalogue",)).catalogue == text


def test_a_catalogue_is_published_whole_inherited_and_refused_when_faulty(engine: Engine) -> None:
    text = load_catalogue().text.replace("name: 药店", "name: 零售药房", 1)
    publish(engine, {"sites": points()}, catalogue=text)
    publish(engine, {"sites": points(1)})
    assert load_version(engine).catalogue == text
    with pytest.raises(RefusedData):
        publish(engine, {}, catalogue=text.replace("radius_m: 500", "radius_m: -1"))
    assert len(versions(engine)) == 2


def test_standards_are_published_whole_inherited_and_refused_when_faulty(engine: Engine) -> None:
    text = load_standards().text.replace("asked: 30\n", "asked: 25\n", 1)
    first = publish(engine, {"sites": points()}, standards=text, catalogue=load_catalogue().text)
    publish(engine, {"sites": points(1)})
    assert load_version(engine).standards == text and load_version(engine, layers=()).standards is None
    assert load_version(engine).facts["standards"]["rows"] == len(load_standards().rules)
    assert versions(engine)["layers"].tolist() == ["sites", "catalogue sites standards"]
    with pytest.raises(RefusedData, match=r"area_per_100hh\.asked"):
        publish(engine, {}, standards=text.replace("asked: 25", "asked: -25"))
    publish(engine, {}, standards=load_standards().text, base=first)
    with pytest.raises(StoreError, match="standards"):
        publish(engine, {}, standards=text, base=first)
    assert damage(engine) == ()


def test_equal_payloads_are_stored_once(engine: Engine) -> None:
    for _ in range(3):
        publish(engine, {"sites": points(500), "facilities": points(500)}, facts={"sites": {"n": random.random()}})
    with engine.connect() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM yikezhong_payload").scalar()
    assert count == 1


# ---- two publishers --------------------------------------------------------------------------------------------------


def test_the_second_of_two_publishers_of_a_layer_is_refused(engine: Engine) -> None:
    base = publish(engine, {"sites": points(1)})
    winner = publish(engine, {"sites": points(2)}, base=base)
    with pytest.raises(StoreError, match=f"{winner}.*sites.*没有发布"):
        publish(engine, {"sites": points(3)}, base=base)
    assert current_version(engine) == winner


def test_publishers_of_different_layers_both_succeed(engine: Engine) -> None:
    base = publish(engine, {"sites": points(1)})
    first = publish(engine, {"facilities": points(2)}, base=base)
    publish(engine, {"grids": points(3)}, base=base)
    loaded = load_version(engine)
    assert loaded.parent == first
    assert {key: len(frame) for key, frame in loaded.frames.items()} == {"sites": 1, "facilities": 2, "grids": 3}


def test_the_second_of_two_publishers_of_city_facts_is_refused(engine: Engine) -> None:
    base = publish(engine, {}, city=CityFacts("甲"))
    publish(engine, {}, city=CityFacts("乙"), base=base)
    with pytest.raises(StoreError, match="city"):
        publish(engine, {}, city=CityFacts("丙"), base=base)
    assert load_version(engine).city.name == "乙"


def test_many_publishers_at_once_leave_one_line_of_versions(engine: Engine, url: str) -> None:
    keys = [spec.key for spec in LAYERS][:5]
    wrong: list[BaseException] = []

    def work(key: str) -> None:
        own = open_store(url)
        try:
            for n in range(4):
                publish(own, {key: points(n + 1)})
        except BaseException as error:
            wrong.append(error)
        finally:
            own.dispose()

    _together([lambda key=key: work(key) for key in keys])
    assert wrong == []
    listed = versions(engine)
    assert listed["number"].tolist() == list(range(20, 0, -1))
    assert listed["parent"].tolist() == [*listed["id"].tolist()[1:], ""]
    assert {key: len(frame) for key, frame in load_version(engine).frames.items()} == dict.fromkeys(keys, 4)


def test_readers_see_whole_versions_while_others_publish(engine: Engine, url: str) -> None:
    """Both layers of a version always have the same number of rows."""
    publish(engine, {"sites": points(1), "facilities": points(1)})
    done, seen, wrong = threading.Event(), set(), []

    def read() -> None:
        own = open_store(url)
        while not done.is_set():
            frames = load_version(own).frames
            if len(frames["sites"]) != len(frames["facilities"]):
                wrong.append({key: len(frame) for key, frame in frames.items()})
            seen.add(len(frames["sites"]))
        own.dispose()

    def write() -> None:
        for n in range(2, 14):
            publish(engine, {"sites": points(n), "facilities": points(n)})
        done.set()

    _together([read, read, write])
    assert wrong == []
    assert len(load_version(engine).frames["sites"]) == 13 and seen


def _together(jobs: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)


# ---- killed at any moment --------------------------------------------------------------------------------------------

NURSERY = """
    import os, sys
    import geopandas as gpd, numpy as np
    from shapely import points
    from geodata.store import open_store, publish

    def say(*words):  # a line in one write: whoever is killed leaves a whole one or none
        os.write(1, (" ".join(map(str, words)) + chr(10)).encode())

    def publish_on(n):
        engine, rng = open_store(sys.argv[1]), np.random.default_rng(n)
        while True:
            n += 1
            xy = points(rng.uniform(100, 120, (3000, 2)))
            frame = gpd.GeoDataFrame({"n": np.full(3000, n)}, geometry=xy, crs=4326)
            version = publish(engine, {"sites": frame, "facilities": frame}, note=str(n))
            say(version, n)

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            publish_on(int(line))
        say("born", child)
        os.waitpid(child, 0)
        say("dead", child)
"""


def test_a_killed_publisher_loses_nothing_and_leaves_no_half_version(engine: Engine, url: str) -> None:
    """Publishers that do nothing but publish are killed at random moments; what they said was published is there."""
    told: list[tuple[str, int]] = []
    rng = random.Random(7)
    words = [sys.executable, "-c", textwrap.dedent(NURSERY), url]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as nursery:
        for _ in range(KILLS):
            nursery.stdin.write(f"{max([n for _, n in told], default=0)}\n")
            nursery.stdin.flush()
            told += _raise_and_kill(nursery.stdout, after_s=rng.uniform(0.0, 0.12))
        nursery.stdin.close()
    listed = versions(engine)
    assert len(told) >= KILLS
    assert {version for version, _ in told} <= set(listed["id"])
    assert listed["parent"].tolist() == [*listed["id"].tolist()[1:], ""]
    assert damage(engine) == ()
    for version in [*{version for version, _ in told[-5:]}, current_version(engine)]:
        frames = load_version(engine, version).frames
        assert frames["sites"]["n"].nunique() == 1 and len(frames["sites"]) == 3000
        assert_geodataframe_equal(frames["sites"], frames["facilities"])
    publish(engine, {"sites": points()})


def _raise_and_kill(lines: IO[str], *, after_s: float) -> list[tuple[str, int]]:
    """Let a publisher publish once, kill it some moments later, and return what it said it had published."""
    told, child, killer = [], 0, None
    for line in lines:
        word, number = line.split()
        if word == "dead":
            break
        if word == "born":
            child = int(number)
        else:
            told.append((word, int(number)))
        if child and told and killer is None:
            killer = threading.Timer(after_s, os.kill, (child, signal.SIGKILL))
            killer.start()
    return told


# ---- speed -----------------------------------------------------------------------------------------------------------


def test_a_hundred_thousand_polygons_are_published_in_about_a_second(tmp_path: Path) -> None:
    """Measured in time of the processor, so that a busy machine does not matter."""
    rng = np.random.default_rng(1)
    x, y = rng.uniform(111, 114, 100_000), rng.uniform(36, 38, 100_000)
    columns = {f"n{i}": rng.random(100_000) for i in range(6)}
    frame = gpd.GeoDataFrame(
        columns, geometry=[box(a, b, a + 0.01, b + 0.01) for a, b in zip(x, y, strict=True)], crs=4326
    )
    engine = open_store(str(tmp_path / "big.db"))
    start = time.process_time()
    publish(engine, {"grids": frame})
    assert time.process_time() - start < 1.5
    assert_geodataframe_equal(load_version(engine).frames["grids"], frame)
    engine.dispose()


# ---- addresses and mishaps -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "sqlite:///"])
def test_a_chinese_path_is_made_with_its_folders(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "数据 仓库" / "晋中#1.db"
    engine = open_store(f"{prefix}{path}")
    publish(engine, {"sites": points()})
    assert path.is_file() and store_name(engine) == str(path)
    engine.dispose()


def test_a_missing_store_is_not_made_by_reading(tmp_path: Path) -> None:
    path = tmp_path / "none" / "none.db"
    with pytest.raises(StoreError, match="没有数据仓库"):
        open_store(str(path), create=False)
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "没有给出文件"),
        ("sqlite://", "没有给出文件"),
        ("sqlite:///:memory:", "没有给出文件"),
        ("mysql://root:hush@localhost/x", "不可用"),
        ("postgresql://user:hush@127.0.0.1:1/x?connect_timeout=1", "数据仓库「postgresql://user:"),
        ("postgresql://u:hush@127.0.0.1:notaport/x", "不可用"),
    ],
)
def test_a_useless_address_is_told_without_its_password(address: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        open_store(address)
    assert "hush" not in str(caught.value)


def test_a_folder_that_cannot_be_made_and_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="无法为数据仓库创建文件夹"):
        open_store(str(tmp_path / "file" / "below" / "store.db"))
    with pytest.raises(StoreError, match="是文件夹"):
        open_store(str(tmp_path))


def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    script = """
        import os, sqlite3, sys
        from sqlalchemy.dialects.sqlite import pysqlite
        from geodata.errors import StoreError
        from geodata.store import open_store
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            open_store(sys.argv[1])
        except StoreError as error:
            print(error)
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        words = [sys.executable, "-c", textwrap.dedent(script), f"{folder}/store.db"]
        done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=True, encoding="utf-8")
        Path(folder).chmod(0o755)
    assert "不可用：文件无法打开，请检查路径和权限" in done.stdout, done.stderr


@pytest.mark.parametrize(
    "content",
    [b"not a database at all, but long enough to be read as one" * 40, b"SQLite format 3\x00" + b"\x07" * 4000],
)
def test_a_file_that_is_no_store_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="损坏"):
        open_store(str(path))


def test_a_database_of_other_things_is_left_alone_by_readers(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (text)")
    connection.close()
    with pytest.raises(StoreError, match="没有数据仓库"):
        open_store(str(path), create=False)


def test_a_store_of_a_later_release_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "later.db"
    open_store(str(path)).dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE yikezhong_current SET format = 99")
    connection.close()
    with pytest.raises(StoreError, match="更新版本的程序"):
        open_store(str(path))


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE yikezhong_payload SET data = substr(data, 1, 40)",
        "UPDATE yikezhong_layer_version SET facts = '{}'",
        "UPDATE yikezhong_data_version SET author = 'nobody'",
        "DELETE FROM yikezhong_data_version_layer",
    ],
)
def test_whatever_was_changed_behind_our_back_is_noticed(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "harmed.db"
    engine = open_store(str(path))
    publish(engine, {"sites": points()}, facts={"sites": {"a": 1}}, author="张三")
    assert damage(engine) == ()
    with sqlite3.connect(path) as connection:
        connection.execute(harm)
    connection.close()
    with pytest.raises(StoreError, match="已损坏"):
        load_version(engine)
    assert len(damage(engine)) == 1
    engine.dispose()


def test_a_file_cut_short_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cut.db"
    engine = open_store(str(path))
    publish(engine, {"sites": points(5000)})
    engine.dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(StoreError, match="损坏"):
        load_version(open_store(str(path)))


def test_sqlite_keeps_a_log_and_checks_references(tmp_path: Path) -> None:
    engine = open_store(str(tmp_path / "x.db"))
    with engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        ]
    assert found == ["wal", 1, 2]
    engine.dispose()


def test_the_name_of_a_server_store_hides_the_password(postgres: str) -> None:
    engine = open_store(postgres)
    assert "secret" not in store_name(engine) and store_name(engine).startswith("postgresql://yikezhong:***@")
    engine.dispose()


def test_the_module_offers_no_way_to_change_a_version() -> None:
    reading = {"current_version", "damage", "load_version", "open_store", "store_name", "versions"}
    assert set(module.__all__) == {*reading, "CityFacts", "Version", "adopt", "publish"}
