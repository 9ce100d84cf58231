"""Nobody to ask AWS as: one line on stderr that says what to do, nothing on stdout, exit code 253."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.bad_days.conftest import FAULTS, Run
from tests.bad_days.door import Door

IDS = ("--api-id", "a1b2c3d4e5", "--stage", "prod")
NO_ONE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}  # no call gets as far as that
SSO = """
[profile support]
region = eu-west-1
sso_session = house
sso_account_id = 111122223333
sso_role_name = support
[sso-session house]
sso_region = eu-west-1
sso_start_url = https://house.awsapps.com/start
[profile half]
region = eu-west-1
aws_access_key_id = AKIAHALF
[profile nowhere]
aws_access_key_id = AKIANOWHERE
aws_secret_access_key = x
[default]
region = eu-west-1
"""


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """AWS configuration files with profiles that do not work."""
    (tmp_path / "config").write_text(SSO)
    return {**NO_ONE, "AWS_CONFIG_FILE": str(tmp_path / "config"), "HOME": str(tmp_path)}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), ["no AWS credentials found", "-p", "aws configure"]),
        (("-p", "support"), ["SSO session is missing or has expired", "aws sso login --profile support"]),
        (("-p", "suport"), ["suport", "could not be found", "-p"]),
        (("-p", "half"), ["no usable AWS credentials", "aws_secret_access_key"]),
        (("-p", "nowhere"), ["no Region is set", "-r"]),
        (("-p", "nowhere", "-r", "eu west 1"), ["'eu west 1' is not the name of a Region", "-r"]),
    ],
)
def test_one_line(inside: Run, settings: dict[str, str], words: tuple[str, ...], says: list[str]) -> None:
    result = inside("check", *IDS, *words, "--output", "json", env=settings)
    assert (result.code, result.out) == (253, "")
    line = result.one_line()
    assert all(part in line for part in says), line


def test_an_empty_profile_name(inside: Run, settings: dict[str, str]) -> None:
    result = inside("check", *IDS, env={**settings, "AWS_PROFILE": ""})
    assert (result.code, result.out) == (253, "")
    assert "AWS_PROFILE is set to nothing" in result.one_line()


def test_an_expired_sso_token(person: Run, settings: dict[str, str], tmp_path: Path) -> None:
    cache = tmp_path / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    token = {"startUrl": "https://house.awsapps.com/start", "region": "eu-west-1", "accessToken": "old",
             "expiresAt": "2020-01-01T00:00:00Z"}  # fmt: skip
    (cache / f"{hashlib.sha1(b'house').hexdigest()}.json").write_text(json.dumps(token))
    result = person("check", *IDS, "-p", "support", env=settings)
    assert (result.code, result.out) == (253, "")
    assert "aws sso login --profile support" in result.one_line()


def test_a_broken_aws_configuration(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("this is [no configuration\n")
    result = inside("check", *IDS, "-r", "eu-west-1", env={**NO_ONE, "AWS_CONFIG_FILE": str(tmp_path / "config")})
    assert (result.code, result.out) == (253, "")
    assert str(tmp_path / "config") in result.one_line()


@pytest.mark.parametrize("output", ["text", "json"])
def test_an_expired_token(inside: Run, door: Door, keys: dict[str, str], ids: tuple[str, ...], output: str) -> None:
    door.expire("*")
    result = inside("check", *ids, "--output", output, env={**keys, "AWS_SESSION_TOKEN": "old"})
    assert (result.code, result.out) == (253, "")
    assert "the session has expired (ExpiredTokenException); sign in again" in result.one_line()


def test_a_token_that_expires_before_anything_is_seen(door: Door, check: Run) -> None:
    door.expire("apigateway")
    result = check()
    assert (result.code, result.err) == (253, "")
    (item,) = result.report["not_checked"]
    assert (item["probe"], item["reason"]) == ("path.trace", "expired")
    assert "sign in again" in item["summary"]
    assert "Next: sign in again, then run the check again." in check(output="text").out


def test_a_token_that_expires_on_the_way(door: Door, check: Run) -> None:
    door.expire("lambda")
    result = check()
    assert (result.code, result.err) == (3, "")
    assert result.causes == set(FAULTS), "the log tells of the permission"
    expired = {item["probe"] for item in result.report["not_checked"] if item["reason"] == "expired"}
    assert {"lambda_fn.permission", "lambda_fn.settings"} <= expired
