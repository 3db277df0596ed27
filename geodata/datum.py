"""Chinese web-map datums: GCJ-02 and BD-09 to and from WGS-84, on whole arrays, exact both ways to far under 1 cm.

GCJ-02 displaces WGS-84 by a smooth field of some hundred metres; BD-09 turns and moves GCJ-02 once more. Neither has a
published definition; the formulas are those recovered by reverse engineering and used alike by every open library
(``eviltransform``, ``coordtransform``). The way back has no closed form and is found by iteration: the displacement
changes by less than 0.4 % of the distance moved, so each round gains more than two digits.

Outside the rectangle :data:`CHINA` (which web maps use for "in China", and which holds parts of the neighbours and all
of Taiwan) GCJ-02 is WGS-84 itself, and the functions return their input.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

CHINA: tuple[float, float, float, float] = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east and north of the rectangle inside which GCJ-02 differs from WGS-84, degrees."""

KRASOVSKY_A_M = 6378245.0
KRASOVSKY_E2 = 0.00669342162296594323
BAIDU_EAST = 0.0065
BAIDU_NORTH = 0.006
ROUNDS = 6
BORDER = 1e-9  # degrees; what lay on the border on the way there counts as inside on the way back


def in_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Say which points lie in the rectangle where GCJ-02 is displaced; NaN lies outside."""
    return _in_china(*_arrays(lon, lat), margin=0.0)


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Move WGS-84 longitudes and latitudes (degrees) to GCJ-02; identity outside China, NaN stays NaN."""
    x, y = _arrays(lon, lat)
    return _inside(in_china(x, y), _gcj(x, y), (x, y))


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Move GCJ-02 longitudes and latitudes (degrees) back to WGS-84, to better than a millimetre.

    A point whose WGS-84 position falls outside China is taken as not displaced.
    """
    x, y = _arrays(lon, lat)
    back = _gcj_back(x, y)
    return _inside(_in_china(*back, margin=BORDER), back, (x, y))


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Move GCJ-02 degrees to BD-09; identity outside China."""
    x, y = _arrays(lon, lat)
    return _inside(in_china(x, y), _baidu(x, y), (x, y))


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Move BD-09 degrees back to GCJ-02, to better than a millimetre."""
    x, y = _arrays(lon, lat)
    back = _baidu_back(x, y)
    return _inside(_in_china(*back, margin=BORDER), back, (x, y))


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Move WGS-84 degrees to BD-09; identity outside China."""
    x, y = _arrays(lon, lat)
    return _inside(in_china(x, y), _baidu(*_gcj(x, y)), (x, y))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Move BD-09 degrees back to WGS-84, to better than a millimetre."""
    x, y = _arrays(lon, lat)
    back = _gcj_back(*_baidu_back(x, y))
    return _inside(_in_china(*back, margin=BORDER), back, (x, y))


def _in_china(x: Floats, y: Floats, *, margin: float) -> NDArray[np.bool_]:
    west, south, east, north = CHINA
    return (x >= west - margin) & (x <= east + margin) & (y >= south - margin) & (y <= north + margin)


def _inside(
    mask: NDArray[np.bool_], moved: tuple[Floats, Floats], still: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    return np.where(mask, moved[0], still[0]), np.where(mask, moved[1], still[1])


def _gcj(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    east, north = _displacement(x, y)
    return x + east, y + north


def _gcj_back(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    back_x, back_y = x, y
    for _ in range(ROUNDS):
        east, north = _displacement(back_x, back_y)
        back_x, back_y = x - east, y - north
    return back_x, back_y


def _baidu_back(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    back_x, back_y = x - BAIDU_EAST, y - BAIDU_NORTH
    for _ in range(ROUNDS):
        moved_x, moved_y = _baidu(back_x, back_y)
        back_x, back_y = back_x + (x - moved_x), back_y + (y - moved_y)
    return back_x, back_y


def _arrays(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _displacement(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return how far GCJ-02 lies east and north of WGS-84, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north_m += (20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * 2.0 / 3.0
    north_m += (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east_m += (20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * 2.0 / 3.0
    east_m += (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * 2.0 / 3.0
    w2 = 1.0 - KRASOVSKY_E2 * np.sin(np.radians(lat)) ** 2
    meridian_m = KRASOVSKY_A_M * (1.0 - KRASOVSKY_E2) / (w2 * np.sqrt(w2))
    parallel_m = KRASOVSKY_A_M / np.sqrt(w2) * np.cos(np.radians(lat))
    return np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)


def _baidu(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Turn and stretch GCJ-02 degrees as BD-09 does, then move them."""
    ripple = np.pi * 3000.0 / 180.0
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * ripple)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * ripple)
    return radius * np.cos(angle) + BAIDU_EAST, radius * np.sin(angle) + BAIDU_NORTH
