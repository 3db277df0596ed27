"""What the registers of a community say: its floor area, its social organisations, its households; some say nothing."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.sample.plane import stream

NEW_SINCE = 2023
_ROOM_M2 = {True: (44.0, 66.0), False: (46.0, 78.0)}  # floor area per person, all buildings, urban and rural
_ORGANISATIONS = {True: 10.4, False: 5.2}
_SILENT = {"floor_area_m2": 0.06, "social_orgs": 0.2, "households": 0.015}
_SILENT_COUNTIES = ("140721", "140722", "140729")  # in which organisations were not counted everywhere


def register(units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the registers of the communities in the order of ``units``, index 0..n-1, every entry known.

    Columns ``floor_area_m2``, ``social_orgs``, ``households`` and ``new`` (built since 2023).
    """
    community = units[units["level"] == "community"].reset_index(drop=True)
    urban = community["urban"].astype(bool).to_numpy()
    people = community["population"].to_numpy()
    low, high = (np.where(urban, _ROOM_M2[True][end], _ROOM_M2[False][end]) for end in (0, 1))
    room = low + (high - low) * stream(90).random(len(people))
    county = pd.factorize(community["code"].str[:6])[0]
    zeal = stream(91).uniform(0.84, 1.2, county.max() + 1)[county]
    expected = zeal * np.where(urban, _ORGANISATIONS[True], _ORGANISATIONS[False])
    return pd.DataFrame(
        {
            "floor_area_m2": np.round(people * room, -1),
            "social_orgs": stream(92).poisson(expected).astype(np.float64),
            "households": community["households"].to_numpy(),
            "new": (community["built_year"] >= NEW_SINCE).to_numpy(),
        }
    )


def with_register(units: gpd.GeoDataFrame, known: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the units with what their registers say, and with nothing where a register was left blank.

    Upper levels keep their households, which the census has, and have none of the other entries.
    """
    entries = units["level"].to_numpy() == "community"
    late = units.loc[entries, "code"].str[:6].isin(_SILENT_COUNTIES).to_numpy(dtype=bool)
    columns = {}
    for k, (name, share) in enumerate(_SILENT.items()):
        said = units[name].to_numpy(dtype=np.float64, copy=True)
        blank = (stream(93, k).random(len(known)) < share) & (late | (name != "social_orgs"))
        said[entries] = np.where(blank, np.nan, known[name].to_numpy(dtype=np.float64))
        columns[name] = said
    return units.assign(**columns)
