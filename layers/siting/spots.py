"""Spots read from a file: any format that layers come in, by the readers and checks of the import."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from geodata.contents import inner_points
from geodata.intake import prepare
from geodata.part import Options
from layers.siting.ask_values import Spot


def spots_from(path: str | Path, *, reference: str | None = None) -> tuple[Spot, ...]:
    """Return the places of a file as spots; areas stand for a point inside them.

    Columns are those of the layer of sites (``geodata/schema.py``), all optional but the place: ``id`` (else the number
    of the row), ``name``, ``cost_wan``, ``floor_area_m2``. ``reference`` declares the datum where the file has none.

    Raises
    ------
    RefusedData, GeodataError
        The file cannot be read, or rows do not pass the checks of the import.
    """
    options, kind = Options(number_rows=True), {"kind": "=parcel"}  # which kind they are, spots do not tell
    frame = prepare([path], layer="sites", reference=reference, fields=kind, options=options).frames["sites"]
    lonlat = inner_points(frame)
    told = [
        [None if np.isnan(value) else float(value) for value in frame[name].to_numpy(np.float64, na_value=np.nan)]
        for name in ("cost_wan", "floor_area_m2")
    ]
    rows = zip(lonlat.tolist(), frame["name"], *told, frame["id"], strict=True)
    return tuple(Spot(lon, lat, str(name), cost, area, str(key)) for (lon, lat), name, cost, area, key in rows)
