"""The desk of the pages: where drafts are laid down and where a version is made the current one; it may be closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from geodata.errors import StoreError
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

    def _engine(self) -> Engine:
        if self.store is None or self.refusal:
            raise StoreError(f"{self.refusal}。")
        return self.store


def desk_of(engine: Engine) -> Desk:
    """Return the desk of a store: open where it can be written, else closed with the reason."""
    return Desk(engine, write_refusal(engine))
