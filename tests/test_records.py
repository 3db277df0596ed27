"""Everything that can be added is a record: unique keys, a title, source and status, a valid colour, told in docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard.commands import SUBCOMMANDS
from dashboard.pages import PAGES
from dashboard.settings import SETTINGS
from geodata.elements import STATUSES, load_catalogue
from geodata.formats import READERS
from geodata.groups import GROUPS
from geodata.schema import LAYERS
from geodata.standards import load_standards
from geodata.walkers import walkers
from layers.families import FAMILIES
from layers.indicators import INDICATORS
from layers.required import REQUIRED_SETS
from layers.supply.measures import MEASURES
from layers.supply.zones import ZONES

ROOT = Path(__file__).parents[1]
RECORDS: dict[str, list[str]] = {
    "elements": [e.key for e in load_catalogue().elements],
    "walkers": [w.key for w in walkers()],
    "groups": [g.key for g in GROUPS],
    "editions": [e.key for e in load_standards().editions],
    "rules": [r.key for r in load_standards().rules],
    "layers": [spec.key for spec in LAYERS],
    "settings": [s.name for s in SETTINGS],
    "subcommands": [s.word for s in SUBCOMMANDS],
    "indicators": [i.key for i in INDICATORS],
    "pages": [p.path for p in PAGES],
    "required sets": [s.key for s in REQUIRED_SETS],
    "families": [f.key for f in FAMILIES],
    "measures of access": [m.key for m in MEASURES],
    "zones of walking time": [z.key for z in ZONES],
}
TOLD = (
    "editions",
    "rules",
    "walkers",
    "groups",
    "layers",
    "settings",
    "subcommands",
    "indicators",
    "measures of access",
    "zones of walking time",
)


@pytest.mark.parametrize("kind", RECORDS)
def test_keys_are_there_and_unique(kind: str) -> None:
    keys = RECORDS[kind]
    assert keys and len(keys) == len(set(keys)) and all(keys)


@pytest.mark.parametrize("kind", TOLD)
def test_every_record_is_told_in_the_docs(kind: str) -> None:
    docs = "\n".join(path.read_text(encoding="utf-8") for path in [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
    assert [key for key in RECORDS[kind] if f"`{key}`" not in docs] == []


def test_every_file_format_is_told_in_the_docs() -> None:
    docs = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    assert [suffix for suffix in READERS if f"`{suffix}`" not in docs] == []


def test_whatever_has_a_threshold_has_a_status_and_a_source() -> None:
    for record in (*walkers(), *REQUIRED_SETS, *FAMILIES, *ZONES):
        assert record.status in STATUSES and record.source.strip(), record.key
    for indicator in INDICATORS:
        assert indicator.status in STATUSES and indicator.basis.strip() and indicator.unit, indicator.key
        assert indicator.better in ("high", "low", "none") and indicator.definition and indicator.formula
    for e in load_catalogue().elements:
        assert e.sources and re.fullmatch(r"#[0-9a-f]{6}", e.colour), e.key


def test_required_sets_and_families_name_elements_that_exist() -> None:
    known = set(RECORDS["elements"])
    for record in (*REQUIRED_SETS, *FAMILIES):
        assert set(record.elements) <= known, record.key


def test_fields_of_layers_have_titles_and_aliases_that_mean_one_field() -> None:
    for spec in LAYERS:
        assert spec.title and spec.shapes
        keys = list(spec.columns)
        assert len(keys) == len(set(keys)), spec.key
        assert all(field.title for field in spec.fields)


def test_pages_have_a_title_a_path_and_an_icon() -> None:
    for page in PAGES:
        assert page.path.startswith("/") and page.title
        assert not page.icon or (ROOT / "assets" / "icons" / f"{page.icon}.svg").is_file(), page.path
