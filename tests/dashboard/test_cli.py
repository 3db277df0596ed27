"""The command line: what scripts and other programs rely on — words, columns, exit codes, streams, encodings."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import shapely
from click.testing import CliRunner, Result

from dashboard.__main__ import main
from dashboard.commands import SUBCOMMANDS
from dashboard.settings import SETTINGS
from geodata.elements import load_catalogue
from geodata.standards import load_standards
from geodata.store import current_version, load_version, open_store, publish, versions
from geodata.version import CityFacts
from tests.small_city import METRIC, placed, small_frames

ROOT = Path(__file__).parents[2]


def run(*words: str, store: Path | str | None = None, code: int = 0) -> Result:
    """Run a command line in this process and expect an exit code."""
    result = CliRunner().invoke(main, [*(["--store", str(store)] if store else []), *words])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def process(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command line as a program of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    command = [sys.executable, "-m", "dashboard", *words]
    return subprocess.run(command, capture_output=True, cwd=ROOT, env={**kept, **environment}, check=False)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the small drawn city (see ``tests/small_city.py`` for its numbers)."""
    path = tmp_path_factory.mktemp("cli") / "small.db"
    engine = open_store(str(path))
    publish(engine, small_frames(), city=CityFacts("小城", metric_crs=METRIC))
    engine.dispose()
    return path


# ---- coverage --------------------------------------------------------------------------------------------------------


def test_cells_have_minutes_facility_and_people_that_anyone_can_check(store: Path) -> None:
    printed = run("coverage", "--element", "药店", "--minutes", "5", "--by", "cell", "--format", "csv", store=store)
    found = {row["id"]: row for row in rows(printed.stdout)}
    assert list(found) == [f"c{n}" for n in range(1, 9)]
    metres = {"c1": 410, "c2": 110, "c3": 510, "c4": 730, "c5": 320, "c6": 1590}
    for cell, length in metres.items():
        assert float(found[cell]["minutes"]) == pytest.approx(length / 72, abs=0.1 / 60)
    assert found["c7"]["minutes"] == found["c8"]["minutes"] == found["c7"]["facility"] == ""
    assert [found[f"c{n}"]["facility"] for n in range(1, 7)] == ["A", "A", "A", "A", "B", "A"]
    assert [float(row["people"]) for row in found.values()] == [100, 200, 300, 400, 500, 600, 700, 800]
    assert [row["reached"] for row in found.values()] == ["false", "true", "false", "false", "true", *["false"] * 3]


def test_units_have_people_reached_share_and_official_share(store: Path) -> None:
    printed = run("coverage", "-e", "pharmacy", "-m", "5", "--by", "city", "--format", "json", store=store)
    answer = json.loads(printed.stdout)
    (row,) = answer["rows"]
    assert (row["people"], row["reached"]) == (3600, 700)
    assert row["share"] == pytest.approx(700 / 3600, abs=1e-6)
    assert 0 <= row["official_share"] <= 1
    assert (answer["city"], answer["synthetic"], answer["query"]["minutes"]) == ("小城", False, 5.0)
    assert re.fullmatch(r"[0-9a-f]{12}", answer["run"])


def test_every_option_changes_the_answer(store: Path) -> None:
    words = ["coverage", "-e", "老年人日间照料中心（托老所）", "--by", "cell", "--format", "csv"]
    plain = run(*words, store=store).stdout
    changes = (
        ["--walker", "wheelchair"], ["--group", "60+"], ["--minutes", "15"], ["--speed", "0.5"], ["--max-snap", "5"],
        ["--by", "community"], ["--format", "geojson"],
    )  # fmt: skip
    answers = [run(*words, *change, store=store).stdout for change in changes]
    assert len({plain, *answers}) == len(changes) + 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["-e", "药店"], ["-e", "pharmacy"]),
        (["-e", "药店", "-w", "老年人"], ["-e", "药店", "--walker", "older"]),
        (["-e", "药店", "--by", "社区"], ["-e", "药店", "--by", "community"]),
        (["-e", "药店", "--by", "县"], ["-e", "药店", "--by", "county"]),
        (["-e", "药店", "--by", "格点"], ["-e", "药店", "--by", "cell"]),
        (["-e", "药店", "-g", "60 岁及以上老年人"], ["-e", "药店", "-g", "60+"]),
        (["-e", "药店"], ["-e", "药店", "-m", "10", "-w", "adult", "-g", "all", "--by", "community"]),
    ],
)
def test_titles_and_aliases_mean_the_same_as_keys(store: Path, one: list[str], other: list[str]) -> None:
    first, second = (run("coverage", *words, "--format", "csv", store=store).stdout for words in (one, other))
    assert first == second


def test_an_unreached_cell_is_null_in_json_and_a_place_in_geojson(store: Path) -> None:
    answer = json.loads(run("coverage", "-e", "药店", "--by", "cell", "--format", "json", store=store).stdout)
    assert answer["rows"][7]["minutes"] is None and answer["rows"][7]["facility"] == ""
    places = json.loads(run("coverage", "-e", "药店", "--by", "cell", "--format", "geojson", store=store).stdout)
    assert places["type"] == "FeatureCollection" and len(places["features"]) == 8
    first = places["features"][0]
    assert first["properties"]["id"] == "c1" and first["geometry"]["type"] == "Point"
    assert first["geometry"]["coordinates"] == pytest.approx([112.75 + 100 / 88200, 37.69], abs=3e-4)
    units = json.loads(run("coverage", "-e", "药店", "--by", "community", "--format", "geojson", store=store).stdout)
    kinds = {f["properties"]["code"]: f["geometry"] and f["geometry"]["type"] for f in units["features"]}
    assert kinds == {"140702001001": "Polygon", "140702001002": "Polygon", "": None}


def test_the_table_is_for_people(store: Path) -> None:
    text = run("coverage", "-e", "药店", "--by", "社区", store=store).stdout
    assert "小城 药店 10 分钟步行覆盖" in text and "西门社区" in text and "可达占比" in text


def test_places_that_must_not_be_shown_are_not(store: Path) -> None:
    refused = run("coverage", "-e", "社区矫正", "--by", "cell", store=store, code=1)
    assert "位置敏感" in refused.stderr and refused.stdout == ""
    assert run("coverage", "-e", "社区矫正", "--by", "county", store=store).stdout


def test_output_can_go_to_a_file(store: Path, tmp_path: Path) -> None:
    words = ["coverage", "-e", "药店", "--format", "csv"]
    target = tmp_path / "新 文件夹" / "out.csv"
    result = run(*words, "--out", str(target), store=store)
    assert result.stdout == "" and str(target) in result.stderr
    assert target.read_text(encoding="utf-8") == run(*words, store=store).stdout
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "无法写入" in run(*words, "--out", str(tmp_path / "file" / "x"), store=store, code=1).stderr


def test_hostile_text_is_disarmed_and_numbers_are_not(tmp_path: Path) -> None:
    frames = small_frames()
    names = frames["facilities"]["name"].mask(frames["facilities"]["id"] == "A", '=HYPERLINK("x")\x1b[31m')
    frames["facilities"]["name"] = names
    engine = open_store(str(tmp_path / "x.db"))
    publish(engine, frames, city=CityFacts("=1+1", synthetic=True, metric_crs=METRIC))
    engine.dispose()
    words = ["coverage", "-e", "药店", "--by", "cell"]
    result = run(*words, "--format", "csv", store=tmp_path / "x.db")
    assert rows(result.stdout)[0]["facility_name"].startswith("'=HYPERLINK")
    assert "合成示例" in result.stderr
    plain = json.loads(run(*words, "--format", "json", store=tmp_path / "x.db").stdout)
    assert plain["synthetic"] is True and plain["rows"][0]["facility_name"].startswith("=HYPERLINK")
    differences = [
        row["difference"]
        for row in rows(run("coverage", "-e", "药店", "--format", "csv", store=tmp_path / "x.db").stdout)
    ]
    assert any(value.startswith("-") for value in differences) and not any("'" in value for value in differences)
    assert "\x1b" not in run(*words, store=tmp_path / "x.db").stdout


# ---- wrong use and refused data --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cover"], "没有命令 cover"),
        (["coverage"], "缺少选项 --element"),
        (["coverage", "--elements", "x"], "没有选项 --elements"),
        (["coverage", "-e", "飞机场"], "没有服务要素「飞机场」"),
        (["coverage", "-e", "药店", "-m", "0"], "步行时间"),
        (["coverage", "-e", "药店", "-m", "61"], "步行时间"),
        (["coverage", "-e", "药店", "-m", "nan"], "步行时间"),
        (["coverage", "-e", "药店", "-m", "ten"], "不是数"),
        (["coverage", "-e", "药店", "--speed", "99"], "步行速度"),
        (["coverage", "-e", "药店", "-w", "robot"], "没有步行者「robot」"),
        (["coverage", "-e", "药店", "-g", "old"], "没有人群「old」"),
        (["coverage", "-e", "药店", "--by", "street"], "没有统计单元「street」"),
        (["coverage", "-e", "药店", "--format", "xml"], "不在可用的"),
        (["export", "-e", "药店"], "缺少选项 --what"),
        (["export", "--what", "csv", "-e", "药店", "--view", "x"], "没有视图「x」"),
        (["import", "x.csv"], "缺少选项 --as"),
        (["import", "x.csv", "--as", "shops"], "没有图层「shops」"),
        (["import", "x.csv", "--as", "sites", "--crs", "mars"], "不认识坐标系「mars」"),
        (["import", "x.csv", "--as", "sites", "--map", "name"], "字段=列名"),
        (["check", "--repair"], "没有给出要检查的文件"),
        (["elements", "--export", "-", "--replace", "x"], "不能同时使用"),
        (["elements", "--note", "x"], "只与 --replace"),
        (["versions", "more"], "多出的参数 more"),
    ],
)
def test_wrong_use_exits_with_two_and_says_so_in_chinese(store: Path, words: list[str], said: str) -> None:
    result = run(*words, store=store, code=2)
    assert said in result.stderr and result.stdout == ""


@pytest.mark.parametrize(
    "words", [["coverage", "-e", "药店"], ["versions"], ["check"], ["export", "--what", "csv", "-e", "药店"]]
)
def test_reading_a_store_that_is_not_there_is_refused_and_makes_none(tmp_path: Path, words: list[str]) -> None:
    assert "没有数据仓库" in run(*words, store=tmp_path / "none.db", code=1).stderr
    assert list(tmp_path.iterdir()) == []


def test_refused_files_publish_nothing_and_tell_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "设施.csv"
    path.write_text("编号,服务要素,经度,纬度\n1,药店,112.7,37.6\n1,飞机场,abc,37.6\n", encoding="gb18030")
    result = run("import", str(path), "--as", "facilities", "--crs", "WGS-84", store=tmp_path / "x.db", code=1)
    assert "设施.csv" in result.stderr and "第 2 行" in result.stderr and "飞机场" in result.stderr
    assert current_version(open_store(str(tmp_path / "x.db"))) is None
    missing = run("import", str(tmp_path / "没有.csv"), "--as", "sites", store=tmp_path / "x.db", code=1)
    assert "没有.csv" in missing.stderr


# ---- from files to figures -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small drawn city as the files a planner would bring."""
    folder = tmp_path_factory.mktemp("files")
    frames = small_frames()
    frames["roads"].to_file(folder / "roads.geojson", driver="GeoJSON")
    shops, cells = frames["facilities"], frames["population"]
    kept = shops[shops["element"] != "heliport"]
    lines = [
        f"{r.id},{r.element},{r.name},{r.status},{r.geometry.x:.9f},{r.geometry.y:.9f}"
        for r in kept.itertuples(index=False)
    ]
    (folder / "facilities.csv").write_text(
        "编号,服务要素,名称,状态,经度,纬度\n" + "\n".join(lines), encoding="utf-8-sig"
    )
    lines = [f"{r.id},{r.population:g},{r.geometry.x:.9f},{r.geometry.y:.9f}" for r in cells.itertuples(index=False)]
    (folder / "population.csv").write_text("格,人口,lon,lat\n" + "\n".join(lines), encoding="gb18030")
    return folder


def test_files_become_the_minutes_anyone_can_check(files: Path, tmp_path: Path) -> None:
    store = tmp_path / "数据" / "小城.db"
    run("import", str(files / "roads.geojson"), "--as", "步行道路", "--city", "小城", store=store)
    run("import", str(files / "facilities.csv"), "--as", "facilities", "--datum", "WGS-84", store=store)
    told = run(
        "import",
        str(files / "population.csv"),
        "--as",
        "population",
        "--crs",
        "CGCS2000",
        "--map",
        "id=格",
        store=store,
    )
    assert "8 行" in told.stderr and "已发布为数据版本" in told.stderr and told.stdout == ""
    printed = run("coverage", "-e", "药店", "-m", "5", "--by", "cell", "--format", "csv", store=store).stdout
    minutes = {row["id"]: row["minutes"] for row in rows(printed)}
    for cell, metres in {"c1": 410, "c2": 110, "c3": 510, "c4": 730, "c5": 320, "c6": 1590}.items():
        assert float(minutes[cell]) == pytest.approx(metres / 72, abs=0.1 / 60)
    assert minutes["c7"] == minutes["c8"] == ""
    listed = json.loads(run("versions", "--format", "json", store=store).stdout)["rows"]
    assert [row["layers"] for row in listed] == ["population", "facilities", "roads"]
    assert {row["city"] for row in listed} == {"小城"}
    loaded = load_version(open_store(str(store)))
    assert loaded.facts["population"]["sources"][0]["file"] == "population.csv"


def test_checking_files_publishes_nothing(files: Path, tmp_path: Path) -> None:
    words = ["check", str(files / "facilities.csv"), "--as", "服务设施", "--crs", "WGS-84"]
    assert "检查通过" in run(*words, store=tmp_path / "x.db").stdout
    assert list(tmp_path.iterdir()) == []


def test_importing_into_the_sample_keeps_its_mark_and_fresh_does_not(files: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    engine = open_store(str(path))
    publish(engine, small_frames(), city=CityFacts("示例", synthetic=True))
    words = ["import", str(files / "facilities.csv"), "--as", "facilities", "--crs", "WGS-84"]
    assert "继续标明合成示例" in run(*words, store=path).stderr
    assert load_version(engine).city == CityFacts("示例", synthetic=True)
    run(*words, "--fresh", "--city", "新城", store=path)
    assert load_version(engine).city == CityFacts("新城") and load_version(engine).frames.keys() == {"facilities"}
    engine.dispose()


def test_checking_the_store_reports_network_snap_distances_and_reasons(store: Path) -> None:
    text = run("check", store=store).stdout
    assert "完好，共 1 个版本" in text and "不连通的部分" in text and "接入距离" in text
    assert re.search(r"药店：.*离道路过远 800 人.*不连通 700 人", text)


# ---- catalogue -------------------------------------------------------------------------------------------------------


def test_the_catalogue_is_listed_in_every_form_without_a_store(tmp_path: Path) -> None:
    none = tmp_path / "none.db"
    assert len(rows(run("elements", "--format", "csv", store=none).stdout)) == 60
    assert json.loads(run("elements", "--format", "json", store=none).stdout)["count"] == 60
    assert run("elements", "--format", "yaml", store=none).stdout == load_catalogue().text
    assert "老年人日间照料中心" in run("elements", store=none).stdout
    assert list(tmp_path.iterdir()) == []


def test_an_edited_catalogue_is_published_counted_and_used(tmp_path: Path) -> None:
    path, text = tmp_path / "x.db", tmp_path / "目录.yaml"
    engine = open_store(str(path))
    publish(engine, small_frames(), city=CityFacts(metric_crs=METRIC))
    run("elements", "--export", str(text), store=path)
    edited = text.read_text(encoding="utf-8")
    assert edited == load_catalogue().text
    assert "没有变化" in run("elements", "--replace", str(text), store=path).stderr
    text.write_text("\ufeff" + edited.replace("name: 药店\n", "name: 零售药店铺\n"), encoding="utf-8")
    told = run("elements", "--replace", str(text), "--author", "李四", store=path).stderr
    assert "新增 0，删除 0，修改 1" in told
    assert versions(engine)["author"].tolist() == ["李四", ""]
    assert "零售药店铺" in run("coverage", "-e", "零售药店铺", store=path).stdout
    text.write_text(edited.replace("radius_m: 300", "radius_m: 很近"), encoding="utf-8")
    refused = run("elements", "--replace", str(text), store=path, code=1).stderr
    assert refused.count("发现「很近」") > 5
    text.write_bytes(edited.encode("gb18030"))
    assert "UTF-8" in run("elements", "--replace", str(text), store=path, code=1).stderr
    assert len(versions(engine)) == 2
    engine.dispose()


# ---- standards -------------------------------------------------------------------------------------------------------


def test_the_standards_are_listed_in_every_form_without_a_store(tmp_path: Path) -> None:
    none = tmp_path / "none.db"
    listed = {row["key"]: row for row in rows(run("standards", "--format", "csv", store=none).stdout)}
    assert listed["new_commerce_share"]["demand"] == "大于 10 %"
    assert (listed["area_per_100hh"]["asked"], listed["area_per_100hh_2011"]["asked"]) == ("30", "20")
    assert (listed["area_per_100hh"]["in_force"], listed["area_per_100hh_2011"]["in_force"]) == ("true", "false")
    assert json.loads(run("standards", "--format", "json", store=none).stdout)["count"] == len(listed)
    assert run("standards", "--format", "yaml", store=none).stdout == load_standards().text
    assert "每百户综合服务设施面积" in run("standards", store=none).stdout
    assert list(tmp_path.iterdir()) == []


def test_edited_standards_are_published_and_counted_and_go_with_the_catalogue(tmp_path: Path) -> None:
    path, text = tmp_path / "x.db", tmp_path / "标准.yaml"
    engine = open_store(str(path))
    publish(engine, small_frames(), city=CityFacts(metric_crs=METRIC))
    run("standards", "--export", str(text), store=path)
    edited = text.read_text(encoding="utf-8")
    assert edited == load_standards().text
    assert "没有变化" in run("standards", "--replace", str(text), store=path).stderr
    text.write_text(edited.replace("settings: {distance_m: 100}", "settings: {distance_m: 200}"), encoding="utf-8")
    assert "新增 0，删除 0，修改 1，其他表格 0" in run("standards", "--replace", str(text), store=path).stderr
    assert "distance_m: 200" in run("standards", "--export", "-", store=path).stdout
    text.write_text(edited.replace("column: social_orgs", "column: nothing"), encoding="utf-8")
    assert run("standards", "--replace", str(text), store=path, code=1).stderr.count("发现「nothing」") == 4
    text.write_text(edited.replace("[minor_protection_station]", "[minor_station]"), encoding="utf-8")
    refused = run("standards", "--replace", str(text), store=path, code=1).stderr
    assert re.search(
        r"第 \d+ 行，「minor_protection_station\.elements」列：发现目录中没有的要素「minor_station」", refused
    )
    text.write_text(load_catalogue().text.replace("key: nursery\n", "key: creche\n"), encoding="utf-8")
    assert "发现目录中没有的要素「nursery」" in run("elements", "--replace", str(text), store=path, code=1).stderr
    assert versions(engine)["layers"].iloc[0] == "standards" and len(versions(engine)) == 2
    engine.dispose()


# ---- exports ---------------------------------------------------------------------------------------------------------


def test_exports_are_what_they_promise(store: Path, tmp_path: Path) -> None:
    def export(what: str, *more: str) -> bytes:
        target = tmp_path / f"map.{what}"
        run("export", "--what", what, "-e", "药店", "--by", "社区", "--out", str(target), *more, store=store)
        return target.read_bytes()

    assert export("png").startswith(b"\x89PNG")
    page = export("html").decode()
    assert "</html>" in page.lower() and not re.search(r"(?:src|href)=[\"']https?://", page)
    assert "西门社区" in export("csv").decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(export("xlsx", "--view", "circle")))
    assert "必备要素" in book.sheetnames


def test_an_export_without_a_name_is_named_by_its_content(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("export", "--what", "csv", "-e", "药店", store=store)
    (made,) = tmp_path.iterdir()
    assert made.name.startswith("小城_药店_10分钟") and made.suffix == ".csv"


# ---- help ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["", *(known.word for known in SUBCOMMANDS)])
def test_help_is_chinese_and_complete(word: str) -> None:
    text = run(*([word] if word else []), "--help").stdout
    assert "用法：" in text and "选项：" in text and "显示此帮助并退出" in text
    assert not re.search(r"Usage|Options:|Commands:|\[required\]|\[default:|Show this", text)
    if not word:
        assert all(known.word in text and known.help in text for known in SUBCOMMANDS)
        assert all(setting.name in text for setting in SETTINGS)


# ---- as a program ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"LANG": "zh_CN.GBK", "PYTHONUTF8": "0"}]
)
def test_output_is_utf8_whatever_the_locale(store: Path, locale: dict[str, str]) -> None:
    done = process("--store", str(store), "coverage", "-e", "药店", "--format", "csv", **locale)
    assert done.returncode == 0, done.stderr.decode()
    assert "西门社区" in done.stdout.decode("utf-8")


def test_the_environment_names_the_store_and_messages_hide_passwords(store: Path) -> None:
    done = process("coverage", "-e", "pharmacy", "--by", "city", "--format", "csv", YIKEZHONG_STORE=str(store))
    assert rows(done.stdout.decode())[0]["people"] == "3600"
    wrong = process("versions", YIKEZHONG_STORE="postgresql://u:hush@127.0.0.1:1/x")
    assert wrong.returncode == 1 and b"hush" not in wrong.stderr + wrong.stdout
    assert process("versions", YIKEZHONG_PORT="x").returncode == 2


def test_a_closed_pipe_is_no_failure(store: Path) -> None:
    words = [sys.executable, "-m", "dashboard", "--store", str(store), "elements", "--format", "yaml"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as program:
        program.stdout.close()
        assert program.stderr.read() == b""
        assert program.wait(60) == 0


@pytest.fixture
def served(store: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address printed by ``serve`` on a port the system chose."""
    words = [sys.executable, "-m", "dashboard", "--store", str(store), "serve", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT) as program:
        yield program.stdout.readline().strip(), program
        program.kill()


def test_serve_prints_the_address_it_really_has_and_answers_there(served: tuple[str, subprocess.Popen[str]]) -> None:
    address, program = served
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert answer.status == 200 and "一刻钟" in answer.read().decode()
    second = process("--store", str(program.args[4]), "serve", "--port", address.rsplit(":", 1)[1])
    assert second.returncode == 1 and "无法在" in second.stderr.decode()


def test_the_drawn_city_is_where_the_test_says() -> None:
    """Guards the numbers above against a changed drawing."""
    assert placed([shapely.Point(0, 0)]).iloc[0].x == pytest.approx(112.75)
