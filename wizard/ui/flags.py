"""The flags that commands share, and the group that lets people leave the command out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from wizard.report.names import FORMATS, format_of
from wizard.ui.options import close

F = TypeVar("F", bound=Callable[..., Any])
# Options that take a value and may stand before the command, as with the AWS CLI.
_LEADING = (
    *("-p", "--profile", "-r", "--region", "--endpoint-url", "--tree"),
    *("--api-id", "--stage", "--method", "--path", "--status", "--message", "--error-type", "--request-id"),
    *("--seen-in", "--client-timeout", "--since", "--start-time", "--end-time", "--theme", "--keys"),
)
_HELP = ("--help", "-h")
_ALONE = (*_HELP, "--version", "-V")


class Commands(click.Group):
    """Commands, and the wizard for whoever names none: an address alone, options alone, or nothing at all."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts the command first, where click wants it."""
        place = _first_word(args)
        if place is not None and args[place] in self.commands:
            args = [args[place], *args[:place], *args[place + 1 :]]
        elif place is not None and not any(mark in args[place] for mark in "./: "):
            raise click.UsageError(f"no such command: {args[place]}.{close(args[place], self.list_commands(ctx))}", ctx)
        elif not any(word in _ALONE for word in args) or (set(args) & set(_HELP) and set(args) - set(_ALONE)):
            args = ["wizard", *args]  # also for help with the options of the wizard
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Both ways to call it."""
        formatter.write_usage(ctx.command_path, "[URL]  |  COMMAND [ARGS]...")


def local_options(command: F) -> F:
    """The options of every command that reads the tree."""
    command = click.option("--debug", is_flag=True, help="Show tracebacks.")(command)
    tree = click.option("--tree", metavar="FILE", envvar="APIGW_WIZARD_TREE", help="A decision tree of your own.")
    return tree(command)


def aws_options(command: F) -> F:
    """The options of every command that talks to AWS; named as in the AWS CLI."""
    command = local_options(command)
    for option in (
        click.option("--endpoint-url", metavar="URL", envvar="AWS_ENDPOINT_URL", help="Another endpoint than AWS."),
        click.option(
            "-r", "--region", metavar="REGION", envvar=["AWS_REGION", "AWS_DEFAULT_REGION"], help="AWS Region."
        ),
        click.option("-p", "--profile", metavar="NAME", envvar="AWS_PROFILE", help="AWS profile."),
    ):
        command = option(command)
    return command


def case_options(command: F) -> F:
    """What is looked at and what the client saw."""
    for option in (
        click.option("--end-time", metavar="TIME", help="ISO 8601; UTC unless it has an offset. Default: now."),
        click.option("--start-time", metavar="TIME", help="ISO 8601; UTC unless it has an offset."),
        click.option(
            "--since",
            metavar="LENGTH",
            default="1h",
            envvar="APIGW_WIZARD_SINCE",
            show_default=True,
            help="How far to look back.",
        ),
        click.option(
            "--seen-in", type=click.Choice(["url", "test-invoke"]), help="Where the error was seen.  [default: url]"
        ),
        click.option(
            "--client-timeout",
            type=click.FloatRange(0, 3600, min_open=True),
            metavar="SECONDS",
            help="How long the client waits; compared with every other timeout on the path.",
        ),
        click.option("--request-id", metavar="ID", help="The x-amzn-RequestId header of the failing answer."),
        click.option("--error-type", metavar="NAME", help="Its x-amzn-ErrorType header."),
        click.option("--message", metavar="TEXT", help="The message in its body."),
        click.option("--status", type=click.IntRange(100, 599), metavar="N", help="The HTTP status the client saw."),
        click.option(
            "--path",
            metavar="PATH",
            help="Request path below the stage, like /orders/42; for a WebSocket API the route key, like '$connect'.",
        ),
        click.option("--method", metavar="VERB", help="The HTTP method.  [default: GET]"),
        click.option("--stage", metavar="NAME", help="The stage."),
        click.option("--api-id", metavar="ID", help="The API."),
        click.argument("url", required=False),
    ):
        command = option(command)
    return command


class Format(click.Choice[str]):
    """One of the formats of a command.

    The environment and the file of defaults speak to all commands: a report's format means text to those without it.
    """

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The format that was meant."""
        typed = ctx and param and param.name and _typed(ctx, param.name)
        return (
            "text"
            if not typed and value in FORMATS and value not in self.choices
            else super().convert(value, param, ctx)
        )


def screen_options(command: F) -> F:
    """How the full-screen wizard looks, moves and listens."""
    for option in (
        click.option("--keys", metavar="ACTION=KEY,…", help="Other keys, like quit=x,fixed=f2; ? shows the actions."),
        click.option(
            "--still", is_flag=True, envvar="APIGW_WIZARD_STILL", help="Nothing moves or blinks in the full screen."
        ),
        click.option(
            "--theme",
            type=click.Choice(["dark", "light", "contrast"]),
            default="dark",
            envvar="APIGW_WIZARD_THEME",
            help="The colours of the full screen.",
        ),
        click.option("--step", is_flag=True, help="Wait for a key at every step of the full-screen walk."),
    ):
        command = option(command)
    return command


def scenario_options(command: F) -> F:
    """How the API of the sandbox is built, and what is broken in it."""
    for option in (
        click.option(
            "--furnish", metavar="NAME", multiple=True, help="Build the healthy API otherwise; a wrong NAME lists them."
        ),
        click.option("--fault", "faults", metavar="ID", multiple=True, help="A fault to build in; see: list faults."),
    ):
        command = option(command)
    return command


def _output(*names: str) -> Callable[[F], F]:
    return click.option("--output", type=Format(names), default="text", envvar="APIGW_WIZARD_OUTPUT", show_default=True)


def _typed(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def format_for(file: str | None, output: str) -> str:
    """The format of a saved report: the one typed on the command line, else the one that the file's name asks for."""
    return output if not file or _typed(click.get_current_context(), "output") else format_of(file, output)


def guided_option(command: F) -> F:
    """Without credentials."""
    return click.option(
        "--guided",
        is_flag=True,
        help="Without credentials: shows each AWS CLI command for somebody else to run, and reads what it printed.",
    )(command)


output_option = _output("text", "json")
report_option = _output(*FORMATS)


def _first_word(args: list[str]) -> int | None:
    skip = False
    for place, word in enumerate(args):
        if skip or word.startswith("-"):
            skip = not skip and word in _LEADING
            continue
        return place
    return None
