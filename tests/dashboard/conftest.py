"""Stores that several tests of the command line read."""

from __future__ import annotations

from pathlib import Path

import pytest

from geodata.store import open_store, publish
from geodata.version import CityFacts
from tests.siting_city import siting_frames
from tests.small_city import METRIC


@pytest.fixture(scope="session")
def siting_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small city drawn for siting, published."""
    path = tmp_path_factory.mktemp("site") / "small.db"
    engine = open_store(str(path))
    publish(engine, siting_frames(), city=CityFacts("小城", metric_crs=METRIC))
    engine.dispose()
    return path


@pytest.fixture
def store(siting_store: Path) -> Path:
    """The store of a test module that names no other."""
    return siting_store
