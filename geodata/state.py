"""What makes up a data version inside the store: rows and parcels, named by digests, and when two of them collide."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geodata.elements import load_catalogue
from geodata.errors import StoreError
from geodata.payload import digest, to_bytes
from geodata.schema import layer as layer_spec
from geodata.standards import load_standards
from geodata.star_scheme import load_star_scheme
from geodata.version import CATALOGUE, STANDARDS, STARS, TEXTS, CityFacts, canonical

RECORDS: dict[str, Callable[[str], int]] = {
    CATALOGUE: lambda text: len(load_catalogue(text).elements),
    STANDARDS: lambda text: len(load_standards(text).rules),
    STARS: lambda text: len(load_star_scheme(text).elements),
}
"""How many records a text holds, counted by whoever checks it."""


@dataclass(frozen=True)
class State:
    """The row of a data version and the layer versions it names (layer key → id)."""

    id: str
    number: int
    parent: str | None
    created: str
    author: str
    note: str
    city: CityFacts
    layers: dict[str, str]

    def name(self) -> str:
        """Return the id that everything else about the version gives it."""
        said = [self.number, self.parent, self.created, self.author, self.note, self.city.to_json(), self.layers]
        return digest(canonical(said).encode())[:12]


NOTHING = State("", 0, None, "", "", "", CityFacts(), {})
"""What an empty store holds."""


@dataclass(frozen=True)
class Parcel:
    """A layer on its way into the store: bytes, number of rows, facts as canonical JSON."""

    layer: str
    data: bytes
    rows: int
    facts: str

    @property
    def id(self) -> str:
        """Return the id of the layer version that this parcel becomes."""
        return layer_id(self.layer, digest(self.data), self.facts)


def layer_id(layer: str, payload: str, facts: str) -> str:
    """Return the id of a layer version: a digest of its layer, its payload's digest and its facts."""
    return digest(f"{layer}\n{payload}\n{facts}".encode())


def parcels(
    frames: Mapping[str, pd.DataFrame], facts: Mapping[str, Mapping[str, Any]], texts: Mapping[str, str | None]
) -> dict[str, Parcel]:
    """Turn frames, facts and texts, each of them checked, into parcels, outside of any transaction."""
    facts = {key if key in TEXTS else layer_spec(key).key: value for key, value in facts.items()}
    made = {}
    for key, frame in frames.items():
        name = layer_spec(key).key
        made[name] = Parcel(name, to_bytes(frame, layer=name), len(frame), canonical(dict(facts.get(name, {}))))
    for key, text in texts.items():
        if text is not None:
            made[key] = Parcel(key, text.encode(), RECORDS[key](text), canonical(dict(facts.get(key, {}))))
    return made


def refuse_overwriting(seen: State, now: State, *, layers: Iterable[str], city: CityFacts | None) -> None:
    """Raise StoreError when what is published was changed between the version seen and the current one."""
    changed = [key for key in layers if seen.layers.get(key) != now.layers.get(key)]
    if city is not None and seen.city != now.city:
        changed.append("city")
    if seen.id != now.id and changed:
        raise StoreError(
            f"发布期间他人已发布第 {now.number} 版（{now.id}），其中同样改动了 {'、'.join(changed)}；"
            "本次没有发布，请在新版本的基础上重新发布。"
        )


def rebased(wanted: State, seen: State, now: State) -> tuple[dict[str, str], CityFacts]:
    """Return the layers and city facts of a draft put on top of what others have published since it was made.

    ``seen`` is the version the draft was made from. Raises StoreError where the others touched what the draft changed;
    a draft that leaves layers out stands for all of them.
    """
    changed = {key: layer for key, layer in wanted.layers.items() if seen.layers.get(key) != layer}
    dropped = seen.layers.keys() - wanted.layers.keys()
    city = wanted.city if wanted.city != seen.city else None
    touched = [*changed, *((dropped | now.layers.keys()) - changed.keys() if dropped else ())]
    refuse_overwriting(seen, now, layers=touched, city=city)
    kept = {key: layer for key, layer in now.layers.items() if key not in dropped}
    return {**kept, **changed}, city or now.city


def lineage(version: str | None, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return a version and all it was made from, back to the first."""
    found = []
    while version is not None and version in parents:
        found.append(version)
        version = parents[version]
    return tuple(found)


def standing(version: str, current: str | None, past: Collection[str]) -> str:
    """Say where a version stands: ``current``; ``past``, the current one was made from it; or ``draft``."""
    if version == current:
        return "current"
    return "past" if version in past else "draft"
