"""Log text in, matched signatures out. Pure: no files, no network, no clock."""

from wizard.logs.explaining import Explanation, explain, explain_bytes
from wizard.logs.line import Line, clean
from wizard.logs.matching import Match, match
from wizard.logs.payload import Judgement, inspect, judge
from wizard.logs.story import Story, stories

__all__ = [
    "Explanation",
    "Judgement",
    "Line",
    "Match",
    "Story",
    "clean",
    "explain",
    "explain_bytes",
    "inspect",
    "judge",
    "match",
    "stories",
]
