"""Recorded cases: for every cause one that has it, and one that looks like it and has not."""
