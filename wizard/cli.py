"""The command line: reads what was typed, picks a front end and wires it to engine, AWS and tree. Knows everybody."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from wizard import __version__
from wizard.sandboxed import all_faults, known_scenario, running
from wizard.ui.flags import (
    Commands,
    aws_options,
    case_options,
    format_for,
    guided_option,
    local_options,
    output_option,
    report_option,
    scenario_options,
    screen_options,
)
from wizard.ui.offline import COMMANDS
from wizard.ui.output import OutputError, let_go, prepare
from wizard.ui.terminal import narrator, remark, saved, show, show_json, show_lines, stays_redacted, width

if TYPE_CHECKING:
    from types import TracebackType

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

    With an address, or with nothing, the full-screen wizard starts; its options: apigw-wizard wizard --help.
    It only reads; whatever would call your backend asks first.
    """


@main.command(hidden=True)
@case_options
@guided_option
@screen_options
@aws_options
def wizard(**given: Any) -> int:
    """The full-screen wizard."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("the wizard needs a terminal; in a pipe or a script use: apigw-wizard check URL")
    from wizard.ui.tui.app import run as full_screen

    return full_screen(_settings(given))


@main.command()
@scenario_options
@screen_options
@local_options
def demo(faults: tuple[str, ...], furnish: tuple[str, ...], **given: Any) -> int:
    """The wizard on a broken API of this machine.

    Needs no account and no network. When this is no terminal it prints the verdict and exits 0.
    """
    with running(faults or (DEMO_FAULT,), furnish, given, _settings) as settings:
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
@report_option
@click.option("--save", metavar="FILE", help="Also write the report to a file, redacted; its suffix names the format.")
@click.option("--no-redact", is_flag=True, help="Save it with all ids, hosts and secrets; asks first.")
@click.option("--yes", is_flag=True, help="Answer yes to that question.")
@click.option("-v", "--verbose", is_flag=True, help="Say on stderr what is going on, even when that is no terminal.")
@aws_options
def check(
    sandbox: bool,
    output: str,
    save: str | None,
    no_redact: bool,
    yes: bool,
    verbose: bool,
    **given: Any,
) -> int:
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
    if no_redact and not save:
        raise click.UsageError("--no-redact goes with --save FILE; what is printed is never redacted")
    redacted = stays_redacted(no_redact, yes)
    if sandbox:
        with running(faults, furnish, given, _settings) as settings:
            walked = headless.check(settings, narrator(verbose))
    else:
        settings = _settings(given)
        if settings.target is None:
            raise click.UsageError("what is to be checked? Give a URL, or --api-id and --stage")
        walked = headless.check(settings, narrator(verbose))
    show(walked, output)
    if walked.interrupted:
        remark("interrupted; this is what was known by then")
    return walked.exit_code if saved(walked, format_for(save, output), save, redacted=redacted) else FAILED


@main.command()
@case_options
@guided_option
@click.option("--plain", is_flag=True, help="Numbered questions and plain words only, as for a screen reader.")
@aws_options
def ask(plain: bool, **given: Any) -> int:
    """The same walk as plain questions.

    For ssh, simple terminals and screen readers; with --guided also for whoever has no credentials.
    """
    from wizard.ui.plain import run as questions

    return questions(_settings(given), plain=plain)


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
    columns: tuple[str, ...]
    if what == "causes":
        rows, columns = listing.causes(_tree(tree)), ("code", "id", "title")
    elif what == "probes":
        from wizard.engine.catalog import all_probes

        rows, columns = listing.probes(all_probes()), ("id", "hop", "title")
    else:
        rows, columns = all_faults(), ("id", "api_type", "hop", "title")
    if output == "json":
        show_json({what: list(rows)})
    else:
        show_lines(listing.table(rows, columns, width() if sys.stdout.isatty() else None))
    return 0


for _command in COMMANDS:
    main.add_command(_command)


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
    known_scenario(faults, furnish)
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


def _tree(file: str | None) -> Tree:
    from wizard.tree import load

    return load(file)


def _failed(what: object, code: int) -> int:
    remark(str(what))
    return code


def _usage(error: click.ClickException) -> str:
    """What was wrong with the words on the command line, and where the right ones stand."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    help_of = context.command_path if context else "apigw-wizard"
    return f"{' '.join(error.format_message().split()).rstrip('.')} (see: {help_of} --help)"


def _unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What is said of a defect of the tool itself: one line, and how to see the rest."""
    remark(f"this is a defect of the tool: {kind.__name__}: {error} (run it again with --debug to see where)")
