"""Every format that a report can have: by its name, by the suffix of a file."""

from __future__ import annotations

from collections.abc import Callable

from wizard.report.content import Report
from wizard.report.dot import render as dot
from wizard.report.html import render as html
from wizard.report.junit import render as junit
from wizard.report.markdown import render as markdown
from wizard.report.mermaid import render as mermaid
from wizard.report.svg import render as svg

# Documents made of a Report; text (which needs the drawings of the front end) and json are made of the verdict itself.
RENDERERS: dict[str, Callable[[Report], str]] = {
    "markdown": markdown,
    "html": html,
    "junit": junit,
    "mermaid": lambda report: mermaid(report.result.path),
    "dot": lambda report: dot(report.result.path),
    "svg": lambda report: svg(report.result.path),
}
