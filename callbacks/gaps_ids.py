"""Ids of the gaps page (缺口), shared by its files of wires."""

from callbacks.citymap import MapIds

MAP = MapIds("gaps-map")
ROOT, FOLLOW = "gaps", "gaps-follow"
TAB = "gaps-tab"
RULE, EDITION = "gaps-rule", "gaps-edition"
CLAUSE_LINE, CLAUSE_QUOTE, CLAUSE_BADGE, CLAUSE_FORCE = (
    "gaps-clause-line",
    "gaps-clause-quote",
    "gaps-clause-badge",
    "gaps-clause-force",
)
CLAUSE_OPEN, CLAUSE_DRAWER, CLAUSE_TITLE, CLAUSE_BODY = (
    "gaps-clause-open",
    "gaps-clause-drawer",
    "gaps-clause-title",
    "gaps-clause-body",
)
NOTE, PLACE_NOTE = "gaps-note", "gaps-place-note"
HEADLINE, HEADLINE_COPY = "gaps-headline", "gaps-headline-copy"
GROUP_BY, SHOWN_VERDICT = "gaps-group-by", "gaps-verdict"
TABLE, TABLE_NOTE = "gaps-table", "gaps-table-note"
WHY = "gaps-why"
PLACE = "gaps-place"  # dcc.Store: {place: code} that the URL asks to look at
LIST_PART, SHEET_PART = "gaps-list-part", "gaps-sheet-part"
GAP_PANEL, SUPPLY_PANEL, ROBUST_PANEL = "gaps-panel-gap", "gaps-panel-supply", "gaps-panel-robust"
SHEET_BODY, SHEET_TITLE, SHEET_CLOSE, SHEET_PRINT = (
    "gaps-sheet-body",
    "gaps-sheet-title",
    "gaps-sheet-close",
    "gaps-sheet-print",
)
SECOND, SECOND_ASKED, COMPARISON = "gaps-second", "gaps-second-asked", "gaps-comparison"
EXPORT_MENU, EXPORT_FILE, EXPORT_DOING = "gaps-export-menu", "gaps-export-file", "gaps-export-doing"
COPIED = "gaps-copied"  # dcc.Store that only receives what a wire of the browser returns
ADDRESS = "gaps-address"  # dcc.Store that only receives what a wire of the browser returns
