"""Elements of HTML and SVG: a text in them is escaped, what is markup already stays."""

from __future__ import annotations

from html import escape

from wizard.model.text import safe, safe_lines, shorten

LONGEST = 1500  # columns of one text; beyond that a report hides more than it shows
_VOID = frozenset({"meta", "br"})
_BLOCKS = frozenset({
        "html", "head", "body", "header", "main", "footer", "nav", "section", "article", "figure", "div", "dl", "ol",
        "ul", "table", "thead", "tbody", "tr", "details", "svg", "g",
})  # fmt: skip


class Markup(str):
    """A text that is markup."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | int | float | None) -> Markup:
    """An element. `class_` is the attribute class, other underscores are dashes; None leaves an attribute out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(safe(_number(value)))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    parts = [text(child) for child in children if child]
    inside = "\n" + "\n".join(parts) + "\n" if name in _BLOCKS and parts else "".join(parts)
    return Markup(f"<{name}{given}>{inside}</{name}>")


def text(value: str) -> Markup:
    """The text escaped, one line, cut when it is endless; markup as it is."""
    return value if isinstance(value, Markup) else Markup(escape(shorten(value, LONGEST)))


def lines(value: object) -> Markup:
    """A text whose lines stay as they are (commands to copy), escaped."""
    return Markup(escape("\n".join(safe_lines(value))))


def joined(*parts: str) -> Markup:
    """Texts and markup one behind the other."""
    return Markup("".join(map(text, parts)))


def _number(value: str | int | float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
