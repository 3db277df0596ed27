from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import shapely
from matplotlib.colors import to_rgb
from PIL import Image

from geodata.errors import UnknownKey
from layers.captions import caption
from layers.query import VIEWS, Query
from layers.run import run_id
from layers.scale import cell_scale, unit_scale
from layers.shapes import EMPTY, drawn_unit, outlines, picture
from layers.static_map import static_map
from layers.typeface import characters, embedded, lacking, printable
from tests.town import square, town, with_facilities, without_cells, without_units

TEN = Query(minutes=10, speed_m_s=1.0, circle="mofcom", required=("pharmacy", "gov_service_window"))


def drawn(city, query, **how):
    image = Image.open(io.BytesIO(static_map(city, query, **{"dpi": 72, **how})))
    image.load()
    return image


def pixels_of(image, colour):
    wanted = np.round(np.array(to_rgb(colour)) * 255)
    return int((np.abs(np.asarray(image.convert("RGB")).astype(int) - wanted).max(axis=2) <= 1).sum())


@pytest.mark.parametrize(("paper", "dpi", "size"), [("A4", 200, (2338, 1654)), ("A3", 72, (1191, 842))])
def test_the_picture_has_the_size_of_its_paper(paper, dpi, size):
    image = drawn(town(), TEN, paper=paper, dpi=dpi)
    assert image.format == "PNG"
    assert np.abs(np.array(image.size) - size).max() <= 1
    assert image.info["dpi"][0] == pytest.approx(dpi, abs=1)
    assert image.info["Description"].startswith(f"计算编号 {run_id(town(), TEN)}")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("unit", ["cell", "community", "county"])
def test_every_view_is_drawn_in_the_colours_of_its_legend(view, unit):
    query = TEN.but(view=view, unit=unit)
    scale = cell_scale(town(), query) if unit == "cell" else unit_scale(query)
    image = drawn(town(), query, dpi=100)
    for one in scale.classes:
        assert pixels_of(image, one.colour) > 40, one.title


def test_what_is_drawn_follows_the_question():
    short, long = (drawn(town(), TEN.but(unit="cell", minutes=m)) for m in (5, 20))
    near = cell_scale(town(), TEN.but(unit="cell", minutes=5)).classes[0].colour
    assert pixels_of(short, near) > 0
    assert np.asarray(short.convert("L")).tobytes() != np.asarray(long.convert("L")).tobytes()


def test_the_marks_are_drawn_and_those_of_synthetic_data_only_on_them():
    red = "#a12a00"
    with_mark, without = (
        pixels_of(drawn(town(), TEN, dpi=150), red),
        pixels_of(drawn(replace(town(), synthetic=False), TEN, dpi=150), red),
    )
    assert with_mark > without > 0
    assert any("合成示例" in mark for mark in caption(town(), TEN).marks)
    assert not any("合成示例" in line for line in caption(replace(town(), synthetic=False), TEN).lines)


def test_two_pictures_of_one_run_are_the_same_and_threads_do_not_disturb_each_other():
    queries = [TEN.but(view=view, unit=unit) for view in ("network", "difference") for unit in ("cell", "community")]
    alone = [static_map(town(), query, dpi=72) for query in queries]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda query: static_map(town(), query, dpi=72), queries * 2))
    assert together == alone * 2


def test_no_text_of_ours_comes_out_as_an_empty_box():
    city = town()
    for view in VIEWS:
        words = caption(city, TEN.but(view=view))
        assert lacking("".join(words.lines)) == ()
        assert lacking("".join(c.title for c in cell_scale(city, TEN.but(view=view)).classes)) == ()
    assert set("晋中市榆次区太谷祁县平遥灵石介休寿阳昔阳和顺左权榆社㎡²≤≥×÷Σ∩–—…·０９").issubset(characters())
    assert all(bytes([hi, lo]).decode("gb2312") in characters() for hi in range(0xB0, 0xD7) for lo in range(0xA1, 0xFF))


def test_rare_characters_become_a_mark_instead_of_a_box():
    assert printable("\U00020164村\x00\n社") == "〓村〓 社"
    assert lacking("\U00020164村 ") == ("\U00020164",)
    city = town()
    units = city.units.copy()
    units.loc["140700", "name"] = "\U00020164县 $\\frac{1}{0}$ _^"
    assert drawn(replace(city, units=units, name="$x_{"), TEN).size[0] > 0


def test_a_part_of_the_typeface_has_the_characters_it_was_cut_for():
    assert 1000 < len(embedded("晋中")) < len(embedded("晋中市一刻钟便民生活圈")) < 60_000


def test_facilities_are_drawn_but_never_sensitive_ones():
    plain = drawn(with_facilities(town(), []), TEN.but(element="community_corrections_rehab"), dpi=100)
    sensitive = drawn(town(), TEN.but(element="community_corrections_rehab"), dpi=100)
    assert drawn_unit(town(), TEN.but(element="community_corrections_rehab", unit="cell")) == "community"
    assert pixels_of(sensitive, "#111111") == pixels_of(plain, "#111111")
    hidden = without_units(town())
    assert drawn_unit(hidden, TEN.but(element="community_corrections_rehab", unit="cell")) == "city"
    assert drawn(hidden, TEN.but(element="community_corrections_rehab", unit="cell")).size[0] > 0


@pytest.mark.parametrize("city", [without_cells(town()), without_units(town()), without_units(without_cells(town()))])
@pytest.mark.parametrize("view", ["network", "circle"])
@pytest.mark.parametrize("unit", ["cell", "community"])
def test_an_empty_city_still_has_title_legend_and_scale_bar(city, view, unit):
    image = drawn(city, TEN.but(view=view, unit=unit))
    assert pixels_of(image, "#222222") > 100


@pytest.mark.parametrize(("paper", "dpi"), [("A9", 200), ("A4", 20), ("A4", 5000)])
def test_papers_that_are_not_offered_are_refused(paper, dpi):
    with pytest.raises(UnknownKey, match=paper):
        static_map(town(), TEN, paper=paper, dpi=dpi)


def test_units_without_outlines_are_drawn_by_cell():
    assert drawn_unit(without_units(town()), TEN) == "cell"
    assert drawn_unit(town(), TEN) == "community"
    assert [code for code, _ in outlines(town(), "county")] == ["140700"]


def test_cells_are_squares_at_their_place_and_the_one_of_more_people_is_seen():
    xy = np.array([[5.0, 5.0], [5.0, 6.0], [95.0, 95.0], [500.0, 0.0]])
    classes, weight = np.array([3, 1, 2, 0], dtype=np.int8), np.array([9.0, 2.0, 1.0, 1.0])
    out = picture(xy, classes, bounds=(0, 0, 100, 100), shape=(10, 10), spacing=10.0, weight=weight)
    assert out[0, 0] == 3
    assert out[9, 9] == 2
    assert (out != EMPTY).sum() == 2
    one = {"bounds": (0, 0, 100, 100), "shape": (10, 10), "weight": weight[2:3]}
    wide = picture(xy[2:3], classes[2:3], spacing=30.0, **one)
    assert (wide == 2).sum() == 4  # a square of three pixels, cut off at the corner
    assert (picture(xy[2:3], classes[2:3], spacing=1.0, least=3, **one) == wide).all()


def test_a_unit_of_several_parts_is_drawn_with_all_of_them():
    city = town()
    whole = pixels_of(drawn(city, TEN.but(minutes=20), dpi=100), "#081d58")  # the south street, a share of 100 %
    units = city.units.copy()
    west, east = square(-50, -50, 825, 150), square(775, -50, 825, 150)
    units.loc["140700001001", "geometry"] = shapely.MultiPolygon([west, east.difference(west.buffer(1e-4))])
    parts = pixels_of(drawn(replace(city, units=units), TEN.but(minutes=20), dpi=100), "#081d58")
    assert whole * 0.8 < parts <= whole
