"""Building blocks of the text pages: headings, indented paragraphs, lists."""

from __future__ import annotations

from wizard.model.text import Line, Segment, cells, safe, safe_lines, wrap

FORMS = {
    "cli": "AWS CLI",
    "cli-v2": "AWS CLI for HTTP and WebSocket APIs",
    "sam": "SAM",
    "cloudformation": "CloudFormation",
    "terraform": "Terraform",
    "console": "console",
    "code": "code",
}


def heading(text: str) -> Line:
    """A title line."""
    return ((text, "title"),)


def line(*parts: Segment | str) -> Line:
    """A line of segments; each text is made safe."""
    return tuple((safe(text), look) for text, look in ((p, "") if isinstance(p, str) else p for p in parts))


def paragraph(text: str, width: int, indent: int = 0, look: str = "", lead: Segment | None = None) -> list[Line]:
    """A text wrapped at `width` behind `indent` columns; `lead` stands before its first line, the rest hangs."""
    hang = indent + (cells(lead[0]) if lead else 0)
    first: Line = ((" " * indent, ""), lead) if lead else ((" " * hang, ""),)
    rows = wrap(text, max(width - hang, 20))
    return [(*(first if number == 0 else ((" " * hang, ""),)), (row, look)) for number, row in enumerate(rows)]


def verbatim(text: str, indent: int, look: str = "code") -> list[Line]:
    """A text whose lines stay as they are (commands to copy), only made safe and indented."""
    return [((" " * indent, ""), (row, look)) for row in safe_lines(text)]
