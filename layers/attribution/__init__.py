"""Why an indicator changed between two data versions: parts by recomputation in a stated order, with their records."""

from layers.attribution.attributing import attribute
from layers.attribution.chosen import version_of
from layers.attribution.figures import indicators
from layers.attribution.record import METHOD, ORDER, TITLES, Attribution, Indicator, Part, Stamp

__all__ = [
    "METHOD",
    "ORDER",
    "TITLES",
    "Attribution",
    "Indicator",
    "Part",
    "Stamp",
    "attribute",
    "indicators",
    "version_of",
]
