"""What tests of every package ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from geodata.city import City
from geodata.elements import Catalogue, load_catalogue
from tests.small_city import small_city

# The same cases on every run: a failure is of the change, not of the day. `--hypothesis-profile=roaming` looks
# for new ones.
settings.register_profile("steady", derandomize=True)
settings.register_profile("roaming", derandomize=False)
settings.load_profile("steady")

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def small() -> City:
    """The small drawn city (see its docstring for the drawing and the answers)."""
    return small_city()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The service elements that ship with the program."""
    return load_catalogue()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser; without it the tests are skipped and say so."""
    playwright = pytest.importorskip("playwright.sync_api", reason="没有安装 playwright，浏览器测试跳过")
    if not CHROMIUM.exists():
        pytest.skip(f"没有 {CHROMIUM}（apt install chromium），浏览器测试跳过")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield browser
        browser.close()
