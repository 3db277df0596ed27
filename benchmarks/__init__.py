"""Measuring the kernel beside its peers, in one run, with every answer compared."""
