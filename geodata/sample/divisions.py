"""Who is who: counties with their census, townships, villages and communities, by their real names and codes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from geodata.groups import BANDS

DATA = Path(__file__).with_name("data")
CITY_CODE, CITY_NAME = "140700", "晋中市"

_SUFFIX = re.compile(r"(居民委员会|居委会|村民委员会|村民员委会|村民委员|村民委会|村村委员会|村委员会|村委会)$")


@dataclass(frozen=True)
class Divisions:
    """The official tree of places.

    Attributes
    ----------
    counties : index county code (6 digits, GB/T 2260): name, lon, lat of the seat (WGS-84), census counts
    townships : index township code (9 digits), the 118 official ones: name, kind, county
    seats : index 9-digit code, all 130 statistical units: name, kind, township, county, lon, lat (NaN where unknown)
    communities : index 12-digit code, the 2,201 villages and communities: name, official (as listed), seat, township,
        county, estate (True for 社区, the communities of towns)
    """

    counties: pd.DataFrame
    townships: pd.DataFrame
    seats: pd.DataFrame
    communities: pd.DataFrame


def clean_name(official: str) -> str:
    """Shorten the name of a committee to the name of its place: 花园社区居民委员会 → 花园社区, 郝村村委会 → 郝村."""
    if official.endswith("社区"):
        return official
    place = _SUFFIX.sub("", official)
    if "居民委员会" in official or "居委会" in official:
        return place if place.endswith("社区") else f"{place}社区"
    return place if place.endswith(("村", "庄", "社区")) else f"{place}村"


@cache
def divisions() -> Divisions:
    """Read the packaged tables (sources and licences: ``data/README.md``)."""
    text = {"code": str, "parent": str}
    counties = pd.read_csv(DATA / "counties.csv", dtype=text)
    counties.index = pd.Index(counties.pop("code"), name="code")
    seats = pd.read_csv(DATA / "townships.csv", dtype=text, keep_default_na=False, na_values={"lon": "", "lat": ""})
    seats = seats.set_index("code")
    own = seats.index.to_series()
    seats["township"] = seats["parent"].where(seats["parent"] != "", own)
    seats["county"] = own.str[:6]
    townships = seats.loc[seats["parent"] == "", ["name", "kind", "county"]].copy()
    return Divisions(counties, townships, seats.drop(columns="parent"), _communities(seats))


def _communities(seats: pd.DataFrame) -> pd.DataFrame:
    listed = pd.read_csv(DATA / "communities.csv", dtype=str).set_index("code")
    seat = listed.index.str[:9]
    name = listed["name"].map(clean_name)
    return pd.DataFrame(
        {
            "name": name,
            "official": listed["name"],
            "seat": seat,
            "township": seats["township"].reindex(seat).to_numpy(),
            "county": seats["county"].reindex(seat).to_numpy(),
            "estate": name.str.endswith("社区"),
        },
        index=listed.index,
    )


def census_bands(counties: pd.DataFrame) -> pd.DataFrame:
    """Age bands of the 2020 census by county; the bands of a county add up to its population."""
    return counties[list(BANDS)].astype("int64")
