"""Ids of 变化归因 on the page 目标."""

from __future__ import annotations

BEFORE, AFTER, INDICATOR, PLACE = (
    "attribution-before", "attribution-after", "attribution-indicator", "attribution-place",
)  # fmt: skip
START, CANCEL, BAR, STATUS, CLOCK = (
    "attribution-start", "attribution-cancel", "attribution-bar", "attribution-status", "attribution-clock",
)  # fmt: skip
VISITOR = "attribution-visitor"  # dcc.Store: who is looking, so that one's cancel is not everybody's
RESULT = "attribution-result"  # dcc.Store: what is asked, and how its job stands
ADDRESS = "attribution-address"  # dcc.Store: what the address says, mirrored by the browser
ANSWER, SENTENCE, NOTES = "attribution-answer", "attribution-sentence", "attribution-notes"
FIGURE = "attribution-figure"  # the room of the waterfall
WATERFALL = "attribution-waterfall"  # type of the pattern {type, at}: it is put in with the first answer
PARTS, ROWS, ROWS_TITLE = "attribution-parts", "attribution-rows", "attribution-rows-title"
FILE, EXPORT, EXPORT_XLSX, EXPORT_CSV = (
    "attribution-file", "attribution-export", "attribution-export-xlsx", "attribution-export-csv",
)  # fmt: skip
