"""Every wire ends in something that is on the screen, whatever page is open; a misspelt id fails here."""

from __future__ import annotations

import json

import pytest

from dashboard import shell
from dashboard.app import create_app
from dashboard.pages import PAGES
from dashboard.parts import ASSETS
from dashboard.settings import Settings
from tests.asking import dependencies, ids_in, outputs_of


@pytest.fixture(scope="module")
def wires(small):
    return dependencies(create_app(lambda: small, Settings()))


@pytest.fixture(scope="module")
def rooms(small):
    """Ids of the shell, and of each page."""
    return ids_in(shell.layout(small, PAGES)), {page.path: ids_in(page.layout()) for page in PAGES}


def ends(wire) -> set[str]:
    named = [ident for ident, _ in outputs_of(wire)]
    named += [end["id"] for end in [*wire["inputs"], *wire.get("state", [])]]
    return {ident for ident in named if not ident.startswith("{")}


def test_every_end_of_every_wire_is_in_the_shell_or_on_one_page(wires, rooms):
    frame, pages = rooms
    everywhere = frame.union(*pages.values())
    lost = {ident for wire in wires for ident in ends(wire)} - everywhere
    assert not lost


def test_no_wire_needs_two_pages_at_once(wires, rooms):
    frame, pages = rooms
    for wire in wires:
        own = ends(wire) - frame
        assert not own or any(own <= there for there in pages.values()), wire["output"]


def test_no_id_is_used_twice_on_a_screen(rooms):
    frame, pages = rooms
    for path, there in pages.items():
        assert not (frame & there), path


def test_every_store_and_place_that_a_wire_writes_is_written_by_one_unless_said(wires):
    written = [end for wire in wires for end in ([] if "@" in wire["output"] else outputs_of(wire))]
    assert len(written) == len(set(written))


def test_each_page_has_its_own_address_title_and_drawing():
    assert len({page.path for page in PAGES}) == len({page.title for page in PAGES}) == len(PAGES)
    for page in PAGES:
        assert page.path.startswith("/")
        assert (ASSETS / "icons" / f"{page.icon}.svg").exists()


def test_the_browser_is_told_the_wires_in_plain_json(wires):
    assert json.loads(json.dumps(wires)) == wires
