"""Walking times as they travel: whole seconds that keep every comparison with a threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from layers.coverage import walked
from layers.query import Query

UNREACHED = 65535


def whole_seconds(city: City, query: Query) -> NDArray[np.uint16]:
    """Return the walking time of every cell to the element asked for: seconds rounded up, ``UNREACHED`` without one.

    Rounding up keeps ``seconds <= 60 * minutes`` equal to the exact comparison for whole seconds; a thousandth of a
    second is left out, so that float noise cannot push an exact second up.
    """
    time = walked(city, query)
    whole = np.ceil(time * 60 - 1e-3)
    return np.where(np.isfinite(time), whole, UNREACHED).astype(np.uint16)
