"""What edits really change for one question: the city computed anew in full, the yardstick of every quicker figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.edits import Edit
from geodata.scenario import Scenario
from geodata.walkers import Walker
from layers.scenario import applied
from layers.sweep import element_minutes


@dataclass(frozen=True, eq=False)
class Yardstick:
    """People within the limit of an element, by full computation.

    Attributes
    ----------
    city : as it is, or under a scenario
    base : its base version; the same city where there is no scenario, None where it is not at hand
    """

    city: City
    base: City | None
    element: str
    walker: Walker
    minutes: float
    inclusive: bool
    weight: NDArray[np.float64]

    def reached(self, city: City) -> NDArray[np.bool_]:
        """Tell which cells of a city are within the limit."""
        found: NDArray[np.bool_] = (
            element_minutes(city, self.element, self.walker, inclusive=self.inclusive) <= self.minutes
        )
        return found

    @property
    def possible(self) -> bool:
        """Whether anything can be computed in full: the base version of a scenario has to be at hand."""
        return self.base is not None

    def gain(self, edits: Sequence[Edit]) -> float:
        """Return the people newly within the limit under further edits, less those who no longer are.

        Raises
        ------
        GeodataError
            An edit does not fit the city or the others.
        """
        if self.base is None:
            return float("nan")
        now = self.city.scenario or Scenario("措施比较", self.city.version)
        after = self.reached(applied(self.base, now.added(*edits)))
        return float(self.weight[after].sum() - self.weight[self.reached(self.city)].sum())


def yardstick(
    city: City,
    base: City | None,
    *,
    element: str,
    walker: Walker,
    minutes: float,
    inclusive: bool,
    weight: NDArray[np.float64],
) -> Yardstick:
    """Return the yardstick of a city; ``base`` is needed only where the city is under a scenario."""
    own = base if city.scenario is not None else city
    return Yardstick(city, own, element, walker, minutes, inclusive, weight)
