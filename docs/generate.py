"""Writes the generated documentation from the tree, the probes and the command line.

`--check` only says what is out of date.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from wizard.engine.catalog import all_probes
from wizard.model.status import Effect
from wizard.model.tree import Tree
from wizard.tree import load

DOCS = Path(__file__).resolve().parent
COMMANDS = ("", "demo", "check", "ask", "explain", "cause", "list", "tree", "permissions", "sandbox")
ASKS = {Effect.NONE: "", Effect.INVOKES_BACKEND: "it runs your backend", Effect.COSTS: "AWS charges for it"}
NOTE = "<!-- Made by `make docs`; edit the source, not this page. -->\n\n"


def causes(tree: Tree) -> str:
    """docs/causes.md: every cause the tool knows, in the order of the walk."""
    rows = ["| code | cause | hop | client sees | what is wrong |", "|---|---|---|---|---|"]
    order = {hop.id: place for place, hop in enumerate(tree.hops)}
    for cause in sorted(tree.causes.values(), key=lambda c: (order[c.hop], c.code)):
        statuses = ", ".join(map(str, cause.all_statuses)) or "any"
        rows.append(f"| {cause.code} | `{cause.id}` | {cause.hop} | {statuses} | {_cell(cause.title)} |")
    return (
        f"# The {len(tree.causes)} causes\n\n{NOTE}`apigw-wizard cause <id or code>` shows the "
        f"whole page of one: why it happens, how to mend it, how to verify it.\n\n" + "\n".join(rows) + "\n"
    )


def probes() -> str:
    """docs/probes.md: what is looked at, with which questions to AWS."""
    rows = ["| probe | what it looks at | hop | AWS calls | asks first, because |", "|---|---|---|---|---|"]
    for probe in all_probes():
        calls = ", ".join(f"`{call}`" for call in sorted(probe.calls)) or "none"
        rows.append(f"| `{probe.id}` | {_cell(probe.title)} | {probe.hop} | {calls} | {ASKS[probe.effect]} |")
    looks = (
        "`dns:Lookup` and `tls:Handshake` are no calls to AWS: this machine resolves a name of the API and looks at "
        "the certificate that answers there. No HTTP request is sent.\n\n"
    )
    return f"# The probes\n\n{NOTE}{looks}" + "\n".join(rows) + "\n"


def permissions() -> str:
    """docs/permissions.json: the IAM policy that `apigw-wizard permissions` prints."""
    return _printed("permissions")


def command_line() -> str:
    """docs/cli.md: the help of every command."""
    return f"# Command line\n\n{NOTE}" + "\n".join(_help(command) for command in COMMANDS)


def _help(command: str) -> str:
    return f"## apigw-wizard {command}".rstrip() + f"\n\n```\n{_printed(*command.split(), '--help').rstrip()}\n```\n"


def _printed(*words: str) -> str:
    command = [sys.executable, "-m", "wizard", *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "100"}
    ).stdout


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _out_of_date(pages: Iterable[tuple[Path, str]]) -> list[Path]:
    return [path for path, text in pages if not path.exists() or path.read_text(encoding="utf-8") != text]


def main(check: bool) -> int:
    """Writes the pages; with `check` names those that differ and returns 1 if there are any."""
    tree = load()
    pages = [
        (DOCS / "causes.md", causes(tree)),
        (DOCS / "probes.md", probes()),
        (DOCS / "permissions.json", permissions()),
        (DOCS / "cli.md", command_line()),
    ]
    stale = _out_of_date(pages)
    if check:
        for path in stale:
            print(f"{path.relative_to(DOCS.parent)} is out of date: run make docs", file=sys.stderr)
        return 1 if stale else 0
    for path, text in pages:
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
