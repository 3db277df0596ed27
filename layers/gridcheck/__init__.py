"""The check of service grids against communities, their repair as a draft, and the need found in each of them."""

from layers.gridcheck.judging import check, faults

__all__ = ["check", "faults"]
