"""The sample city: Jinzhong with its real outlines, names, codes and census counts; all else is made up plausibly."""

from geodata.sample.build import sample_frames
from geodata.sample.earlier import earlier_frames
from geodata.sample.facts import sample_facts
from geodata.sample.faults import FAULT_KINDS, PlantedFault, planted_faults
from geodata.sample.filings import sample_filings

__all__ = [
    "FAULT_KINDS",
    "PlantedFault",
    "earlier_frames",
    "planted_faults",
    "sample_facts",
    "sample_filings",
    "sample_frames",
]
