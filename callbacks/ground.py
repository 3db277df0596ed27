"""What a map can draw before anything is computed, and what lets the browser foresee an answer of the server."""

from __future__ import annotations

from typing import Any

from callbacks import wire
from callbacks.picture import extent, names
from geodata.city import City
from geodata.walkers import walkers
from layers.query import MAX_MINUTES
from layers.scale import MINUTE_BREAKS, minute_scale
from layers.shapes import frame_level


def ground(city: City) -> dict[str, Any]:
    """Return where borders and names lie, the corners of the city, and the facts of the scale of minutes.

    ``hidden`` are the keys of sensitive elements, whose times are never asked for; ``minutes`` has all that makes the
    classes of any threshold (see :func:`layers.scale.minute_scale`).
    """
    level = frame_level(city)
    return {
        "stamp": wire.stamp(city),
        "home": wire.base_stamp(city),
        "outlines": wire.units_url(city, level) if level else None,
        "names": [one for one in names(city) if one["bold"]],
        "extent": extent(city),
        "hidden": [rule.key for rule in city.catalogue.elements if rule.sensitive],
        "walkers": [one.key for one in walkers()],
        "minutes": minute_facts(),
    }


def minute_facts() -> dict[str, Any]:
    """Return the breaks of walking time, the colours by number of classes within a threshold, and what lies beyond."""
    scales = [minute_scale(most) for most in (*MINUTE_BREAKS, MAX_MINUTES - 1)]
    beyond, unreached = scales[-1].classes[-2:]
    return {
        "breaks": list(MINUTE_BREAKS),
        "most": MAX_MINUTES,
        "ramps": {str(len(scale.classes) - 2): [c.colour for c in scale.classes[:-2]] for scale in scales},
        "beyond": [beyond.title, beyond.colour],
        "unreached": [unreached.title, unreached.colour],
    }
