"""Commands that need neither AWS nor a sandbox: redact, tree, permissions."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from wizard.ui.flags import local_options
from wizard.ui.output import fitted, put
from wizard.ui.terminal import keep_map, remark, show_json, show_lines, width

FAILED, FOUND = 1, 3


@click.command()
@click.argument("file", default="-")
@click.option("--save", metavar="FILE", help="Write it to a file instead of stdout.")
@local_options
def redact(file: str, save: str | None, tree: str | None, **_: Any) -> int:
    """Redact a report, a saved case or a log.

    Reads FILE, or standard input for -, in any format. Account and API ids, ARNs, hosts, addresses, request ids,
    people, headers and query values become pseudonyms (account-1, host-2), the same for the same value; secrets are
    removed. Doing it again changes nothing. Whom the pseudonyms stand for is kept in a private file.
    """
    from wizard.report.existing import redact_text
    from wizard.report.manifest import withheld_words
    from wizard.report.save import save as write
    from wizard.tree import load

    if save == "" or (save and file != "-" and os.path.exists(save) and os.path.samefile(save, file)):
        raise click.UsageError("--save wants the name of another file: the original stays as it is")
    try:
        text = _text(file)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    try:
        clean, redactor = redact_text(text, load(tree))
        path = write(clean, save) if save else Path("standard output")
    except OSError as error:
        remark(f"{f'{os.path.abspath(save)}: ' if save else ''}{error.strerror or error}")
        return FAILED
    if not save:
        put(_shown(clean))
    kept = keep_map(redactor, path)
    remark(f"{f'saved: {path}. ' if save else ''}{withheld_words(redactor.withheld())}")
    if kept:
        remark(f"whom the pseudonyms stand for, for you only: {kept}")
    return 0


@click.group("tree")
def tree_() -> None:
    """Look at a decision tree."""


@tree_.command()
@click.argument("file", required=False)
@local_options
def lint(file: str | None, tree: str | None, **_: Any) -> int:
    """Every slip of a tree file, one a line. Exit: 0 none, 3 some."""
    from wizard.engine.catalog import probe_ids
    from wizard.model.text import safe
    from wizard.tree import lint as look

    problems = look(file or tree, probe_ids())
    for problem in problems:
        click.echo(safe(problem))
    if not problems:
        remark("no problems")
    return FOUND if problems else 0


@tree_.command("show")
@click.argument("file", required=False)
@local_options
def show_tree(file: str | None, tree: str | None, **_: Any) -> int:
    """The walk: hops, questions and where each answer leads."""
    from wizard.tree import load
    from wizard.ui.outline import outline

    show_lines(outline(load(file or tree), width()))
    return 0


@click.command()
@local_options
def permissions(**_: Any) -> int:
    """The IAM policy that all of it needs, as JSON.

    Read-only: what the checks and the pick lists of the wizard ask for.
    """
    from wizard.aws.browse import CALLS
    from wizard.aws.permissions import policy
    from wizard.engine.catalog import all_probes

    show_json(policy(sorted(CALLS.union(*(probe.calls for probe in all_probes())))))
    return 0


COMMANDS: tuple[click.Command, ...] = (tree_, permissions, redact)


def _text(file: str) -> str:
    """The whole of a file or of standard input. Raises OSError, ValueError: too big, no text."""
    from wizard.report.existing import LARGEST

    if file == "-":
        raw = sys.stdin.buffer.read(LARGEST + 1)
    else:
        with open(file, "rb") as stream:
            raw = stream.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ValueError(f"larger than {LARGEST >> 20} MiB; redact it in parts")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    if b"\0" in raw[:4096]:
        raise ValueError("no text; give a report, a case or a log")
    return raw.decode("utf-8", "replace")


def _shown(text: str) -> str:
    """The text for stdout: as it is for a program, harmless for a terminal."""
    from wizard.model.text import safe_lines

    if not sys.stdout.isatty():
        return text
    return fitted("".join(f"{line}\n" for line in safe_lines(text)), sys.stdout)
