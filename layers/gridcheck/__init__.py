"""The check of service grids against communities, their repair as a draft, and the need found in each of them."""

from layers.gridcheck.judging import check, faults
from layers.gridcheck.need import grid_summary, grid_table
from layers.gridcheck.repair import preview, repaired

__all__ = ["check", "faults", "grid_summary", "grid_table", "preview", "repaired"]
