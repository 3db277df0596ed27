"""How much less a farther facility counts: weights by zones of walking time, as records with their source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.errors import UnknownKey

THIRDS = (1 / 3, 2 / 3, 1.0)
_LUO_QI = (
    "Luo W., Qi Y. (2009). An enhanced two-step floating catchment area (E2SFCA) method for measuring spatial "
    "accessibility to primary care physicians. Health & Place 15(4): 1100–1107"
)


@dataclass(frozen=True)
class Zones:
    """Zones of walking time and the weight in each.

    ``shares`` are the upper ends of the zones as shares of the threshold (the last is 1), ``weights`` one for each.
    """

    key: str
    title: str
    shares: tuple[float, ...]
    weights: tuple[float, ...]
    source: str
    status: str
    note: str = ""

    def weigh(self, minutes: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
        """Return the weight of each time; a time at the end of a zone belongs to it, beyond the threshold it is 0."""
        zone = np.searchsorted(np.array(self.shares) * threshold, minutes, side="left")
        return np.array([*self.weights, 0.0])[zone]

    def words(self, threshold: float) -> str:
        """Return the zones and weights in words, for the planner."""
        ends = (0.0, *(share * threshold for share in self.shares))
        parts = [f"{ends[i]:.3g}–{ends[i + 1]:.3g} 分钟 {weight:g}" for i, weight in enumerate(self.weights)]
        return "、".join(parts)


ZONES: tuple[Zones, ...] = (
    Zones(
        "slow", "缓慢衰减", THIRDS, (1.0, 0.68, 0.22), _LUO_QI, "corroborated",
        "高斯型权重；原文为驾车 0–10、10–20、20–30 分钟三带，此处按步行时限三等分",
    ),
    Zones(
        "fast", "快速衰减", THIRDS, (1.0, 0.42, 0.09), _LUO_QI, "recall",
        "高斯型权重；原文为驾车 0–10、10–20、20–30 分钟三带，此处按步行时限三等分",
    ),
    Zones(
        "even", "不衰减", (1.0,), (1.0,),
        "Luo W., Wang F. (2003). Measures of spatial accessibility to health care in a GIS environment. "
        "Environment and Planning B 30(6): 865–884", "recall",
        "即两步移动搜索法（2SFCA）：时限以内权重均为 1",
    ),
)  # fmt: skip
DEFAULT_ZONES = "slow"


def zones(key: str) -> Zones:
    """Return zones by key or title; UnknownKey when there are none of that name."""
    for known in ZONES:
        if key.strip() in (known.key, known.title):
            return known
    choices = "、".join(f"{known.key}（{known.title}）" for known in ZONES)
    raise UnknownKey(f"没有距离衰减「{key}」；可用的有：{choices}。")
