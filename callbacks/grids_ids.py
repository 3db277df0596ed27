"""Ids of the page of service grids."""

from __future__ import annotations

from callbacks.citymap import MapIds

MAP = MapIds("grids-map")
VIEW = "grids-view"  # dcc.Store: View.to_dict(); only callbacks/grids.py writes it
OPENED = "grids-opened"  # dcc.Store: the id of the fault that the address asks for, once
MARKS = "grids-marks"  # dcc.Store: the faults that the filters leave, as the map draws them
CHOSEN = "grids-chosen"  # dcc.Store: ids of the faults to repair
MIRRORED, MARKED, CHOICE_SHOWN, FOCUSED = "grids-mirrored", "grids-marked", "grids-choice-shown", "grids-focused"

BODY, EMPTY = "grids-body", "grids-empty"
NOTE, PLACE_NOTE = "grids-note", "grids-place-note"
TILES = "grids-tiles"
THEME, PLACE, SEVERITY = "grids-theme", "grids-place", "grids-severity"
KINDS, KIND = "grids-kinds", "grids-kind"  # KIND: type of the pattern {type, key}
TABS = "grids-tabs"
TABLE, TABLE_TITLE = "grids-table", "grids-table-title"
NEED, NEED_TITLE = "grids-need", "grids-need-title"
REPAIRABLE, NONE_CHOSEN = "grids-choose-repairable", "grids-choose-none"
CHOSEN_TEXT = "grids-chosen-text"

CARD, CARD_TITLE, CARD_BADGE, CARD_ROWS, CARD_TEXT, CARD_CLOSE = (
    "grids-card",
    "grids-card-title",
    "grids-card-badge",
    "grids-card-rows",
    "grids-card-text",
    "grids-card-close",
)
SIDE, SIDE_PART = "grids-side", "grids-side-part"  # before or after the repair
ADD, LOCATE = "grids-add", "grids-locate"

SETTINGS, SETTINGS_DRAWER, SETTINGS_RESET = "grids-settings", "grids-settings-drawer", "grids-settings-reset"
SETTINGS_BODY = "grids-settings-body"
SETTING = "grids-setting"  # type of the pattern {type, key}

DRAFT, DRAFT_DRAWER, DRAFT_REFUSAL = "grids-draft", "grids-draft-drawer", "grids-draft-refusal"
DRAFT_SCOPE, DRAFT_AUTHOR, DRAFT_NOTE = "grids-draft-scope", "grids-draft-author", "grids-draft-note"
DRAFT_MAKE, DRAFT_DOING, DRAFT_RESULT = "grids-draft-make", "grids-draft-doing", "grids-draft-result"
DRAFT_MADE = "grids-draft-made"  # dcc.Store: what the last draft is
DRAFT_PART, DRAFT_COUNT = "grids-draft-part", "grids-draft-count"
DRAFT_FILE = "grids-draft-file"
DRAFT_SAVE = "grids-draft-save"
ADOPT, ADOPT_SURE, ADOPT_YES, ADOPT_NO, ADOPT_TEXT = (
    "grids-adopt",
    "grids-adopt-sure",
    "grids-adopt-yes",
    "grids-adopt-no",
    "grids-adopt-text",
)
ADOPTED, RELOADED = "grids-adopted", "grids-reloaded"
WANTED = "grids-adopt-wanted"  # dcc.Store: the version that is asked to become current
VERSIONS = "grids-versions"
VERSION = "grids-version"  # type of the pattern {type, key}

EXPORT, EXPORT_DOING, EXPORT_FILE = "grids-export", "grids-export-doing", "grids-export-file"
SHOWN, HIDDEN = {"display": "block"}, {"display": "none"}
