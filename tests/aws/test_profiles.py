"""Profiles and how it stands with the login of each."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wizard.aws.profiles import profiles
from wizard.model.aws import NoCredentials

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
CONFIG = """[default]
region = eu-west-1
[profile keys]
aws_access_key_id = AKIAXXXXXXXXXXXXXXXX
[profile session]
sso_session = corp
region = us-east-1
[profile legacy]
sso_start_url = https://corp.example/start
[profile never]
sso_session = other
[profile role]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = keys
[profile tool]
credential_process = /bin/x
[sso-session corp]
sso_start_url = https://corp.example/start
sso_region = us-east-1
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".aws/sso/cache").mkdir(parents=True)
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return tmp_path


def token(home: Path, key: str, until: str) -> None:
    name = hashlib.sha1(key.encode()).hexdigest()
    (home / f".aws/sso/cache/{name}.json").write_text(json.dumps({"accessToken": "secret", "expiresAt": until}))


def test_each_way_to_sign_in(home: Path) -> None:
    token(home, "corp", "2026-03-04T13:30:00Z")
    token(home, "https://corp.example/start", "2026-03-04T11:30:00UTC".replace("UTC", "+00:00"))
    until = datetime(2026, 3, 4, 13, 30, tzinfo=UTC).astimezone()
    assert {choice.id: choice.detail for choice in profiles(NOW)} == {
        "default": "eu-west-1, no keys of its own",
        "keys": "access key",
        "legacy": "SSO expired: aws sso login --profile legacy",
        "never": "SSO not signed in: aws sso login --profile never",
        "role": "role by keys",
        "session": f"us-east-1, SSO valid until {until:%H:%M}",
        "tool": "credential process",
    }


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"expiresAt": 5}', '{"expiresAt": "soon"}', "\x00"])
def test_a_cache_that_cannot_be_read_is_no_login(home: Path, text: str) -> None:
    name = hashlib.sha1(b"corp").hexdigest()
    (home / f".aws/sso/cache/{name}.json").write_text(text)
    (found,) = (choice for choice in profiles(NOW) if choice.id == "session")
    assert found.detail.endswith("SSO not signed in: aws sso login --profile session")


def test_a_broken_configuration_is_one_line(home: Path) -> None:
    (home / "config").write_text("no section\n")
    with pytest.raises(NoCredentials, match="cannot be read"):
        profiles(NOW)
