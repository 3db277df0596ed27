"""What to look at in the field, so that a verdict that may flip becomes a firm one."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from layers.robustness.draws import Spread

COUNTS = 0.5
"""A factor is worth a look when alone it flips at least this part of what the strongest one does."""

AT_FACILITY = {"floor_area": "实测{facility}建筑面积", "capacity": "核实{facility}的床位、学位等容量"}
AT_UNIT = {
    "speed": "实地步行核实从{unit}到{facility}的用时",
    "minutes": "实地步行核实从{unit}到{facility}的用时",
    "snap": "核实{unit}出入口（大门）位置及是否开放",
    "split": "核实{unit}各楼栋、院落的户数",
    "households": "核实{unit}户数",
    "people": "核实{unit}常住人口",
    "total_area": "核实{unit}总建筑面积",
}
WORDS = {"facility": AT_FACILITY, "unit": AT_UNIT}
ABOUT = ("facility", "unit")
NEAREST = "最近的设施"


def advice(table: pd.DataFrame, spreads: Sequence[Spread], *, about: Sequence[str] = ABOUT) -> list[str]:
    """Return for each row of a table of flips what to check, parted by ；; "" where nothing flips the verdict.

    ``about`` chooses what is to be looked at: ``facility``, ``unit`` or both.
    """
    keys = [one.key for one in spreads]
    names = [f"flip_{key}" for key in keys]
    shares: list[list[float]] = table[names].fillna(0.0).to_numpy(dtype=float).reshape(len(table), len(names)).tolist()
    rows = zip(
        table["name"], table["facility_name"], table["without_facility"], table["flip_share"], shares, strict=True
    )
    return [
        "；".join(
            _of_row(str(unit), str(facility), closed=bool(closed), keys=_worth(keys, share, float(flips)), about=about)
        )
        for unit, facility, closed, flips, share in rows
    ]


def _worth(keys: Sequence[str], shares: Sequence[float], flips: float) -> list[str]:
    """Return the factors worth a look: the strongest and those nearly as strong; all when only together they flip."""
    most = max(shares, default=0.0)
    if most == 0:
        return list(keys) if flips > 0 else []
    return [key for key, share in zip(keys, shares, strict=True) if share >= COUNTS * most]


def _of_row(unit: str, facility: str, *, closed: bool, keys: Sequence[str], about: Sequence[str]) -> list[str]:
    named = facility or NEAREST
    words = [f"核实{named}是否营业"] if closed and "facility" in about else []
    words += [
        WORDS[kind][key].format(unit=unit, facility=named) for key in keys for kind in about if key in WORDS[kind]
    ]
    return list(dict.fromkeys(words))
