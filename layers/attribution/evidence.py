"""The records behind each part of a change, for people to look up."""

from __future__ import annotations

import pandas as pd

from geodata.city import City
from layers.attribution.record import Indicator
from layers.attribution.stages import Stage
from layers.query import Query


def evidence(
    held: City, step: Stage, queries: tuple[Query, Query], *, figure: Indicator, place: str
) -> tuple[pd.DataFrame, str]:
    """Return the rows behind a part, and in Chinese what is not among them."""
    del held, step, queries, figure, place
    return pd.DataFrame(), ""
