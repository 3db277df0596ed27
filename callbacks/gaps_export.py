"""What the gaps page gives away: the list, all judgements, the sheet and the comparison, as CSV and XLSX."""

from __future__ import annotations

from dataclasses import dataclass

from dash import Dash

from geodata.assemble import CitySource


@dataclass(frozen=True)
class Export:
    """One thing to take away: its key and what the menu says."""

    key: str
    title: str

    @property
    def item(self) -> str:
        """Id of its line in the menu."""
        return f"gaps-export-{self.key}"


EXPORTS: tuple[Export, ...] = ()


def register(app: Dash, source: CitySource) -> None:
    """Tie every line of the menu to a download."""
