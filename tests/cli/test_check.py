"""apigw-wizard check: exit codes, formats, saving, and days on which nothing works."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.report import made
from wizard.model.aws import AwsError, Denied, Expired, NoCredentials, NotFound, Throttled, TimedOut, Unreachable
from wizard.model.verdict import verdict
from wizard.ui import headless
from wizard.ui.settings import Settings

IDS = ("--api-id", "a1b2c3d4e5", "--stage", "prod")
CODES = {"fault": 3, "clean": 0, "denied": 5, "warning": 4}


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[Settings]]:
    """The next walk tells this story; the settings it was started with end up in the list."""

    def tell(name: str, interrupted: bool = False) -> list[Settings]:
        seen: list[Settings] = []

        def check(settings: Settings, say: Any) -> headless.Walked:
            seen.append(settings)
            say("ok", "remark")
            return headless.Walked(verdict(made.TREE, made.STORIES[name]()), made.TREE, interrupted)

        monkeypatch.setattr(headless, "check", check)
        return seen

    return tell


@pytest.mark.parametrize("output", ["text", "json"])
@pytest.mark.parametrize("name", CODES)
def test_exit_codes(run: Run, story: Any, name: str, output: str) -> None:
    story(name)
    result = run("check", *IDS, "--output", output)
    assert result.code == CODES[name]
    assert result.err == ""
    assert "\x1b" not in result.out
    if output == "json":
        assert json.loads(result.out)["outcome"] == {"denied": "inconclusive"}.get(name, name)


def test_interrupted_keeps_what_is_known(run: Run, story: Any) -> None:
    story("fault", interrupted=True)
    result = run("check", *IDS)
    assert result.code == 130
    assert "GW0801" in result.out
    assert "interrupted" in result.err


def test_remarks_only_when_asked_for(run: Run, story: Any) -> None:
    story("clean")
    assert run("check", *IDS, "-v").err == "       ok  remark\n"


def test_what_was_typed_arrives(run: Run, story: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "from-env")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    seen = story("clean")
    words = ("--method", "post", "--path", "/x", "--status", "502", "--message", "m", "--error-type", "T",
             "--request-id", "R", "--seen-in", "test-invoke", "--since", "2h", "--allow-invoke",
             "--endpoint-url", "http://127.0.0.1:1", "--tree", "t.yaml")  # fmt: skip
    run("check", *IDS, *words)
    (settings,) = seen
    assert (settings.profile, settings.region, settings.endpoint_url, settings.tree) == (
        "from-env",
        "eu-west-3",
        "http://127.0.0.1:1",
        "t.yaml",
    )
    assert (settings.target.method, settings.target.path, settings.target.region) == ("POST", "/x", "eu-west-3")
    symptom = settings.symptom
    assert (symptom.status, symptom.message, symptom.error_type, symptom.request_id, symptom.seen_in) == (
        502,
        "m",
        "T",
        "R",
        "test-invoke",
    )
    assert settings.window_s == 7200
    assert settings.allow_invoke


def test_flag_then_environment_then_file(run: Run, story: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config" / "apigw-wizard" / "config.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("profile: file\nregion: eu-west-1\nsince: 3h\noutput: json\n")
    seen = story("clean")
    assert json.loads(run("check", *IDS).out)["schema"] == 1
    monkeypatch.setenv("AWS_PROFILE", "env")
    run("check", *IDS)
    run("-p", "flag", "check", *IDS, "--since", "5m")
    assert [(s.profile, s.region, s.window_s) for s in seen] == [
        ("file", "eu-west-1", 10800),
        ("env", "eu-west-1", 10800),
        ("flag", "eu-west-1", 300),
    ]
    file.write_text("profile: file\nregionn: x\n")
    result = run("check", *IDS)
    assert result.code == 2
    assert f"{file}:2:" in result.err


@pytest.mark.parametrize("output", ["text", "json"])
def test_save(run: Run, story: Any, tmp_path: Path, output: str) -> None:
    story("fault")
    file = tmp_path / "report"
    result = run("check", *IDS, "--output", output, "--save", str(file))
    assert result.code == 3
    assert str(file) in result.err
    saved = file.read_text()
    assert made.ACCOUNT in result.out
    assert made.ACCOUNT not in saved
    assert "GW0801" in saved
    assert list(tmp_path.glob(".report*")) == []
    if output == "json":
        assert json.loads(saved).keys() == {*json.loads(result.out), "withheld"}


def test_a_failed_save_loses_nothing(run: Run, story: Any, tmp_path: Path) -> None:
    story("fault")
    result = run("check", *IDS, "--save", str(tmp_path / "no" / "such" / "folder"))
    assert result.code == 1
    assert "GW0801" in result.out
    assert "could not be saved" in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [(NoCredentials("no credentials"), 253), (Expired("run: aws sso login --profile x"), 253)],
)
def test_nobody_to_ask_as(run: Run, aws_says: Any, error: AwsError, code: int) -> None:
    aws_says(error)
    result = run("check", *IDS)
    assert result.code == code
    assert result.out == ""
    assert result.err == f"apigw-wizard: {error}\n"


@pytest.mark.parametrize(
    "error",
    [
        Unreachable("cannot be reached"),
        TimedOut("no answer in time"),
        Throttled("too many"),
        Denied("apigateway:GET"),
        NotFound("not there"),
    ],
)
def test_nothing_works(run: Run, aws_says: Any, error: AwsError) -> None:
    aws_says(error)
    result = run("check", *IDS, "--output", "json")
    assert result.code == 5
    found = json.loads(result.out)
    assert found["outcome"] == "inconclusive"
    assert result.err == ""
    if isinstance(error, Denied):
        assert [item["needs"] for item in found["not_checked"]] == ["apigateway:GET"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("check",), "Give a URL, or --api-id and --stage"),
        (("check", "--since", "3x", *IDS), "length of time"),
        (("check", *IDS, "--status", "9999"), "--status"),
        (("check", *IDS, "--output", "pdf"), "--output"),
        (("check", *IDS, "--fault", "lambda-timeout"), "--sandbox"),
        (("check", "--sandbox", "--fault", "lambda-timeot"), "Did you mean lambda-timeout"),
        (("check", "--sandbox", *IDS), "--sandbox brings its own API"),
        (("check", "--staus"), "--status"),
        (("chekc",), "Did you mean check?"),
        (("https://api.example.com/x",), "needs a terminal"),
        ((), "apigw-wizard check URL"),
        (("-r", "eu-west-1"), "needs a terminal"),
    ],
)
def test_usage(run: Run, words: tuple[str, ...], says: str) -> None:
    result = run(*words)
    assert result.code == 2
    assert result.out == ""
    assert says in result.err
    assert result.err.count("\n") == 1


def test_a_broken_tree_is_one_line(run: Run, tmp_path: Path, aws_says: Any) -> None:
    aws_says(NotFound("x"))
    file = tmp_path / "tree.yaml"
    file.write_text("hops:\n  - {id: stage\n")
    result = run("check", *IDS, "--tree", str(file))
    assert result.code == 1
    assert result.err.startswith(f"apigw-wizard: {file}:")
    assert result.err.count("\n") == 1


def test_a_defect_is_one_line_too(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    def broken(*_: Any) -> None:
        raise RuntimeError("something\x1b[31m odd")

    monkeypatch.setattr(headless, "check", broken)
    with pytest.raises(RuntimeError) as caught:
        run("check", *IDS)
    sys.excepthook(caught.type, caught.value, caught.tb)
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "RuntimeError: something\\e[31m odd" in shown
    assert "--debug" in shown
