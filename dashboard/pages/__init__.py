"""The pages of the dashboard, in the order of the navigation; adding one is one line here."""

from __future__ import annotations

from dashboard.page import Page
from dashboard.pages import coverage, gaps, grids, overview, siting, targets

PAGES: tuple[Page, ...] = (overview.PAGE, coverage.PAGE, gaps.PAGE, grids.PAGE, siting.PAGE, targets.PAGE)
