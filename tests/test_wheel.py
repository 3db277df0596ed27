"""The wheel: it holds everything the program needs and nothing else, and the copy it installs serves the pages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from geodata.store import open_store, publish
from geodata.version import CityFacts
from tests.small_city import METRIC, small_frames

ROOT = Path(__file__).parents[1]
FOLDERS = ("assets", "callbacks", "dashboard", "geodata", "layers")
ENDINGS = (".py", ".yaml", ".csv", ".md", ".js", ".css", ".svg", ".json", ".txt", ".otf", "LICENSE")
NEEDED = (
    "geodata/elements.yaml",
    "geodata/walkers.yaml",
    "geodata/walkable.yaml",
    "geodata/amap.yaml",
    "geodata/sample/data/counties.csv",
    "layers/fonts/NotoSansCJKsc-subset.otf",
    "layers/fonts/OFL.txt",
    "layers/vendor/leaflet/leaflet.js",
    "layers/vendor/leaflet/leaflet.css",
    "assets/style.css",
    "assets/shell.js",
    "assets/locale/ag-grid-zh-CN.json",
    "assets/icons/mark.svg",
    "dashboard/__main__.py",
)

pytestmark = pytest.mark.xdist_group("wheel")


def pip(*words: str) -> None:
    """Run pip without an index: whatever it would have to download fails the test."""
    quiet = ("--no-deps", "--no-index", "--disable-pip-version-check", "--no-cache-dir", "--quiet")
    done = subprocess.run([sys.executable, "-m", "pip", *words, *quiet], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="the build backend comes with the extra dev")
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", str(ROOT), "--no-build-isolation", "--wheel-dir", str(folder))
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    pip("install", str(wheel), "--target", str(folder))
    return folder


def apart(installed: Path) -> dict[str, str]:
    """Return an environment in which the installed copy goes before the checkout."""
    return {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": ""}


def test_the_wheel_holds_the_five_folders_and_all_their_files(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in names} == set(FOLDERS)
    assert names.issuperset(NEEDED)
    there = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == there


def test_the_wheel_holds_no_tests_no_data_and_no_leftovers(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        told = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()
        words = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    files = [name for name in names if ".dist-info/" not in name]
    assert [name for name in files if not name.endswith(ENDINGS)] == []
    assert [name for name in files if "test" in name.split("/")[-1] or name.endswith((".db", ".pyc"))] == []
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "yikezhong = dashboard.__main__:main" in words
    assert "Name: yikezhong" in told and "Requires-Dist: dash>=" in told


def test_the_installed_copy_is_the_one_that_runs(installed: Path, tmp_path: Path) -> None:
    code = "import assets, callbacks, dashboard, geodata, layers as l; print(dashboard.__file__, l.__file__, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=apart(installed), check=False
    )
    assert done.returncode == 0, done.stderr
    assert all(Path(line).is_relative_to(installed) for line in done.stdout.split())


@pytest.fixture
def address(installed: Path, tmp_path: Path) -> Iterator[str]:
    """The address at which the installed copy serves the small city, started in a folder that is not the checkout."""
    store = tmp_path / "small.db"
    engine = open_store(str(store))
    publish(engine, small_frames(), city=CityFacts("小城", metric_crs=METRIC))
    engine.dispose()
    words = [sys.executable, "-m", "dashboard", "--store", str(store), "serve", "--port", "0"]
    with (
        (tmp_path / "said.txt").open("w") as said,
        subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=said, text=True, cwd=tmp_path, env=apart(installed)
        ) as program,
    ):
        try:
            line = program.stdout.readline().strip()
            assert line.startswith("http://127.0.0.1:"), (tmp_path / "said.txt").read_text(encoding="utf-8")
            yield line
        finally:
            program.kill()


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert answer.status == 200
        text: str = answer.read().decode()
        return text


def test_the_installed_copy_serves_pages_assets_and_layout(address: str, installed: Path) -> None:
    assert "一刻钟" in fetched(address)
    for name in ("style.css", "shell.js", "icons/mark.svg"):
        assert fetched(f"{address}/assets/{name}") == (installed / "assets" / name).read_text(encoding="utf-8")
    layout = json.loads(fetched(f"{address}/_dash-layout"))
    assert layout["props"]["children"]
    assert len(json.loads(fetched(f"{address}/_dash-dependencies"))) > 10
