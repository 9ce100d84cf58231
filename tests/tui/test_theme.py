"""The colours of the themes can be read: contrast as WCAG 2.2 reckons it."""

from __future__ import annotations

import pytest

from wizard.model.status import Status
from wizard.report.marks import GLYPH
from wizard.ui.tui.theme import STYLES, THEMES


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("name", "least"), [("dark", 4.5), ("light", 4.5), ("contrast", 7.0)])
def test_every_colour_of_text_can_be_read(name: str, least: float) -> None:
    theme = THEMES[name]
    texts = {key: getattr(theme, key) for key in ("primary", "accent", "foreground", "success", "warning", "error")}
    texts["quiet"] = theme.variables["quiet"]
    for ground in (theme.background, theme.surface):
        assert ground
        weak = {key: round(contrast(text, ground), 2) for key, text in texts.items() if contrast(text, ground) < least}
        assert weak == {}, ground
    cursor = theme.variables["block-cursor-foreground"], theme.variables["block-cursor-background"]
    assert contrast(*cursor) >= least


def test_no_status_is_told_by_colour_alone() -> None:
    words = [*(status.value for status in Status), "blocked", "pending"]
    assert len({GLYPH[word] for word in words}) == len(words)
    assert set(words) <= set(STYLES)
