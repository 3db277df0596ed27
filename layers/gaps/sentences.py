"""Sentences a clerk could paste into a report: what is there, what is asked, by which clause, what is missing."""

from __future__ import annotations

from geodata.city import City
from layers.gaps.judged import Judged
from layers.query import Query


def sentences(city: City, query: Query, one: Judged) -> list[str]:
    """Return the sentence of every subject."""
    return [""] * one.at.count
