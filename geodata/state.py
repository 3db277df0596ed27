"""What makes up a data version inside the store: rows and parcels, named by digests, and when two of them collide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geodata.errors import StoreError
from geodata.payload import digest
from geodata.version import CityFacts, canonical


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


def refuse_overwriting(seen: State, now: State, *, layers: Mapping[str, object], city: CityFacts | None) -> None:
    """Raise StoreError when what is published was changed between the version seen and the current one."""
    changed = [key for key in layers if seen.layers.get(key) != now.layers.get(key)]
    if city is not None and seen.city != now.city:
        changed.append("city")
    if seen.id != now.id and changed:
        raise StoreError(
            f"发布期间他人已发布第 {now.number} 版（{now.id}），其中同样改动了 {'、'.join(changed)}；"
            "本次没有发布，请在新版本的基础上重新发布。"
        )
