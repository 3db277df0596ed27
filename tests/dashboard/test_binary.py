"""The arrays on the wire say what the layers say, and no request gets anything else."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from urllib.parse import quote

import brotli
import numpy as np
import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient

from callbacks import wire
from dashboard import arrays, binary
from geodata.city import City
from layers import seconds as timing
from layers.circle import circle
from layers.coverage import served
from layers.query import Query
from layers.radius import has_radius, official
from layers.seconds import UNREACHED

SENSITIVE = "community_corrections_rehab"


@pytest.fixture(scope="module")
def client(small: City) -> FlaskClient:
    return _client(small)


def _client(city: City | None) -> FlaskClient:
    server = Flask(__name__)
    binary.register(server, lambda: city)
    return server.test_client()


def _u2(body: bytes) -> np.ndarray:
    return np.frombuffer(body, "<u2")


def test_seconds_are_those_of_the_walk_by_hand(small: City, client: FlaskClient) -> None:
    got = _u2(client.get(wire.seconds_url(small, Query(element="pharmacy"))).data)
    metres = {"c1": 410, "c2": 110, "c3": 510, "c4": 730, "c5": 320, "c6": 1590}
    by_hand = [int(np.ceil(m / 1.2 - 1e-9)) for m in metres.values()]
    assert got[:6].tolist() == by_hand
    assert got[6:].tolist() == [UNREACHED] * 2


@pytest.mark.parametrize("walker", ["adult", "older", "wheelchair"])
@pytest.mark.parametrize("minutes", [2, 5, 7.5, 10, 15, 23])
def test_comparing_whole_seconds_is_the_exact_comparison(
    small: City, client: FlaskClient, walker: str, minutes: float
) -> None:
    query = Query(element="elderly_day_care", walker=walker, minutes=minutes)
    within = _u2(client.get(wire.seconds_url(small, query)).data) <= 60 * minutes
    assert within.tolist() == served(small, query).reached.tolist()


def test_noise_of_floats_does_not_push_an_exact_second_up(small: City, monkeypatch: pytest.MonkeyPatch) -> None:
    time = np.full(len(small.cells), np.inf)
    time[:4] = [5.0, np.nextafter(np.float32(5.0), np.float32(6.0)), 5.0 + 0.01 / 60, 0.0]
    monkeypatch.setattr(timing, "walked", lambda *_, **__: time)
    assert _u2(arrays.seconds(small, Query(element="pharmacy")))[:5].tolist() == [300, 300, 301, 0, UNREACHED]


def test_a_slower_speed_makes_more_seconds(small: City, client: FlaskClient) -> None:
    usual = _u2(client.get(wire.seconds_url(small, Query(element="pharmacy"))).data)
    slow = _u2(client.get(wire.seconds_url(small, Query(element="pharmacy", speed_m_s=0.6))).data)
    assert slow[0] == np.ceil(410 / 0.6) and (slow[:6] > usual[:6]).all()


def test_cells_lie_where_they_are(small: City, client: FlaskClient) -> None:
    body = client.get(f"{wire.base(small)}/cells").data
    count = np.frombuffer(body, "<u4", 1)[0]
    x0, y0, half, _ = np.frombuffer(body, "<f8", 4, offset=8)
    xy = np.frombuffer(body, "<f4", 2 * count, offset=40).reshape(-1, 2) / arrays.FINE + [x0, y0]
    wanted = arrays.mercator(small.cells["lon"], small.cells["lat"])
    assert np.abs(xy - wanted).max() * arrays.EQUATOR_M < 0.1
    assert half > 0 and len(body) == 40 + 8 * count + 2 * count
    names = json.loads(client.get(f"{wire.base(small)}/names").data)
    community = np.frombuffer(body, "<u2", count, offset=40 + 8 * int(count))
    assert [names[row] for row in community[:5]] == ["西门社区"] * 4 + ["东门社区"]


def test_flags_and_missing_are_those_of_the_layers(small: City, client: FlaskClient) -> None:
    query = Query(element="pharmacy")
    flags = np.frombuffer(client.get(wire.official_url(small, query)).data, "u1")
    wanted = official(small, "pharmacy")
    assert wanted is not None and flags.tolist() == wanted.astype(int).tolist() and 0 < flags.sum() < len(flags)
    few = Query(required=("pharmacy", "park_green"))
    got = np.frombuffer(client.get(wire.missing_url(small, few)).data, "u1")
    assert got.tolist() == (2 - circle(small, few).count).tolist() and len(set(got.tolist())) > 1


def test_an_element_without_radius_has_no_flags(small: City, client: FlaskClient) -> None:
    bare = next(e for e in small.catalogue.elements if not has_radius(e) and not e.sensitive)
    flags = np.frombuffer(client.get(wire.official_url(small, Query(element=bare.key))).data, "u1")
    assert set(flags.tolist()) == {arrays.NO_RADIUS}


def test_people_and_facilities(small: City, client: FlaskClient) -> None:
    people = np.frombuffer(client.get(wire.people_url(small, Query(group="60+"))).data, "<f4")
    assert people.tolist() == [20, 40, 60, 80, 100, 120, 140, 160]
    places = json.loads(client.get(wire.facilities_url(small, Query(element="pharmacy"))).data)
    assert sorted(places["name"]) == ["设施A", "设施B"]
    assert small.facilities["element"].iloc[places["row"]].tolist() == ["pharmacy"] * 2


def test_units_stay_a_coverage(small: City, client: FlaskClient) -> None:
    found = json.loads(client.get(wire.units_url(small, "community")).data)["features"]
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in found]
    assert [f["properties"]["name"] for f in found] == ["西门社区", "东门社区"]
    assert shapes[0].intersection(shapes[1]).area < 1e-12
    assert all(shape.contains(shapely.Point(f["properties"]["at"])) for shape, f in zip(shapes, found, strict=True))


def test_streets_of_all_tiles_are_the_network(small: City, client: FlaskClient) -> None:
    corner = arrays.mercator(small.cells["lon"], small.cells["lat"])
    low, high = (np.floor(c * 2**arrays.TILE_ZOOM).astype(int) for c in (corner.min(axis=0), corner.max(axis=0)))
    total = 0
    for x in range(low[0] - 1, high[0] + 2):
        for y in range(low[1] - 1, high[1] + 2):
            body = client.get(f"{wire.base(small)}/streets/{x}/{y}").data
            lines, vertices = np.frombuffer(body, "<u4", 2)
            assert len(body) == 12 + 4 * lines + 8 * vertices + lines
            total += int(lines)
    assert total >= small.network.edge_count
    nowhere = client.get(f"{wire.base(small)}/streets/0/0").data
    assert np.frombuffer(nowhere, "<u4").tolist() == [0, 0, 0]


@pytest.mark.parametrize(("encoding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_compressed_once_and_kept_for_good(small: City, client: FlaskClient, encoding: str, unpack: object) -> None:
    url = f"{wire.base(small)}/cells"
    plain, packed = client.get(url), client.get(url, headers={"Accept-Encoding": encoding})
    assert packed.headers["Content-Encoding"] == encoding
    assert unpack(packed.data) == plain.data
    assert "immutable" in packed.headers["Cache-Control"] and "Accept-Encoding" in packed.headers["Vary"]
    tag = packed.headers["ETag"]
    again = client.get(url, headers={"Accept-Encoding": encoding, "If-None-Match": tag})
    assert again.status_code == 304 and again.data == b""


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("seconds/nothing?walker=adult", 404),
        ("seconds/pharmacy?walker=robot", 404),
        ("seconds/pharmacy?walker=adult&speed_m_s=99", 400),
        ("seconds/pharmacy?walker=adult&speed_m_s=nan", 400),
        ("seconds/pharmacy/more", 404),
        ("people/nobody", 404),
        ("units/cell", 404),
        ("units/../../etc/passwd", 404),
        ("units/" + quote("../community", safe=""), 404),
        ("streets/-1/0", 404),
        ("streets/1e3/0", 404),
        ("streets/99999/0", 404),
        ("streets/" + quote("٣") + "/0", 404),
        ("missing?circle=none", 404),
        ("missing?required=nothing", 404),
        ("", 404),
    ],
)
def test_nothing_else_is_answered(small: City, client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(f"{wire.base(small)}/{path}")
    assert answer.status_code == status
    assert len(answer.get_data(as_text=True)) < 1500 and "Traceback" not in answer.get_data(as_text=True)


def test_an_old_stamp_is_told_to_reload(client: FlaskClient) -> None:
    answer = client.get(f"{wire.ROOT}/0123456789abcdef/cells")
    assert answer.status_code == 404 and "刷新" in answer.get_data(as_text=True)
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("kind", ["seconds", "official", "facilities"])
def test_sensitive_places_never_leave_the_server(small: City, client: FlaskClient, kind: str) -> None:
    rule = next(e for e in small.catalogue.elements if e.sensitive)
    answer = client.get(f"{wire.base(small)}/{kind}/{rule.key}")
    assert answer.status_code == 400 and "敏感" in answer.get_data(as_text=True)


def test_what_the_bytes_do_not_depend_on_is_ignored(small: City) -> None:
    asked = "&".join(f"junk{i}={i}" for i in range(5))
    url = f"{wire.base(small)}/official/pharmacy"
    client = _client(small)
    assert client.get(f"{url}?{asked}&walker=robot").headers["ETag"] == client.get(url).headers["ETag"]


def test_a_city_without_anything(small: City) -> None:
    none = small.cell_ties
    ties = type(none)(none.edge[:0], none.offset_m[:0], none.access_m[:0])
    city = replace(small, cells=small.cells.iloc[:0], cell_ties=ties, units=small.units.iloc[:0])
    client = _client(city)
    assert np.frombuffer(client.get(f"{wire.base(city)}/cells").data, "<u4", 1)[0] == 0
    assert client.get(wire.seconds_url(city, Query(element="pharmacy"))).data == b""
    assert json.loads(client.get(wire.units_url(city, "community")).data)["features"] == []
    assert _client(None).get(f"{wire.ROOT}/x/cells").status_code == 404


def test_the_stamp_follows_data_and_snapping(small: City) -> None:
    other = replace(small, version="another")
    loose = replace(small, report={**small.report, "snap": {"max_snap_m": 900.0}})
    assert len({wire.stamp(small), wire.stamp(other), wire.stamp(loose)}) == 3


def test_warming_computes_and_ends(small: City) -> None:
    thread = binary.warm(lambda: small)
    thread.join(timeout=60)
    assert not thread.is_alive()
