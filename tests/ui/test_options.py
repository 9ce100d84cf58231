"""What people type, and the configuration file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wizard.aws.session import connect
from wizard.model.case import Target
from wizard.ui.config import ConfigError, config_path, load_config
from wizard.ui.options import close, duration_s, moment, settings_of

URL = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/orders/42"


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("1h30m", 5400), ("1.5h", 5400), ("2d", 172800), (" 1W ", 604800)]
)
def test_duration(text: str, seconds: float) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "1", "h", "1y", "0h", "-1h", "1h x", "1h-30m"])
def test_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="length of time"):
        duration_s(text)


def test_moment_is_utc_unless_it_says_otherwise() -> None:
    assert moment("2026-03-04T05:06") == moment("2026-03-04T05:06:00Z") == datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    assert moment("2026-03-04T05:06+02:00") == datetime(2026, 3, 4, 3, 6, tzinfo=UTC)
    with pytest.raises(ValueError, match="not a time"):
        moment("yesterday")


def settings(typed: tuple[str, ...] = (), **given: Any) -> Any:
    return settings_of(given, typed, connect)


def test_target_from_ids() -> None:
    found = settings(api_id="a1", stage="prod", method="post", path="orders", region="us-east-1")
    assert found.target == Target("rest", "a1", "prod", "POST", "/orders", "us-east-1")
    window = found.window()
    assert window.end - window.start == timedelta(hours=1)


def test_the_region_of_a_url_wins_over_the_configured_one() -> None:
    found = settings(url=URL, region="us-east-1")
    assert (found.target.region, found.region, found.target.api_id, found.target.path) == (
        "eu-west-1",
        "eu-west-1",
        "a1b2c3d4e5",
        "/orders/42",
    )


@pytest.mark.parametrize(
    ("given", "typed", "says"),
    [
        ({"url": URL, "region": "us-east-1"}, ("region",), "Region eu-west-1"),
        ({"url": URL, "api_id": "other"}, (), "API"),
        ({"stage": "prod"}, (), "--api-id"),
        ({"api_id": "a", "since": "soon"}, (), "length of time"),
        ({"api_id": "a", "start_time": "2026-01-01", "since": "1h"}, ("since",), "exclude"),
        ({"api_id": "a", "start_time": "2026-01-02", "end_time": "2026-01-01"}, (), "ends before"),
        ({"url": "not a url"}, (), "address"),
    ],
)
def test_what_does_not_fit_together(given: dict[str, str], typed: tuple[str, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        settings(typed, **given)
    assert "\n" not in str(caught.value)


def test_close() -> None:
    assert close("lambda-timeot", ["lambda-timeout", "other"]) == " Did you mean lambda-timeout?"
    assert close("timeout", ["lambda-timeout", "xyz"]) == " Did you mean lambda-timeout?"
    assert close("zzz", ["abc"]) == ""


def test_config_path(tmp_path: Path) -> None:
    assert config_path({"XDG_CONFIG_HOME": str(tmp_path)}) == tmp_path / "apigw-wizard" / "config.yaml"
    assert config_path({"XDG_CONFIG_HOME": "relative"}).is_absolute()


def test_config(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    assert load_config(file) == {}
    file.write_text("")
    assert load_config(file) == {}
    file.write_text("profile: prod\nendpoint-url: http://x\nsince: 3h\ntree: mine.yaml\n")
    assert load_config(file) == {
        "profile": "prod",
        "endpoint_url": "http://x",
        "since": "3h",
        "tree": str(tmp_path / "mine.yaml"),
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("profile: p\nregoin: x\n", ":2: unknown option 'regoin'. Did you mean region?"),
        ("since: later\n", ":1: 'later' is not a length of time"),
        ("output: html\n", ":1: output is text or json"),
        ("- a\n", ":1: expected lines"),
        ("profile: [a]\n", ":1: profile wants one value"),
        ("a: b: c\n", ":1:"),
        ("profile: 'x\n", ":2:"),
        ("tree: \x00", ":1: not YAML"),
    ],
)
def test_broken_config(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert str(caught.value).startswith(f"{file}:")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_patience_of_the_client_reaches_the_case() -> None:
    assert settings(url=URL, client_timeout=2.5).case().client_timeout_ms == 2_500
    assert settings(url=URL).case().client_timeout_ms is None
    with pytest.raises(ValueError, match="--client-timeout wants a number of seconds"):
        settings(url=URL, client_timeout=float("nan"))
