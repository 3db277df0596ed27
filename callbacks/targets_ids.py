"""Ids of the page of targets."""

from __future__ import annotations

AS_OF, BUREAU, STATE, SERVICE, DUE, TAB = (
    "targets-as-of", "targets-bureau", "targets-state", "targets-service", "targets-due", "targets-tab",
)  # fmt: skip
ADDRESS = "targets-address"  # dcc.Store: what the address says, mirrored by the browser
HEADLINE, NOTE, AS_OF_ERROR = "targets-headline", "targets-note", "targets-as-of-error"
LEGEND = "targets-legend"
BOARD, ROLLED, ALERTS = "targets-board", "targets-rolled", "targets-alerts"
OPENED = "targets-opened"  # dcc.Store: {key, unit} of the sheet
SHEET, SHEET_BODY, SHEET_CLOSE = "targets-sheet", "targets-sheet-body", "targets-sheet-close"
FILE, EXPORT_XLSX, EXPORT_CSV = "targets-file", "targets-export-xlsx", "targets-export-csv"
FORM_BUREAU, FORM_COUNTY, FORM_DAY, FORM, FORM_NOTE = (
    "targets-form-bureau", "targets-form-county", "targets-form-day", "targets-form", "targets-form-note",
)  # fmt: skip
UPLOAD, AUTHOR, READ, STORE_IT, STORED = (
    "targets-upload", "targets-author", "targets-read", "targets-store-it", "targets-stored",
)  # fmt: skip
FILED = "targets-filed"
CHANGED = "targets-changed"  # dcc.Store: counts up when entries were stored
HISTORY, HISTORY_NOTE, HISTORY_CLOCK = "targets-history", "targets-history-note", "targets-history-clock"
BUREAU_FORM = "targets-bureau-form"
SCENARIO, SCENARIO_ITEMS, SCENARIO_ITEM = "targets-scenario", "targets-scenario-items", "targets-scenario-item"
SHOWN, HIDDEN = {"display": "flex"}, {"display": "none"}
