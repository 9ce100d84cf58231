"""The command line: reads what was typed, picks a front end and wires it to engine, AWS and tree. Knows everybody."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from wizard import __version__
from wizard.ui.flags import Commands, aws_options, case_options, local_options, output_option, scenario_options
from wizard.ui.output import OutputError, let_go, prepare
from wizard.ui.terminal import narrator, remark, saved, show, show_json, show_lines, waiting, width

if TYPE_CHECKING:
    from types import TracebackType

    from wizard.model.aws import Aws
    from wizard.model.json import Json
    from wizard.model.tree import Tree
    from wizard.ui.settings import Settings

FAILED, USAGE, FOUND, INTERRUPTED, NO_CREDENTIALS = 1, 2, 3, 130, 253
DEMO_FAULT = "lambda-permission-missing"


def run(argv: Sequence[str]) -> int:
    """Runs one command and returns its exit code; whatever goes wrong is one line on stderr."""
    from wizard.model.aws import AwsError, Expired, NoCredentials
    from wizard.sandbox.process import SandboxError
    from wizard.tree import TreeError
    from wizard.ui.config import ConfigError, config_path, load_config

    if "--debug" not in argv:
        sys.excepthook = _unexpected
    prepare()
    try:
        defaults = load_config(config_path())
        code = main.main(
            list(argv), "apigw-wizard", standalone_mode=False, default_map=dict.fromkeys(main.commands, defaults)
        )
        sys.stdout.flush()
        return int(code or 0)
    except click.ClickException as error:
        return _failed(_usage(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        remark("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        let_go()
        return FAILED
    except OutputError as error:
        let_go()
        return _failed(error, FAILED)
    except ConfigError as error:
        return _failed(error, USAGE)
    except (NoCredentials, Expired) as error:
        return _failed(error, NO_CREDENTIALS)
    except (AwsError, SandboxError, TreeError) as error:
        return _failed(error, FAILED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="apigw-wizard", message="%(prog)s %(version)s")
def main() -> None:
    """Find the hop that fails behind an AWS API Gateway 5xx, prove the cause, show the fix.

    With an address, or with nothing, the full-screen wizard starts. It only reads; whatever would call
    your backend asks first.
    """


@main.command(hidden=True)
@case_options
@aws_options
def wizard(**given: Any) -> int:
    """The full-screen wizard."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("the wizard needs a terminal; in a pipe or a script use: apigw-wizard check URL")
    from wizard.ui.tui.app import run as full_screen

    return full_screen(_settings(given))


@main.command()
@scenario_options
@local_options
def demo(faults: tuple[str, ...], furnish: tuple[str, ...], tree: str | None, **_: Any) -> int:
    """The wizard on a broken API of this machine.

    Needs no account and no network. When this is no terminal it prints the verdict and exits 0.
    """
    with _sandbox(faults or (DEMO_FAULT,), furnish, {"tree": tree}) as settings:
        if sys.stdin.isatty() and sys.stdout.isatty():
            from wizard.ui.tui.app import run as full_screen

            return full_screen(settings)
        from wizard.ui.headless import check as walk

        show(walk(settings, narrator(False)), "text")
        return 0


@main.command()
@case_options
@click.option("--sandbox", is_flag=True, help="Check the sandbox instead of AWS.")
@scenario_options
@click.option("--allow-invoke", is_flag=True, help="Say yes to whatever really calls the backend.")
@click.option("--allow-insights", is_flag=True, help="Say yes to searching big logs with Logs Insights, which costs.")
@output_option
@click.option("--save", metavar="FILE", help="Also write the report to a file, redacted.")
@click.option("-v", "--verbose", is_flag=True, help="Say on stderr what is going on, even when that is no terminal.")
@aws_options
def check(sandbox: bool, output: str, save: str | None, verbose: bool, **given: Any) -> int:
    """Diagnose without questions.

    Exit code: 0 nothing wrong found, 3 fault found, 4 warnings only, 5 inconclusive, 1 failed, 2 usage,
    130 interrupted, 253 no usable credentials or Region.
    """
    from wizard.ui import headless

    faults, furnish = given.pop("faults"), given.pop("furnish")
    if (faults or furnish) and not sandbox:
        raise click.UsageError(f"{'--fault' if faults else '--furnish'} needs --sandbox")
    if save == "":
        raise click.UsageError("--save wants the name of a file")
    if sandbox:
        with _sandbox(faults, furnish, given) as settings:
            walked = headless.check(settings, narrator(verbose))
    else:
        settings = _settings(given)
        if settings.target is None:
            raise click.UsageError("what is to be checked? Give a URL, or --api-id and --stage")
        walked = headless.check(settings, narrator(verbose))
    show(walked, output)
    if walked.interrupted:
        remark("interrupted; this is what was known by then")
    return walked.exit_code if saved(walked, output, save) else FAILED


@main.command()
@case_options
@aws_options
def ask(**given: Any) -> int:
    """The same walk as plain questions.

    For ssh, simple terminals and screen readers.
    """
    from wizard.ui.plain import run as plain

    return plain(_settings(given))


@main.command()
@click.argument("file", default="-")
@output_option
@local_options
def explain(file: str, output: str, tree: str | None, **_: Any) -> int:
    """Find causes in a log or an error text.

    Reads FILE, or standard input for -; plain or gzipped, in any form in which AWS or curl writes it: execution,
    access and function logs, what the AWS CLI prints, CSV, headers and bodies. Exit code: 3 when something is
    found, else 0.
    """
    from wizard.report import explain as report
    from wizard.ui.intake import read_log

    known = _tree(tree)
    if file == "-" and sys.stdin.isatty():
        remark("paste the log, then press Ctrl+D")
    try:
        found = read_log(file, known)
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from error
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if output == "json":
        show_json(report.document(known, found.lines, found.findings))
    else:
        show_lines(report.lines(known, found.lines, found.findings, width()))
    return FOUND if found.findings else 0


@main.command()
@click.argument("id_or_code")
@output_option
@local_options
def cause(id_or_code: str, output: str, tree: str | None, **_: Any) -> int:
    """The page of one cause; no network."""
    from wizard.report import cause as report
    from wizard.ui.options import close

    known = _tree(tree)
    found = known.cause(id_or_code)
    if found is None:
        names = [*known.causes, *(each.code for each in known.causes.values())]
        raise click.UsageError(f"no such cause: {id_or_code}.{close(id_or_code, names)}")
    if output == "json":
        show_json(report.document(found))
    else:
        show_lines(report.page(known, found, width()))
    return 0


@main.command("list")
@click.argument("what", type=click.Choice(["causes", "probes", "faults"]))
@output_option
@local_options
def list_(what: str, output: str, tree: str | None, **_: Any) -> int:
    """What the tool knows: causes, probes, faults."""
    from wizard.report import listing

    rows: list[dict[str, Json]]
    if what == "causes":
        rows, columns = listing.causes(_tree(tree)), ("code", "id", "title")
    elif what == "probes":
        from wizard.engine.catalog import all_probes

        rows, columns = listing.probes(all_probes()), ("id", "hop", "title")
    else:
        rows, columns = _faults(), ("id", "hop", "title")
    if output == "json":
        show_json({what: list(rows)})
    else:
        show_lines(listing.table(rows, columns, width()))
    return 0


@main.group("tree")
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
    from wizard.ui.outline import outline

    show_lines(outline(_tree(file or tree), width()))
    return 0


@main.command()
@local_options
def permissions(**_: Any) -> int:
    """The IAM policy that the checks and the pick lists need, as JSON."""
    from wizard.aws.browse import CALLS
    from wizard.aws.permissions import policy
    from wizard.engine.catalog import all_probes

    show_json(policy(sorted(CALLS.union(*(probe.calls for probe in all_probes())))))
    return 0


@main.command()
@scenario_options
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: a free one.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def sandbox(faults: tuple[str, ...], furnish: tuple[str, ...], port: int, debug: bool) -> int:
    """Serve the breakable API on 127.0.0.1.

    Prints where it is as one JSON line and serves until Ctrl+C.
    """
    from wizard.sandbox.process import arguments, require_extra

    require_extra()
    _known_scenario(faults, furnish)
    from wizard.sandbox.__main__ import main as serve

    return int(serve(arguments(faults, furnish, port)) or 0)


def _settings(given: dict[str, Any]) -> Settings:
    """The settings that the options of this command amount to. Raises UsageError."""
    from wizard.aws.session import connect
    from wizard.ui.options import settings_of

    context = click.get_current_context()
    line = click.core.ParameterSource.COMMANDLINE
    try:
        return settings_of(
            given, {name for name in context.params if context.get_parameter_source(name) is line}, connect
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error


@contextmanager
def _sandbox(faults: Sequence[str], furnish: Sequence[str], given: dict[str, Any]) -> Iterator[Settings]:
    """A running sandbox and the settings that lead to it; its credentials stay inside `connect`."""
    from wizard.model.case import Symptom, Target
    from wizard.sandbox.process import SandboxProcess, require_extra

    require_extra()
    _known_scenario(faults, furnish)
    if any(given.get(name) for name in ("url", "api_id", "stage", "method", "path")):
        raise click.UsageError(
            "--sandbox brings its own API; leave out the URL, --api-id, --stage, --method and --path"
        )
    settings = _settings({**given, "region": None})
    with ExitStack() as running:
        with waiting(f"starting the sandbox, an API on this machine with {', '.join(faults) or 'no fault'}"):
            line = running.enter_context(SandboxProcess(faults, furnish))
        place = {name: line[name] for name in ("api_id", "stage", "method", "path", "region", "account", "url")}
        keys = {name: line[name] for name in ("access_key_id", "secret_access_key")}
        told = {name: given[name] for name in Symptom.__slots__ if given.get(name)}

        def connect(profile: str | None, region: str | None, endpoint_url: str | None) -> Aws:
            from wizard.aws.session import connect as live

            return live(None, region or line["region"], endpoint_url or line["endpoint_url"], **keys)

        yield replace(
            settings,
            connect=connect,
            target=Target(**place),
            symptom=replace(Symptom(**(line["symptom"] or {})), **told),
            profile=None,
            region=line["region"],
            endpoint_url=line["endpoint_url"],
            demo=line,
        )


def _known_scenario(faults: Sequence[str], furnish: Sequence[str]) -> None:
    if not (faults or furnish):
        return
    from wizard.sandbox.scenario import furnishings_of
    from wizard.ui.options import close

    known = [str(row["id"]) for row in _faults()]
    for fault in faults:
        name = fault.partition("@")[0].partition("%")[0]  # ID@45m%30: since when, and in which share of the requests
        if name not in known:
            raise click.UsageError(f"no such fault: {name}.{close(name, known)}")
    try:
        furnishings_of(faults, furnish)
    except KeyError as error:
        from wizard.sandbox.furnishings import all_furnishings

        names = ", ".join(each.id for each in all_furnishings())
        raise click.UsageError(f"no such furnishing: {error.args[0]}; there are {names}") from None
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _faults() -> list[dict[str, Json]]:
    from wizard.sandbox.process import require_extra

    require_extra()
    from wizard.sandbox.faults import all_faults

    return [
        {name: getattr(fault, name) for name in ("id", "cause", "hop", "api_type", "title")} for fault in all_faults()
    ]


def _tree(file: str | None) -> Tree:
    from wizard.tree import load

    return load(file)


def _failed(what: object, code: int) -> int:
    remark(str(what))
    return code


def _usage(error: click.ClickException) -> str:
    """What was wrong with the words on the command line, and where the right ones stand."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    help_of = context.command_path.removesuffix(" wizard") if context else "apigw-wizard"
    return f"{' '.join(error.format_message().split()).rstrip('.')} (see: {help_of} --help)"


def _unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What is said of a defect of the tool itself: one line, and how to see the rest."""
    remark(f"this is a defect of the tool: {kind.__name__}: {error} (run it again with --debug to see where)")
