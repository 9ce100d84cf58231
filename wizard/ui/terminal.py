"""Writing for the person at the terminal: results on stdout, remarks on stderr, reports into files."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wizard.model.text import Line, safe, shorten
from wizard.report.ansi import render, wants_colour
from wizard.report.names import MARKUP
from wizard.ui.output import fitted, fitted_json, fitted_markup, put

if TYPE_CHECKING:
    from wizard.report.redact import Redactor
    from wizard.ui.headless import Walked

NARROWEST, WIDEST, PAPER = 40, 100, 80
# Everything but printable ASCII and the line breaks of the indentation.
_UNUSUAL = re.compile(r"[^\n -~]")


def width() -> int:
    """Columns to write in: those of the terminal within reason, 80 elsewhere."""
    return min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST) if sys.stdout.isatty() else PAPER


def show_lines(lines: Sequence[Line]) -> None:
    """Styled lines on stdout, coloured where that is wanted."""
    colour = wants_colour(sys.stdout)
    put(render(lines, colour), colour=colour)


def show_json(data: Any) -> None:
    """Plain data on stdout."""
    put(fitted_json(as_json(data), sys.stdout))


def as_json(data: Any) -> str:
    """Plain data as indented JSON text; characters that a terminal might obey stand as JSON escapes."""
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    return _UNUSUAL.sub(lambda found: found[0] if safe(found[0]) == found[0] else json.dumps(found[0])[1:-1], text)


def show(walked: Walked, output: str) -> None:
    """The report on stdout, in the format asked for."""
    from wizard.ui.headless import text_report

    if output == "text":
        show_lines(text_report(walked, width()))
    elif output == "json":
        put(fitted_json(rendered(walked, output), sys.stdout))
    elif output in MARKUP:
        put(fitted_markup(rendered(walked, output), sys.stdout))
    else:
        put(rendered(walked, output))


def rendered(walked: Walked, output: str, withheld: Mapping[str, int] | None = None) -> str:
    """The report as a text for a file: no colour, 80 columns. `withheld` counts what redaction took out, by kind."""
    from wizard.report.json import document
    from wizard.report.manifest import withheld_words
    from wizard.report.page import paragraph
    from wizard.ui.headless import text_report

    if output == "text":
        note = [] if withheld is None else [(), *paragraph(withheld_words(withheld), PAPER, look="dim")]
        return render([*text_report(walked, PAPER), *note])
    if output == "json":
        return as_json(document(walked.verdict) | ({} if withheld is None else {"withheld": dict(withheld)}))
    from wizard.report.content import report
    from wizard.report.formats import RENDERERS

    return RENDERERS[output](report(walked.verdict, walked.tree, withheld))


def save_report(walked: Walked, output: str, file: str | Path, *, redacted: bool = True) -> Path:
    """Writes the report, redacted unless told otherwise, and returns where it is; whom the pseudonyms stand for is kept
    in the state folder.

    Raises:
        OSError: it cannot be written, or it would still show what should be withheld (LeakError).
    """
    from wizard.report import manifest
    from wizard.report.save import save

    if not redacted:
        return save(rendered(walked, output), file)
    document, redactor = manifest.redacted(
        walked.verdict,
        walked.tree,
        lambda clean, withheld: rendered(replace(walked, verdict=clean), output, withheld),
    )
    path = save(document, file)
    keep_map(redactor, path)
    return path


def keep_map(redactor: Redactor, report: Path) -> Path | None:
    """Keeps whom the pseudonyms of a report stand for; when that fails the report stands all the same."""
    from wizard.report.manifest import save_map

    try:
        return save_map(redactor, report)
    except (OSError, RuntimeError) as error:
        remark(f"whom its pseudonyms stand for could not be kept: {getattr(error, 'strerror', None) or error}")
        return None


def someone_is_there() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def stays_redacted(no_redact: bool, yes: bool) -> bool:
    """Whether the report is to be saved redacted: always, unless the person says twice that it is not.

    Raises:
        click.UsageError: nobody is there to be asked, and --yes was not given.
    """
    if not no_redact or yes:
        return not no_redact
    if not someone_is_there():
        raise click.UsageError("--no-redact asks first; where nobody can be asked it needs --yes")
    what = "The file will show account ids, hosts, request ids, people and whatever secrets the logs hold. Save it so?"
    return not click.confirm(what, default=False, err=True)


def remark(text: str) -> None:
    """One line on stderr."""
    click.echo(fitted(f"apigw-wizard: {safe(text)}", sys.stderr), err=True)


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """A line on stderr while something takes its time, gone afterwards; nothing when that is no terminal."""
    if not sys.stderr.isatty():
        yield
        return
    stays = os.environ.get("TERM", "dumb") == "dumb"
    line = shorten(f"{text} …", shutil.get_terminal_size().columns - 1)
    try:
        click.echo(fitted(line, sys.stderr), err=True, nl=stays)
        yield
    finally:
        if not stays:
            click.echo("\r\x1b[K", err=True, nl=False)


def narrator(verbose: bool) -> Callable[[str, str], None]:
    """What says short remarks on stderr while a walk goes on; silent when that is no terminal, unless `verbose`."""
    if not (verbose or sys.stderr.isatty()):
        return lambda word, text: None
    columns = shutil.get_terminal_size().columns if sys.stderr.isatty() else 2 * PAPER
    return lambda word, text: click.echo(fitted(shorten(f"{word:>9}  {text}", columns), sys.stderr), err=True)


def saved(walked: Walked, output: str, file: str | None, *, redacted: bool = True) -> bool:
    """Writes the report where one is wanted; whether that went well. A failure is one line on stderr."""
    if not file:
        return True
    try:
        path = save_report(walked, output, file, redacted=redacted)
    except OSError as error:
        remark(f"the report could not be saved to {os.path.abspath(file)}: {error.strerror or error}")
        return False
    remark(f"saved, {'redacted' if redacted else 'NOT redacted'}: {path}")
    return True
