"""The coverage page in a real browser: what is drawn is what was computed, quickly, and nothing comes from outside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

from callbacks.coverage import MAP
from geodata.city import City
from geodata.ties import Ties
from layers.coverage import unit_table
from layers.paths import walked_path
from layers.query import Query
from layers.scale import cell_scale, cell_values, classify
from layers.shapes import cell_spacing_m
from tests.browser.conftest import serving
from tests.conftest import CHROMIUM, QUIET

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    # Werkzeug and flask-compress leave files of assets to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
PATIENCE_S = 60.0
VIEW = f"citymap.views.get('{MAP.name}')"
QUERY = Query(element="pharmacy", minutes=5.0, unit="cell")


@pytest.fixture(scope="module")
def no_webgl(chromium: Any) -> Iterator[Any]:
    """A browser that cannot do WebGL at all."""
    found = chromium.browser_type.launch(executable_path=str(CHROMIUM), args=[*QUIET, "--disable-3d-apis"])
    yield found
    found.close()


class Visit:
    """A page with what it asked for and complained about."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    def open(self, query: Query, extra: str = "") -> None:
        self.page.goto(f"{self.address}/coverage?{query.to_url()}{extra}")
        self.wait(lambda: self.drawn() == query.to_url())

    def wait(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, (self.page.inner_text("#status"), self.complaints)
            self.page.wait_for_timeout(25)

    def drawn(self) -> str | None:
        """Return the question that is on the screen."""
        return self.page.evaluate(f"window.citymap && {VIEW} && {VIEW}.picture ? {VIEW}.picture.key : null")

    def change(self, **fields: Any) -> None:
        self.page.evaluate("fields => dash_clientside.set_props('query-change', {data: fields})", fields)

    def point(self, lat: float, lon: float) -> tuple[float, float]:
        """Return where on the screen a place is."""
        box = self.page.locator(f"#{MAP.name}").bounding_box()
        at = self.page.evaluate(
            f"at => {{ const p = {VIEW}.map.latLngToContainerPoint(at); return [p.x, p.y]; }}", [lat, lon]
        )
        assert box is not None
        return box["x"] + at[0], box["y"] + at[1]

    def colours(self, city: City) -> list[str]:
        """Return the colour painted at the centre of every cell."""
        places = city.cells[["lat", "lon"]].to_numpy().tolist()
        return self.page.evaluate(
            f"""places => {{ const layer = {VIEW}.layers.cells, map = {VIEW}.map, ratio = layer._ratio;
            return places.map(at => {{ const p = map.latLngToLayerPoint(at).subtract(layer._origin).multiplyBy(ratio);
              const [r, g, b, a] = layer._context.getImageData(Math.round(p.x), Math.round(p.y), 1, 1).data;
              return a ? '#' + [r, g, b].map(v => v.toString(16).padStart(2, '0')).join('') : ''; }}); }}""",
            places,
        )

    def outside(self) -> list[str]:
        return [url for url in self.asked if not url.startswith((self.address, "data:", "blob:"))]


@contextmanager
def visiting(browser: Any, address: str) -> Iterator[Visit]:
    """Visit a site in a fresh profile; fails afterwards on any outside request or complaint of the browser."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True, locale="zh-CN")
    found = Visit(context.new_page(), address)
    yield found
    context.close()
    assert found.outside() == []
    assert found.complaints == []


@pytest.fixture
def visit(chromium: Any, site: str) -> Iterator[Visit]:
    with visiting(chromium, site) as found:
        yield found


def _squares(city: City, query: Query) -> list[str]:
    """Return the colour at the centre of every cell: of all squares that lie there, that of the best served."""
    scale, half = cell_scale(city, query), cell_spacing_m(city) / 2 * 1.02
    classes = classify(scale, cell_values(city, query))
    xy = city.cells[["x", "y"]].to_numpy()
    over = (np.abs(xy[:, None] - xy[None]) <= half).all(axis=2)
    return [scale.classes[classes[row].min()].colour for row in over]


def test_every_cell_has_the_colour_of_its_class_whatever_is_asked(visit: Visit, small: City) -> None:
    visit.open(QUERY)
    assert visit.colours(small) == _squares(small, QUERY)
    query, seen = QUERY, {tuple(visit.colours(small))}
    for change in (
        {"minutes": 12.0}, {"walker": "wheelchair"}, {"element": "park_green"}, {"view": "official"},
        {"view": "difference"}, {"view": "circle"},
    ):  # fmt: skip
        query = query.but(**change)
        visit.change(**change)
        visit.wait(lambda query=query: visit.drawn() == query.to_url())
        assert visit.colours(small) == _squares(small, query), change
        seen.add(tuple(visit.colours(small)))
    assert len(seen) >= 6


def test_the_map_is_drawn_where_webgl_is_off(no_webgl: Any, site: str, small: City) -> None:
    with visiting(no_webgl, site) as visit:
        visit.open(QUERY)
        assert visit.page.evaluate("document.createElement('canvas').getContext('webgl') === null")
        assert visit.colours(small) == _squares(small, QUERY)


def test_the_legend_says_the_people_of_each_class(visit: Visit) -> None:
    visit.open(QUERY)
    words = visit.page.inner_text(f"#{MAP.legend}")
    assert all(part in words for part in ("≤ 5 分钟", "700 人", "1,400 人", "1,500 人", "19.4 %"))


def test_a_click_draws_the_walk_and_escape_takes_it_away(visit: Visit, small: City) -> None:
    visit.open(QUERY)
    path = walked_path(small, QUERY.who(), "pharmacy", 0)
    assert path is not None
    visit.page.mouse.click(*visit.point(*small.cells[["lat", "lon"]].iloc[0]))
    card = visit.page.locator("#coverage-card")
    card.wait_for(state="visible")
    visit.wait(lambda: f"{path.metres:,.0f} 米" in card.inner_text())
    assert f"{path.minutes:.2f} 分钟" in card.inner_text() and "设施A" in card.inner_text()
    lines = f"{VIEW}.layers.proof._group.getLayers().filter(l => l.getLatLngs)"
    lines += ".map(l => l.getLatLngs().map(p => [p.lat, p.lng]))"
    visit.wait(lambda: len(visit.page.evaluate(lines)) == 2)
    drawn = np.array(visit.page.evaluate(lines)[0])
    assert np.abs(drawn - path.lonlat[:, ::-1]).max() < 1e-5
    visit.page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    assert visit.page.evaluate(lines) == []


def test_a_click_on_a_facility_shows_whom_it_serves(visit: Visit, small: City) -> None:
    visit.open(QUERY)
    place = small.facilities.loc[small.facilities["id"] == "A", ["lat", "lon"]].iloc[0]
    visit.page.evaluate(f"at => {VIEW}.map.setView(at, 17, {{animate: false}})", place.tolist())
    visit.page.mouse.click(*visit.point(*place))
    card = visit.page.locator("#coverage-card")
    visit.wait(lambda: "服务范围" in card.inner_text())
    assert "200 人" in card.inner_text() and "20 人" in card.inner_text()


def test_a_hovered_cell_says_its_minutes_without_asking(visit: Visit, small: City) -> None:
    """From the moment the map is drawn no request is answered, whoever makes it; the tip comes all the same."""
    visit.open(QUERY)
    visit.page.wait_for_load_state("networkidle")
    held: list[Any] = []
    visit.page.route("**/*", lambda route: held.append(route))  # noqa: PLW0108 - a built-in cannot be marked
    visit.page.mouse.move(*visit.point(*small.cells[["lat", "lon"]].iloc[4]))
    visit.page.locator(".citymap-tip").wait_for(state="visible")
    words = visit.page.inner_text(".citymap-tip")
    assert "步行 4.5 分钟" in words and "500.0 人" in words and "东门社区" in words


def test_the_table_is_the_twin_of_the_map(visit: Visit, small: City) -> None:
    query = QUERY.but(unit="community")
    visit.open(query)
    visit.page.locator(".ag-row").first.wait_for()
    words = visit.page.inner_text("#coverage-table")
    for row in unit_table(small, query).itertuples():
        assert row.name in words and f"{row.share:.1%}" in words
    visit.page.locator(".ag-row", has_text="西门社区").locator(".ag-cell").first.click()
    visit.wait(lambda: "西门社区" in visit.page.inner_text("#coverage-card"))
    box = visit.page.evaluate(f"(() => {{ const b = {VIEW}.map.getBounds(); return [b.getSouth(), b.getNorth()]; }})()")
    shape = small.units.geometry.loc["140702001001"].bounds
    assert box[0] <= shape[1] and box[1] >= shape[3] and box[1] - box[0] < 3 * (shape[3] - shape[1])


def test_the_switches_change_the_question_and_back_restores_it(visit: Visit) -> None:
    visit.open(QUERY)
    visit.page.locator("#coverage-view").get_by_text("两种口径之差").click()
    visit.wait(lambda: "view=difference" in (visit.drawn() or ""))
    visit.page.locator("#coverage-drawn-as").get_by_text("单元").click()
    visit.wait(lambda: "unit=community" in (visit.drawn() or ""))
    assert "unit=community" in visit.page.url and "view=difference" in visit.page.url
    visit.page.go_back()
    visit.wait(lambda: "unit=cell" in (visit.drawn() or ""))


@pytest.mark.parametrize(
    ("unit", "change"),
    [
        ("cell", {"minutes": 12.5}),
        ("cell", {"element": "park_green", "walker": "pram"}),
        ("community", {"minutes": 12.0, "walker": "older"}),
    ],
)
def test_what_the_browser_foresees_is_what_the_server_answers(visit: Visit, unit: str, change: dict[str, Any]) -> None:
    query = QUERY.but(unit=unit)
    visit.open(query)
    visit.page.evaluate(f"{VIEW}.map.setZoom(11, {{animate: false}})")
    visit.wait(lambda: (visit.page.evaluate(f"{VIEW}.shown.kind") == "cells") is (unit == "cell"))
    visit.change(**change)
    visit.wait(lambda: visit.drawn() == query.but(**change).to_url())
    foreseen, told = visit.page.evaluate(f"[{VIEW}.foreseen, {VIEW}.picture]")
    assert foreseen is not None
    for name in ("scale", "threshold", "kind"):
        assert foreseen[name] == told[name]
    assert foreseen["urls"]["seconds"] == told["urls"]["seconds"]
    for mine, its in zip(foreseen["legend"]["classes"], told["legend"]["classes"], strict=True):
        assert (mine["title"], mine["colour"]) == (its["title"], its["colour"])
        assert mine["people"] == pytest.approx(its["people"]) and mine["share"] == pytest.approx(its["share"])
    if unit == "community":
        assert foreseen["units"]["values"] == pytest.approx(told["units"]["values"], abs=1e-6)


def test_cells_are_drawn_when_one_looks_closely_unless_units_are_insisted_on(visit: Visit, small: City) -> None:
    visit.open(QUERY.but(unit="community"))
    kind = f"{VIEW}.shown.kind"
    zoom = f"zoom => {VIEW}.map.setZoom(zoom, {{animate: false}})"
    visit.page.evaluate(zoom, 11)
    visit.wait(lambda: visit.page.evaluate(kind) == "units")
    visit.page.evaluate(zoom, 15)
    visit.wait(lambda: visit.page.evaluate(kind) == "cells")
    assert set(visit.colours(small)) <= {*_squares(small, QUERY), ""} and any(visit.colours(small))
    assert "步行时间" in visit.page.inner_text(f"#{MAP.legend}")
    visit.page.locator("#coverage-drawn-as").get_by_text("单元").click()
    visit.wait(lambda: visit.page.evaluate(kind) == "units")


def test_a_finding_is_sent_by_its_address(visit: Visit, small: City) -> None:
    visit.open(QUERY)
    visit.page.mouse.click(*visit.point(*small.cells[["lat", "lon"]].iloc[0]))
    visit.wait(lambda: f"cell={small.cells.index[0]}" in visit.page.url)
    visit.wait(lambda: bool(visit.page.inner_text("#coverage-card-title")))
    title = visit.page.inner_text("#coverage-card-title")
    visit.page.reload()
    visit.wait(lambda: visit.page.inner_text("#coverage-card-title") == title)
    visit.wait(lambda: f"cell={small.cells.index[0]}" in visit.page.url)
    visit.page.keyboard.press("Escape")
    visit.wait(lambda: "cell=c" not in visit.page.url)
    held: list[Any] = []
    visit.page.route("**/seconds/**", lambda route: held.append(route))  # noqa: PLW0108 - a built-in cannot be marked
    visit.page.goto(f"{visit.address}/coverage?{QUERY.to_url()}&cell={small.cells.index[0]}")
    visit.page.locator("#coverage-card").wait_for(state="visible")
    visit.page.keyboard.press("Escape")  # before the map is drawn
    visit.wait(lambda: not visit.page.locator("#coverage-card").is_visible())
    visit.wait(lambda: "cell=c" not in visit.page.url)
    visit.page.unroute("**/seconds/**")
    visit.open(QUERY, "&facility=nonsense")
    visit.wait(lambda: "nonsense" in visit.page.inner_text("#coverage-place-note"))
    assert not visit.page.locator("#coverage-card").is_visible()


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "'\"); DROP TABLE", ".*[", "%00"])
def test_nonsense_in_the_search_is_harmless(visit: Visit, text: str) -> None:
    visit.open(QUERY)
    visit.page.locator("#coverage-seek").fill(text)
    visit.page.get_by_text("没有找到").first.wait_for(state="visible")


def test_a_place_is_found_and_looked_at(visit: Visit) -> None:
    visit.open(QUERY)
    visit.page.locator("#coverage-seek").fill("东门")
    visit.page.locator("[role=option]:visible", has_text="东门社区").click()
    visit.wait(lambda: "东门社区" in visit.page.inner_text("#coverage-card"))


def test_an_older_answer_never_covers_a_newer_one(visit: Visit, small: City) -> None:
    visit.open(QUERY)
    held: list[Any] = []
    visit.page.route("**/seconds/park_green**", lambda route: held.append(route))  # noqa: PLW0108 - a built-in cannot be marked
    visit.change(element="park_green")
    visit.wait(lambda: bool(held))
    visit.change(element="elderly_day_care")
    last = QUERY.but(element="elderly_day_care")
    visit.wait(lambda: visit.drawn() == last.to_url())
    held[0].continue_()
    visit.page.wait_for_timeout(400)
    assert visit.drawn() == last.to_url() and visit.colours(small) == _squares(small, last)


def test_borders_and_names_appear_while_the_values_are_still_awaited(visit: Visit) -> None:
    """Even when the borders come after the question has been answered and before its values have."""
    borders: list[Any] = []
    values: list[Any] = []
    visit.page.route("**/units/**", lambda route: borders.append(route))  # noqa: PLW0108 - a built-in cannot be marked
    visit.page.route("**/seconds/**", lambda route: values.append(route))  # noqa: PLW0108 - likewise
    visit.page.goto(f"{visit.address}/coverage?{QUERY.to_url()}")
    visit.wait(lambda: bool(borders and values))
    for route in borders:
        route.continue_()
    visit.page.unroute("**/units/**")
    visit.wait(lambda: visit.page.evaluate(f"({VIEW}.layers.outlines._shapes || []).length > 0"))
    assert visit.drawn() is None
    for route in values:
        route.continue_()
    visit.page.unroute("**/seconds/**")
    visit.wait(lambda: visit.drawn() == QUERY.to_url())


def test_a_failed_request_is_told_in_the_status_line(visit: Visit) -> None:
    visit.open(QUERY)
    visit.page.route("**/seconds/park_green**", lambda route: route.abort())
    visit.change(element="park_green")
    visit.wait(lambda: "中断" in visit.page.inner_text("#status"))
    visit.complaints[:] = [said for said in visit.complaints if "ERR_FAILED" not in said]
    assert visit.drawn() == QUERY.to_url()


@pytest.mark.parametrize("key", ["csv", "html"])
def test_what_is_on_screen_can_be_taken_away(visit: Visit, key: str) -> None:
    visit.open(QUERY.but(unit="community"))
    visit.page.locator("#export-menu").click()
    with visit.page.expect_download() as coming:
        visit.page.locator(f"#export-{key}").click()
    assert coming.value.suggested_filename.endswith(f".{key}")
    assert "东门社区" in Path(coming.value.path()).read_text(encoding="utf-8-sig")


def large_city(small: City, side: int = 317) -> City:
    """Return the small city with 100,489 cells on a lattice of 100 m, tied to random places of its streets."""
    rng = np.random.default_rng(7)
    x, y = (axis.ravel() * 100.0 for axis in np.meshgrid(np.arange(side), np.arange(side)))
    lon, lat = Transformer.from_crs(small.metric_crs, 4326, always_xy=True).transform(x, y)
    people = pd.DataFrame({g: rng.integers(0, 50, side**2).astype(float) for g in ("population", "age_60_plus")})
    cells = people.assign(lon=lon, lat=lat, x=x, y=y, factor=1.0, county="", township="", community="")
    cells.index = pd.Index([f"z{i}" for i in range(side**2)], name="id")
    edge = rng.integers(0, small.network.edge_count, side**2).astype(np.int32)
    ties = Ties(edge, rng.uniform(0, 1, side**2) * small.network.length_m[edge], rng.uniform(0, 400, side**2))
    return replace(small, version="large", cells=cells, cell_ties=ties)


def test_a_hundred_thousand_cells_change_colour_at_once(
    no_webgl: Any, small: City, record_property: Callable[[str, object], None]
) -> None:
    city, times = large_city(small), []
    changes = (
        {"minutes": 8.0},
        {"element": "park_green"},
        {"walker": "older"},
        {"minutes": 12.0},
        {"element": "pharmacy"},
    )
    with serving(city) as address, visiting(no_webgl, address) as visit:
        visit.page.set_viewport_size({"width": 1920, "height": 1080})
        visit.open(QUERY)
        query = QUERY
        for change in changes:
            query = query.but(**change)
            visit.change(**change)
            visit.wait(lambda query=query: visit.drawn() == query.to_url())
            last = "performance.getEntriesByName('{}').slice(-1)[0].duration"
            times.append([visit.page.evaluate(last.format(f"citymap:{name}")) for name in ("restyle", "answer")])
        visit.page.evaluate(f"{VIEW}.map.setZoom(14, {{animate: false}})")
        rows = np.arange(0, len(city.cells), 97)
        seen = visit.colours(replace(city, cells=city.cells.iloc[rows]))
    scale = cell_scale(city, query)
    classes = classify(scale, cell_values(city, query))[rows]
    drawn = [(colour, scale.classes[k].colour) for colour, k in zip(seen, classes, strict=True) if colour]
    assert len(drawn) > 20 and all(colour == wanted for colour, wanted in drawn)
    restyle, answer = np.median(times, axis=0)
    record_property("restyle_ms", float(restyle))
    record_property("answer_ms", float(answer))
