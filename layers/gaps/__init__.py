"""Gaps: what each rule asks of each unit, what is there, what is missing, and in which words."""
