"""The facilities on their way from one data version to another, each with its row in the version after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Roll:
    """Facilities between two versions.

    Attributes
    ----------
    frame : as ``City.facilities``
    later : (n,) row of each in the version after, -1 where that has it no more
    whole : the facilities of the version after, with x and y in the CRS of ``frame``
    """

    frame: pd.DataFrame
    later: Rows
    whole: pd.DataFrame

    def without(self, gone: NDArray[np.bool_]) -> Roll:
        """Return it without some of its rows."""
        if not gone.any():
            return self
        return Roll(self.frame[~gone].reset_index(drop=True), self.later[~gone], self.whole)

    def joined(self, rows: Rows) -> Roll:
        """Return it with these rows of the version after, except those it has already."""
        new = np.setdiff1d(rows, self.later)
        if not len(new):
            return self
        frame = pd.concat([self.frame, self.whole.iloc[new][list(self.frame)]], ignore_index=True)
        return Roll(frame, np.r_[self.later, new].astype(np.int64), self.whole)

    @property
    def missing(self) -> Rows:
        """Rows of the version after that are not here."""
        return np.setdiff1d(np.arange(len(self.whole)), self.later).astype(np.int64)
