"""``yikezhong demo``: what the sample city leaves in the store."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.commands import demo
from geodata.sample import sample_facts
from geodata.store import current_version, load_version, open_store, versions
from tests.small_city import small_frames


@pytest.fixture
def engine(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "sample_frames", lambda _tell: small_frames())
    monkeypatch.setattr(demo, "earlier_frames", lambda frames: {"facilities": frames["facilities"].iloc[1:]})
    monkeypatch.setattr(demo, "sample_filings", lambda _frames, _plan: [])
    engine = open_store(f"sqlite:///{tmp_path}/demo.db")
    yield engine
    engine.dispose()


def test_the_sample_city_lies_over_an_earlier_state_of_it(engine):
    key = demo.publish_sample(engine)
    table = versions(engine)
    now = load_version(engine, key)
    before = load_version(engine, now.parent)
    assert (len(table), current_version(engine)) == (2, key)
    assert set(now.frames) == set(before.frames) == set(small_frames())
    assert len(now.frames["facilities"]) == len(before.frames["facilities"]) + 1
    pd.testing.assert_frame_equal(pd.DataFrame(now.frames["population"]), pd.DataFrame(before.frames["population"]))
    assert now.city == before.city == sample_facts()[0]
    assert all(facts["synthetic"] for version in (now, before) for facts in version.facts.values())
    assert set(table["note"]) == {demo.NOTE, demo.EARLIER}
