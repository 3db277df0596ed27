"""The city at one look: counties and townships side by side, the worst communities, and who is lost by walker."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata.city import City
from geodata.groups import group
from geodata.walkers import walkers
from layers.circle import circle, circle_table
from layers.coverage import people, served, unit_table
from layers.query import Query

OLDER = "60+"


def place_table(city: City, query: Query) -> pd.DataFrame:
    """Return one row per unit of ``query.unit`` with the element's coverage beside the full circle.

    Columns: ``code, name, people`` (of the group), ``reached, share`` (the element, on foot), ``official_share``,
    ``full, full_share`` (all required elements), ``weakest`` (the required element the fewest reach), and ``older``,
    ``older_share`` (people of 60 and more, and the share of them the element reaches; NaN where the population layer
    does not tell them). Shares are NaN where nobody lives. The row outside all units (code "") is left out.
    """
    covered, whole = unit_table(city, query).set_index("code"), circle_table(city, query).set_index("code")
    table = covered[["name", "people", "reached", "share", "official_share"]].assign(
        full=whole["full"], full_share=whole["share"], weakest=whole["weakest"]
    )
    older = _older(city, query)
    table["older"] = np.nan if older is None else older["people"]
    table["older_share"] = np.nan if older is None else older["share"]
    return table[table.index != ""].reset_index() if len(table) > 1 else table.reset_index()


def _older(city: City, query: Query) -> pd.DataFrame | None:
    if group(OLDER).column not in city.cells:
        return None
    return unit_table(city, query.but(group=OLDER)).set_index("code")


def worst_places(city: City, query: Query, *, count: int = 10, by: str = "share") -> pd.DataFrame:
    """Return the ``count`` units of ``query.unit`` with the lowest ``by`` (``share`` or ``full_share``).

    Of equally low ones the most people come first, then the order of the codes. Columns as in :func:`place_table`,
    and ``missing`` (people of the group not reached). Units where nobody of the group lives are left out.
    """
    table = place_table(city, query)
    table = table[table["people"] > 0]
    part = "reached" if by == "share" else "full"
    table = table.assign(missing=table["people"] - table[part])
    order = table.sort_values([by, "people", "code"], ascending=[True, False, True], kind="stable")
    return order.head(count).reset_index(drop=True)


def walker_table(city: City, query: Query) -> pd.DataFrame:
    """Return one row per walker: what the same people would reach if they all walked like that.

    Columns: ``key, title, speed_m_s, reached, share`` (the element within the threshold), ``full, full_share`` (the
    full circle), and ``lost, full_lost``: people whom the first walker (an adult) reaches and this one does not, net.
    A speed given in the question is used for its own walker only.
    """
    weight = people(city, query.group)
    everyone = float(weight.sum())
    rows = []
    for who in walkers():
        own = query.but(walker=who.key, speed_m_s=query.speed_m_s if who.key == query.walker else None)
        reached = float(weight[served(city, own).reached].sum())
        full = float(weight[circle(city, own).full].sum())
        rows.append((who.key, who.title, own.who().speed_m_s, reached, full))
    table = pd.DataFrame(rows, columns=["key", "title", "speed_m_s", "reached", "full"])
    whole = everyone if everyone > 0 else np.nan
    return table.assign(
        share=table["reached"] / whole,
        full_share=table["full"] / whole,
        lost=table["reached"].iloc[0] - table["reached"],
        full_lost=table["full"].iloc[0] - table["full"],
    )
