"""The request path as a picture: pure functions from a path and a width to lines of (text, style) segments.

Styles are the words of wizard.model.text; every front end turns them into its own colours.
"""

from __future__ import annotations

from wizard.model.path import Path
from wizard.model.text import Line
from wizard.ui.draw.boxes import boxes
from wizard.ui.draw.rail import compact, rail

__all__ = ["boxes", "choose", "compact", "rail"]


def choose(path: Path, width: int, height: int, at: str = "") -> list[Line]:
    """The roomiest picture that fits into `width` columns and `height` lines.

    The hop `at` is marked and always in it; without one the failing hop is.
    """
    for picture in (boxes(path, width, at) if width >= 60 else rail(path, width, at), rail(path, width, at)):
        if len(picture) <= height:
            return picture
    return compact(path, width, height, at)
