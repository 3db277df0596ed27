"""Ids of the tab 优选 of the page 选址, shared by its files of wires; the map is the page's own."""

from callbacks.citymap import MapIds

MAP = MapIds("siting-map")
PANEL = "plan-panel"

# What is asked: one control for each choice, its value remembered by the browser.
MODEL, MODEL_TEXT = "plan-model", "plan-model-text"
COUNT, COUNT_PART = "plan-count", "plan-count-part"
BUDGET, BUDGET_PART, COST = "plan-budget", "plan-budget-part", "plan-cost"
FROM, UNIT, UNIT_PART, THIN = "plan-from", "plan-unit", "plan-unit-part", "plan-thin"
WITHIN = "plan-within"
DRAWN_PART, DRAWN_TEXT, DRAWN_PLACE = "plan-drawn-part", "plan-drawn-text", "plan-drawn-place"
DRAWN_UNDO, DRAWN_CLEAR = "plan-drawn-undo", "plan-drawn-clear"
EXISTING = "plan-existing"
WEIGHTS = "plan-weights"
MIN_AREA, CAPACITY, OWN_CAPACITY, APART = "plan-min-area", "plan-capacity", "plan-own-capacity", "plan-apart"
QUOTA_LEAST, QUOTA_MOST, QUOTA_COUNTIES = "plan-quota-least", "plan-quota-most", "plan-quota-counties"
BESIDE, BESIDE_M = "plan-beside", "plan-beside-m"
COMPLEX = "plan-complex"
GOAL, TIME = "plan-goal", "plan-time"
MORE_TEXT = "plan-more-text"
QUESTION_TEXT = "plan-question-text"
CANDIDATES_TEXT = "plan-candidates-text"
MARKS_TEXT, MARKS_CLEAR = "plan-marks-text", "plan-marks-clear"

POINTS = "plan-points"  # dcc.Store: [[lon, lat], …] drawn by hand
MARKS = "plan-marks"  # dcc.Store: {kind of candidates: {candidate id: "required"|"forbidden"}}
FORM = "plan-form"  # dcc.Store: {ask, scenario}: what the controls say now; ask is None where they do not fit

# The run.
START, STOP, STATUS, PROBLEM = "plan-start", "plan-stop", "plan-status", "plan-problem"
FORM_PROBLEM = "plan-form-problem"
CLOCK = "plan-clock"
VISITOR = "plan-visitor"
RUN = "plan-run"  # dcc.Store: {ask, scenario, phase} of the run whose result is shown
TRAIL = "plan-trail"  # dcc.Store: how value and bound moved, for the picture
CHART, CHARTED, RUN_PART, FOLLOWED = "plan-chart", "plan-charted", "plan-run-part", "plan-followed"

# The result.
RESULT = "plan-result"
EMPTY = "plan-empty"
SENTENCE, PROOF, STALE = "plan-sentence", "plan-proof", "plan-stale"
NOTES = "plan-notes"
CHOSEN, CHOSEN_PART = "plan-chosen", "plan-chosen-part"
EQUITY = "plan-equity"

# On the map.
DRAWING, DRAWN = "plan-drawing", "plan-map-drawn"
MODE = "plan-mode"
CLICKED = "plan-clicked"  # dcc.Store: {kind: site|why|draw, id, name, lon, lat, at}; written by the browser
CARD, CARD_TITLE, CARD_TEXT, CARD_ROWS = "plan-card", "plan-card-title", "plan-card-text", "plan-card-rows"
CARD_BUTTONS, CARD_SEEN = "plan-card-buttons", "plan-card-seen"
REQUIRE, FORBID, CARD_CLOSE = "plan-require", "plan-forbid", "plan-card-close"

# More about the plan.
EXTRA, EXTRA_START, EXTRA_STOP, EXTRA_HELP = "plan-extra", "plan-extra-start", "plan-extra-stop", "plan-extra-help"
EXTRA_ADOPT = "plan-extra-adopt"
EXTRA_TEXT, EXTRA_BODY, EXTRA_TABLE = "plan-extra-text", "plan-extra-body", "plan-extra-table"
EXTRA_UNIT, EXTRA_UNIT_PART = "plan-extra-unit", "plan-extra-unit-part"
EXTRA_NUMBERS, EXTRA_NUMBERS_PART = "plan-extra-numbers", "plan-extra-numbers-part"
EXTRA_RUN, EXTRA_CLOCK, EXTRA_STATUS = "plan-extra-run", "plan-extra-clock", "plan-extra-status"
EXTRA_CHART, EXTRA_CURVE, EXTRA_DRAWN = "plan-extra-chart", "plan-extra-curve", "plan-extra-drawn"

# Taking it over and away.
ADOPT, ADOPT_AUTHOR, ADOPT_TEXT = "plan-adopt", "plan-adopt-author", "plan-adopt-text"
FILE = "plan-file"
SAVES = {"csv": "plan-save-csv", "xlsx": "plan-save-xlsx", "geojson": "plan-save-geojson"}

HIDDEN: dict[str, str] = {"display": "none"}
SHOWN: dict[str, str] = {}
