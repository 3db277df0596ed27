"""The desk of the pages: where drafts, scenarios and entries are laid down, versions made current; it may be closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from geodata.errors import StoreError
from geodata.filing import Filing
from geodata.filing_store import Filed, file_all, filings
from geodata.scenario import Scenario
from geodata.scenario_store import archive, load, revisions, save, scenarios
from geodata.store import adopt, publish, versions, write_refusal

CLOSED = "本服务没有打开可写的数据仓库，只能查看和导出"


@dataclass(frozen=True)
class Desk:
    """What pages may write to; without a store, or where the store cannot be written, it is closed and says why.

    ``refusal`` is that reason in Chinese, "" when the desk is open.
    """

    store: Engine | None = None
    refusal: str = CLOSED

    @property
    def open(self) -> bool:
        """True when drafts can be made and versions adopted."""
        return not self.refusal

    def draft(
        self,
        frames: Mapping[str, pd.DataFrame],
        *,
        facts: Mapping[str, Mapping[str, Any]],
        author: str,
        note: str,
        base: str,
    ) -> str:
        """Publish layers as a new version on top of ``base`` without making it current; returns its id.

        Raises
        ------
        StoreError
            The desk is closed, or the store refuses.
        """
        return publish(self._engine(), frames, facts=facts, author=author, note=note, base=base, draft=True)

    def adopt(self, version: str, *, base: str | None = None, author: str = "") -> str:
        """Make a version current, a draft or an older one; return what is current then, see :func:`store.adopt`.

        ``base`` is the version that was current on the screen; StoreError when it no longer is, or the desk is closed.
        """
        return adopt(self._engine(), version, base=base, author=author)

    def versions(self) -> pd.DataFrame:
        """Return all versions, the latest first, as :func:`geodata.store.versions`; none when there is no store."""
        return pd.DataFrame() if self.store is None else versions(self.store)

    def save(self, scenario: Scenario, *, expected: int) -> Scenario:
        """Save a scenario as a further revision, see :func:`geodata.scenario_store.save`.

        Raises
        ------
        Conflict
            Somebody else has saved it meanwhile; ``expected`` is the revision on the screen, 0 for a new scenario.
        StoreError
            The desk is closed, or the store refuses.
        """
        return save(self._engine(), scenario, expected=expected)

    def archive(self, key: str, *, expected: int, archived: bool = True) -> Scenario:
        """Take a scenario out of the list, or back into it; raises as :meth:`save`."""
        return archive(self._engine(), key, expected=expected, archived=archived)

    def scenario(self, key: str, revision: int | None = None) -> Scenario:
        """Return a scenario, its latest revision when None; also from a store that cannot be written."""
        if self.store is None:
            raise StoreError(f"{self.refusal}。")
        return load(self.store, key, revision)

    def scenarios(self, *, archived: bool = False) -> list[Scenario]:
        """Return the latest revision of every scenario, the last saved first; none when there is no store."""
        return [] if self.store is None else scenarios(self.store, archived=archived)

    def revisions(self, key: str) -> list[Scenario]:
        """Return every revision of a scenario, the last first; none when there is no store."""
        return [] if self.store is None else revisions(self.store, key)

    def filings(self) -> list[Filing]:
        """Return every entry about the plan's targets, corrected ones included; none when there is no store."""
        return [] if self.store is None else filings(self.store)

    def file(self, entries: Sequence[Filing], *, rows: Sequence[int] = (), name: str = "") -> Filed:
        """Add entries, all or none, see :func:`geodata.filing_store.file_all`; StoreError when the desk is closed."""
        return file_all(self._engine(), entries, rows=rows, name=name)

    def _engine(self) -> Engine:
        if self.store is None or self.refusal:
            raise StoreError(f"{self.refusal}。")
        return self.store


def desk_of(engine: Engine) -> Desk:
    """Return the desk of a store: open where it can be written, else closed with the reason."""
    return Desk(engine, write_refusal(engine))
