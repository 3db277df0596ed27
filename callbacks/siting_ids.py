"""Ids of the page 选址."""

from __future__ import annotations

from callbacks.citymap import MapIds

MAP = MapIds("siting-map")
EDIT, OPTIMISE, COMPARE = "edit", "plan", "compare"
TAB_TITLES: dict[str, str] = {EDIT: "方案", OPTIMISE: "优选", COMPARE: "对比"}
TABS = "siting-tabs"

SHOW = "siting-show"  # 现状 · 方案 · 差异, or A · B · 差异
BEFORE, AFTER, CHANGE = "before", "after", "change"
GAINED, LOST = "gained", "lost"
SHOWN_TITLES: dict[str, str] = {BEFORE: "现状", AFTER: "方案", CHANGE: "差异"}
COMPARED_TITLES: dict[str, str] = {BEFORE: "A", AFTER: "B", CHANGE: "差异"}
NOTE = "siting-note"
FIGURES, SENTENCES = "siting-figures", "siting-sentences"

TOOL, TOOL_BUTTON = "siting-tool", "siting-tool-button"  # store: key of the tool in hand; type of {type, key}
TOOLS, TOOL_HELP = "siting-tools", "siting-tool-help"  # store: the tools as the browser needs them
FORM = "siting-form"
FIELD = "siting-field"  # type of the pattern {type, key}: what an edit needs beside its place
PLACE, PLACE_USE = "siting-place", "siting-place-use"  # a place typed instead of clicked
ACT = "siting-act"  # store: one thing to do, {do, at, …}; written by the browser, one after the other
DONE = "siting-done"  # store: {at, scenario} or {at, refused}: the answer to an act
AHEAD, DRAWN_AHEAD = "siting-ahead", "siting-ahead-drawn"  # store: the picture that came with the answer to an act
OFFERED = "siting-offered"  # store: gates and sites that a tool can be used on
DRAWN_OFFERED, DRAWN_MARKS = "siting-offered-drawn", "siting-marks-drawn"
SETTLED, PRESSED = "siting-settled", "siting-pressed"
MARKS = "siting-marks"  # store: the edits in force as the map draws them

HEAD, LIST = "siting-head", "siting-list"
UNDO, REDO, TOTAL = "siting-undo", "siting-redo", "siting-total"
REMOVE = "siting-remove"  # type of the pattern {type, key}: key is the place of the edit in the list
NEW, COPY, RENAME, ALL = "siting-new", "siting-copy", "siting-rename", "siting-all"
ALL_DIALOG, ALL_ROWS, ALL_REFUSED = "siting-all-dialog", "siting-all-rows", "siting-all-refused"
OPEN, ARCHIVE = "siting-open", "siting-archive"  # types of the pattern {type, key}: key is the id of a scenario
WORDS, WORDS_TITLE, WORDS_FOR, WORDS_YES = (
    "siting-words",
    "siting-words-title",
    "siting-words-for",
    "siting-words-yes",
)  # dialog: name, author, note
NAME, AUTHOR, REMARK = "siting-name", "siting-author", "siting-remark"
WORDS_REFUSED = "siting-words-refused"
CONFLICT, CONFLICT_TEXT = "siting-conflict", "siting-conflict-text"
BRANCH, RELOAD = "siting-branch", "siting-reload"
PENDING = "siting-pending"  # store: the act that met a conflict

CERTIFICATE, CERTIFICATE_TEXT = "siting-certificate", "siting-certificate-text"
CERTIFICATE_CLOCK, VISITOR = "siting-certificate-clock", "siting-visitor"  # store: who is looking

FIRST, SECOND = "siting-first", "siting-second"  # what is compared with what: NOW_KEY or the id of a scenario
NOW_KEY, COMPARING, LOST_LINK = "now", "siting-comparing", "siting-lost-link"
COMPARED, OFFERED_PAIR = "siting-compared", "siting-offered-pair"
# stores: A and B as they were chosen (null where nobody chose), kept by the shell while pages come and go; A and B as
# the choosers were last set without anybody choosing
SUMMARY, SUMMARY_TITLE = "siting-summary", "siting-summary-title"
UNITS, UNITS_TITLE = "siting-units", "siting-units-title"
SAVE_CSV, SAVE_XLSX, FILE, SAVING = "siting-save-csv", "siting-save-xlsx", "siting-file", "siting-saving"
SHOWN, HIDDEN = {"display": "block"}, {"display": "none"}
