"""The check of service grids against communities, their repair as a draft, and the need found in each of them."""
