"""The map asks for nothing outside, and everything its wires need is there."""

from __future__ import annotations

import json

import pytest
from dash import Dash, html

from callbacks import citymap as wires
from callbacks.citymap import MapIds
from dashboard.citymap import city_map, legend_box


def _plain(component: object) -> str:
    return json.dumps(component.to_plotly_json(), default=lambda part: part.to_plotly_json(), ensure_ascii=False)


def test_no_tile_is_asked_for_without_a_key() -> None:
    assert "http" not in _plain(city_map("m"))


def test_a_key_brings_the_two_layers_of_tianditu() -> None:
    text = _plain(city_map("m", tianditu_key="abc"))
    assert text.count("tianditu.gov.cn") == 2 and "tk=abc" in text and "{z}" in text and "{x}" in text


@pytest.mark.parametrize("legend", [True, False])
def test_the_legend_is_there_once(legend: bool) -> None:
    page = html.Div([city_map("m", legend=legend), *([] if legend else [legend_box("m")])])
    assert _plain(page).count(f'"{MapIds("m").legend}"') == 1


def test_every_wire_finds_its_ends() -> None:
    app = Dash(__name__)
    wires.register(app, "m")
    app.layout = html.Div(city_map("m"))
    text = _plain(app.layout)
    ends = {end["id"] for wire in app._callback_list for end in (*wire["inputs"], *wire["state"])}
    ends |= {wire["output"].split(".")[0] for wire in app._callback_list}
    assert len(ends) > 5 and all(f'"{end}"' in text for end in ends)
