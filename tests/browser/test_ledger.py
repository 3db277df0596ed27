"""The difference of the two ledgers in a real browser: a falsely covered cell shows why on its card and on the map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from geodata.city import City
from layers.query import Query
from layers.why import why
from tests.banks import RIVER, with_lines
from tests.browser.conftest import serving
from tests.browser.test_coverage import VIEW, Visit, visiting

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
QUERY = Query(element="park_green", minutes=5.0, unit="cell", view="difference")
DRAWN = f"""() => {VIEW}.layers.proof._group.getLayers().map(l => l.getLatLng
  ? {{at: [l.getLatLng().lat, l.getLatLng().lng], fill: l.options.fillColor}}
  : {{dash: l.options.dashArray || '', ends: [l.getLatLngs()[0], l.getLatLngs().at(-1)].map(p => [p.lat, p.lng])}})"""


@pytest.fixture(scope="module")
def banks() -> City:
    return with_lines(RIVER)


@pytest.fixture
def visit(chromium: Any, banks: City) -> Iterator[Visit]:
    with serving(banks) as address, visiting(chromium, address) as found:
        yield found


def test_a_click_on_a_falsely_covered_cell_shows_the_river_and_the_bridge(visit: Visit, banks: City) -> None:
    visit.open(QUERY)
    place = banks.cells[["lat", "lon"]].iloc[5].tolist()
    visit.page.evaluate(f"at => {VIEW}.map.setView(at, 15, {{animate: false}})", place)
    visit.page.mouse.click(*visit.point(*place))
    visit.wait(lambda: "名义覆盖的原因" in visit.page.inner_text("#coverage-card"))
    card, found = visit.page.inner_text("#coverage-card"), why(banks, QUERY, 5)
    assert found is not None
    assert found.sentence in card and "河流阻隔" in card and "9.6 倍" in card
    visit.wait(lambda: any(one.get("dash") for one in visit.page.evaluate(DRAWN)))
    drawn = visit.page.evaluate(DRAWN)
    (line,) = [one["ends"] for one in drawn if one.get("dash")]
    assert line[0] == pytest.approx(found.line[0][::-1], abs=1e-5)
    assert line[1] == pytest.approx(found.line[1][::-1], abs=1e-5)
    marks = [one["at"] for one in drawn if "at" in one]
    for spot in (found.spots[0].lonlat, found.passage):
        assert any(at == pytest.approx(spot[::-1], abs=1e-5) for at in marks)
    visit.change(view="network")
    visit.wait(lambda: "名义覆盖的原因" not in visit.page.inner_text("#coverage-card"))
    assert not any(one.get("dash") for one in visit.page.evaluate(DRAWN))
