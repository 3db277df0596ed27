"""Settings: given beats environment beats default; faults told all at once; secrets never shown."""

from __future__ import annotations

from dataclasses import fields

import pytest

from dashboard.settings import SETTINGS, Settings, read_settings
from geodata.errors import GeodataError


def test_without_anything_the_defaults_hold() -> None:
    assert read_settings({}) == Settings()
    assert {setting.key: setting.default for setting in SETTINGS} == vars(Settings())


def test_the_environment_is_read_in_its_kind() -> None:
    found = read_settings(
        {"YIKEZHONG_STORE": "postgresql://h/d", "YIKEZHONG_PORT": " 9000 ", "YIKEZHONG_MAX_SNAP_M": "250.5"}
    )
    assert (found.store, found.port, found.max_snap_m) == ("postgresql://h/d", 9000, 250.5)


def test_what_is_given_wins_and_empty_text_counts_as_nothing() -> None:
    found = read_settings({"YIKEZHONG_STORE": "a.db", "YIKEZHONG_HOST": " "}, store="b.db", port=None)
    assert (found.store, found.host, found.port) == ("b.db", "127.0.0.1", 8050)


def test_all_faults_are_told_at_once_by_name() -> None:
    faulty = {"YIKEZHONG_PORT": "99999", "YIKEZHONG_MAX_SNAP_M": "nan", "YIKEZHONG_THREADS": "x"}
    with pytest.raises(GeodataError) as caught:
        read_settings(faulty)
    assert all(name in str(caught.value) for name in faulty)


def test_secrets_and_passwords_are_not_printed() -> None:
    printed = repr(Settings(store="postgresql://u:hush@h/d", tianditu_key="hush", secret="hush"))
    assert "hush" not in printed and "***" in printed and "u:***@h" in printed


def test_no_server_is_contacted_for_tiles_unless_a_key_is_set() -> None:
    assert Settings().tiles == ""
    assert all("tianditu.gov.cn" in server for server in Settings(tianditu_key="k").tiles.split())


def test_records_are_complete_and_unique() -> None:
    assert {setting.key for setting in SETTINGS} == {field.name for field in fields(Settings)}
    names = [setting.name for setting in SETTINGS]
    assert len(set(names)) == len(names) and all(name.startswith("YIKEZHONG_") for name in names)
    assert all(setting.help for setting in SETTINGS)
