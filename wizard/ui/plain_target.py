"""The plain questions about what is to be checked: an address, lists to pick from, ids to type, a case to take up."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wizard.model.aws import AwsError, Expired, NoCredentials
from wizard.model.case import Symptom, Target
from wizard.model.text import safe
from wizard.ui.again import Begin, resumed
from wizard.ui.settings import Settings
from wizard.ui.terminal import remark

if TYPE_CHECKING:
    from wizard.ui.plain import Prompt

T = TypeVar("T")
_PASTE, _PICK, _TYPE = "Paste the URL that fails", "Pick the API from lists", "Type the ids of the API"
_TAKE_UP = "Take up a saved case"
_VARIABLE = re.compile(r"\{[^}]*\}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d+")
_CASES = 9


@dataclass(frozen=True, slots=True)
class Start:
    """What a walk begins with: the settings with a target, and what is known of an earlier walk."""

    settings: Settings
    begin: Begin = field(default_factory=Begin)


def start(settings: Settings, prompt: Prompt) -> Start:
    """Asks for whatever is missing before a walk can begin."""
    if settings.target is None:
        return _with_target(settings, prompt)
    if settings.symptom == Symptom():
        settings = replace(settings, symptom=_symptom(prompt))
    return Start(_placed(settings, prompt))


def _with_target(settings: Settings, prompt: Prompt) -> Start:
    saved = _saved()
    ways = [_PASTE, _TYPE if settings.guided else _PICK, *([_TAKE_UP] if saved else [])]
    way = prompt.choose("What is to be checked?", ways, _PASTE)
    if way == _TAKE_UP:
        return _taken_up(settings, saved[prompt.pick("Case:", list(saved))])
    if way == _PICK:
        return Start(_picked(settings, prompt))
    target = _until_good(lambda: _pasted(prompt, settings) if way == _PASTE else _typed(prompt, settings))
    settings = replace(settings, target=target, region=target.region or settings.region, symptom=_symptom(prompt))
    return Start(_placed(settings, prompt))


def _saved() -> dict[str, str]:
    """The files of the newest saved cases by what they are about."""
    from wizard.report.casefile import recent

    found = {}
    for case in recent()[:_CASES]:
        about = f"{case.target.method} {case.target.path} of {case.target.api_id or case.target.host}"
        how = case.outcome.value if case.outcome else "broken off"
        found[safe(f"{about}, {how}, {case.when.astimezone():%d %b %H:%M}")] = str(case.path)
    return found


def _taken_up(settings: Settings, file: str) -> Start:
    from wizard.report.casefile import CaseFileError, known_to, read
    from wizard.tree import load

    try:
        saved = known_to(load(settings.tree), read(file))
    except CaseFileError as error:
        raise click.UsageError(f"the case cannot be taken up: {error}") from error
    if saved.remark:
        remark(saved.remark)
    begin = resumed(saved.events)
    assert begin.case is not None  # a saved case has one
    return Start(replace(settings, target=begin.case.target, symptom=begin.case.symptom), begin)


def _placed(settings: Settings, prompt: Prompt) -> Settings:
    """Without credentials nobody can be asked for the Region and the account: the person is."""
    target = settings.target
    if not settings.guided or target is None:
        return settings
    region = target.region or settings.region or _until_good(lambda: _region(prompt))
    account = target.account or _until_good(lambda: _account(prompt))
    return replace(settings, target=replace(target, region=region or None, account=account or None), region=region)


def _region(prompt: Prompt) -> str:
    typed = prompt.text("The Region of the API, like eu-west-1 (Enter: the one set where the commands run):")
    if typed and not _REGION.fullmatch(typed):
        raise ValueError(f"{typed!r} is no Region; it looks like eu-west-1")
    return typed


def _account(prompt: Prompt) -> str:
    typed = prompt.text("The account id of the API, 12 digits (Enter if unknown):").replace("-", "")
    if typed and not (typed.isdecimal() and len(typed) == 12):
        raise ValueError(f"{typed!r} is no account id; it has 12 digits")
    return typed


def _typed(prompt: Prompt, settings: Settings) -> Target:
    from wizard.ui.options import TargetWords, target_of

    api = prompt.text("API id:")
    if not api.isalnum():
        raise ValueError(f"{api!r} is no API id; it looks like a1b2c3d4e5")
    stage = prompt.text("Stage (Enter if there is only one):") or None
    method = prompt.text("HTTP method:", "GET")
    path = prompt.text("Path below the stage:", "/")
    target = target_of(TargetWords(api_id=api, stage=stage, method=method, path=path, region=settings.region))
    assert target is not None  # an API id was given
    return target


def _pasted(prompt: Prompt, settings: Settings) -> Target:
    from wizard.ui.options import TargetWords, target_of

    url = prompt.text("URL:")
    method = prompt.text("HTTP method:", "GET") if url and " " not in url else None
    target = target_of(TargetWords(url=url, method=method, region=settings.region))
    assert target is not None  # a URL was given, an empty one is a ValueError
    return target


def _picked(settings: Settings, prompt: Prompt) -> Settings:
    from wizard.aws import browse
    from wizard.aws.profiles import profiles

    known = _labelled(profiles())
    if not settings.profile and len(known) > 1:
        settings = replace(settings, profile=known[prompt.pick("Profile:", list(known))])
    if not settings.region:
        settings = replace(settings, region=prompt.pick("Region:", browse.regions()))
    aws = settings.open_aws()
    api = _one_of(prompt, "API:", "APIs in this Region", lambda: browse.apis(aws))
    stage = _one_of(prompt, "Stage:", "stages of this API", lambda: browse.stages(aws, api))
    picked = _one_of(prompt, "Method:", "methods or routes of this API", lambda: browse.methods(aws, api))
    method, _, path = picked.partition(" ")
    path = _until_good(lambda: _real_path(prompt, path)) if "{" in path else path
    method = prompt.text("The HTTP method of the failing request:", "GET") if method == "ANY" else method
    target = Target("rest", api, stage, method.upper(), path, settings.region)
    return replace(settings, target=target, symptom=_symptom(prompt))


def _real_path(prompt: Prompt, template: str) -> str:
    like = _VARIABLE.sub("42", template)
    typed = prompt.text(f"The path of a request that failed, like {like}:").partition("?")[0]
    if not typed.startswith("/") or "{" in typed:
        raise ValueError(f"{typed!r} is not the path of a request; it looks like {like}")
    return typed


def _one_of(prompt: Prompt, title: str, what: str, load: Callable[[], Sequence[Any]]) -> str:
    """The id of one entry of a list that AWS gives; where it gives none the id is typed."""
    try:
        choices = load()
    except (NoCredentials, Expired):
        raise
    except AwsError as error:
        remark(f"the list cannot be shown: {error}")
        return prompt.text(f"{title[:-1]}, typed by hand:")
    if not choices:
        raise click.UsageError(f"there are no {what}; another Region (-r) or profile (-p)?")
    if choices[-1].truncated:
        remark("the list is longer than what is shown; the rest can be named with --api-id, --stage, --method, --path")
    labels = _labelled(choices)
    return labels[prompt.pick(title, list(labels))]


def _labelled(choices: Sequence[Any]) -> dict[str, str]:
    """What is shown of each entry, and its id."""
    return {safe(f"{each.label}  {each.detail}".rstrip()): str(each.id) for each in choices}


def _symptom(prompt: Prompt) -> Symptom:
    def status() -> int | None:
        typed = prompt.text("The HTTP status the client saw (Enter if unknown):")
        if typed and not (typed.isdigit() and 100 <= int(typed) <= 599):
            raise ValueError(f"{typed!r} is no HTTP status; type a number like 502")
        return int(typed) if typed else None

    return Symptom(status=_until_good(status))


def _until_good(ask: Callable[[], T]) -> T:
    while True:
        try:
            return ask()
        except ValueError as error:
            remark(str(error))
