"""What the page of service grids shows, beside the question: theme, filters, the opened fault, and its own settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from layers.gridcheck.kinds import SEVERITIES
from layers.gridcheck.settings import CheckSettings, settings_from_words, words_of_settings

THEMES: dict[str, str] = {
    "faults": "问题严重程度",
    "households": "户数规模",
    "workers": "网格员配备",
    "coverage": "所选要素覆盖",
    "circle": "圈完整度",
}
TABS: dict[str, str] = {"faults": "问题清单", "need": "网格需求"}
SEVERITIES_ALL: dict[str, str] = {"all": "全部", **SEVERITIES}
LONGEST = 80


@dataclass(frozen=True)
class View:
    """What is on the page: keys of :data:`THEMES` and :data:`TABS`, filters ("" for all), settings of the check.

    ``place`` is the code of a unit, ``fault`` the id of the opened fault, ``check`` the changed settings as
    ``key:value,key:value`` ("" for the defaults). Words that mean nothing are left out, never trusted.
    """

    theme: str = "faults"
    kind: str = ""
    severity: str = ""
    place: str = ""
    fault: str = ""
    tab: str = "faults"
    check: str = ""

    def to_dict(self) -> dict[str, str]:
        """Plain values, for a browser store."""
        return asdict(self)

    @classmethod
    def from_words(cls, words: Mapping[str, Any] | None) -> View:
        """Read words of an address or a store; what is unknown takes its default."""
        known = {one.name for one in fields(cls)}
        given = {name: str(word)[:LONGEST] for name, word in (words or {}).items() if name in known and word}
        if given.get("theme") not in THEMES:
            given.pop("theme", None)
        if given.get("tab") not in TABS:
            given.pop("tab", None)
        if given.get("severity") not in SEVERITIES:
            given.pop("severity", None)
        given["check"] = words_of_settings(settings_from_words(str((words or {}).get("check") or "")))
        return cls(**given)

    def settings(self) -> CheckSettings:
        """Return the settings of the check."""
        return settings_from_words(self.check)
