"""The further readings of a plan that the tab 优选 offers: what each computes, and how its answer is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from callbacks.jobs import Cancelled, Tell
from geodata.city import City
from layers.sheets import Column
from layers.siting.plan import Plan

Row = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """What a reading is asked with: the plan, the code of a unit, numbers of facilities or 万元."""

    city: City
    plan: Plan
    unit: str = ""
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Shown:
    """A reading as the page shows it: sentences, a table with its columns, a picture, and places for the map."""

    text: str
    columns: tuple[Column, ...] = ()
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    chart: Row | None = None
    near: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Reading:
    """One further reading; ``wants`` names what it needs beside the plan: ``unit``, ``numbers``, or "" for nothing.

    ``usual`` gives the numbers to begin with.
    """

    key: str
    title: str
    help: str
    work: Callable[[Given, Tell, Cancelled], Any]
    shown: Callable[[Given, Any], Shown]
    wants: str = ""
    usual: Callable[[Plan], tuple[float, ...]] = lambda _plan: ()


READINGS: tuple[Reading, ...] = ()
