"""Recorded answers are asked for one after the other."""

from __future__ import annotations

from tests.probes.at_once import _no_threads_of_probes

__all__ = ["_no_threads_of_probes"]
