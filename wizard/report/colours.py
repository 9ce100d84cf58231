"""The colours of the html report and its pictures, for light and dark; every text colour is readable on every ground.

The test computes the contrast of what is really drawn (WCAG 2.2, 1.4.3: at least 4.5).
"""

from __future__ import annotations

LIGHT = {
    "page": "#f4f5f8", "card": "#ffffff", "well": "#f1f3f7", "line": "#d9dde6",
    "text": "#1a2130", "dim": "#555f73", "link": "#1d55b0",
    "fail": "#b3201a", "fail-ground": "#fdf0ef", "warn": "#855000", "warn-ground": "#fff6e5",
    "pass": "#17693a", "pass-ground": "#ecf7f0", "unknown": "#555f73", "unknown-ground": "#eef0f5",
    "soft": "#b9c2d3", "on": "#ffffff",
}  # fmt: skip
DARK = {
    "page": "#10141b", "card": "#181e28", "well": "#11161e", "line": "#303949",
    "text": "#e7eaf1", "dim": "#a7b1c2", "link": "#8fb8f8",
    "fail": "#ff8f86", "fail-ground": "#33191b", "warn": "#f2bc63", "warn-ground": "#2f2512",
    "pass": "#7dd49b", "pass-ground": "#14291d", "unknown": "#a7b1c2", "unknown-ground": "#222a37",
    "soft": "#47536a", "on": "#10141b",
}  # fmt: skip


def variables() -> str:
    """The colours as CSS variables: light, and dark on a screen whose owner wants that; paper is always light."""
    return f":root{{{_listed(LIGHT)}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{_listed(DARK)}}}}}\n"


def _listed(colours: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in colours.items())
