"""The small drawn city a year later: a station has closed, another has opened, and everywhere live more people.

Besides what :mod:`tests.lacking_city` draws: station S1 of 西门 is gone; S9 is new where the people of cell c6 live;
every cell has a tenth more people. The name of S9 looks like a formula of a spreadsheet.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from tests.lacking_city import lacking_frames

NEW_NAME = "=东门二站"


def grown_frames() -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the city a year later."""
    frames = lacking_frames()
    held, people = frames["facilities"], frames["population"]
    spot = people.geometry[people["id"] == "c6"].iloc[0]
    new = held[held["id"] == "S1"].assign(id=["S9"], name=[NEW_NAME], geometry=[spot])
    frames["facilities"] = gpd.GeoDataFrame(pd.concat([held[held["id"] != "S1"], new], ignore_index=True), crs=held.crs)
    counts = people.select_dtypes("number").columns
    frames["population"] = people.assign(**{name: people[name] * 1.1 for name in counts})
    return frames
