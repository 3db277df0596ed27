"""Ids of 变化归因 on the page 目标."""

from __future__ import annotations

BEFORE, AFTER, INDICATOR, PLACE = (
    "attribution-before", "attribution-after", "attribution-indicator", "attribution-place",
)  # fmt: skip
START, CANCEL, BAR, STATUS, CLOCK = (
    "attribution-start", "attribution-cancel", "attribution-bar", "attribution-status", "attribution-clock",
)  # fmt: skip
VISITOR = "attribution-visitor"  # dcc.Store: who is looking, so that one's cancel is not everybody's
RESULT = "attribution-result"  # dcc.Store: what was asked, and how its job stands
PICKED = "attribution-picked"  # dcc.Store: key of the part whose rows are shown
ADDRESS = "attribution-address"  # dcc.Store: what the address says, mirrored by the browser
HINT, ANSWER = "attribution-hint", "attribution-answer"
SENTENCE, NOTES, FIGURE, PARTS = (
    "attribution-sentence", "attribution-notes", "attribution-figure", "attribution-parts",
)  # fmt: skip
ROWS, ROWS_TITLE = "attribution-rows", "attribution-rows-title"
FILE, EXPORT_XLSX, EXPORT_CSV = "attribution-file", "attribution-export-xlsx", "attribution-export-csv"
