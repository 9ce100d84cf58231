"""The profiles of the AWS configuration files, and how it stands with the login of each; no network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wizard.aws.browse import Choice
from wizard.model.aws import NoCredentials


def profiles(now: datetime | None = None) -> list[Choice]:
    """The profiles, sorted; `detail` says how each signs in and, with SSO, until when that holds.

    Raises:
        NoCredentials: the files cannot be read.
    """
    from botocore.exceptions import ConfigParseError
    from botocore.session import Session

    session = Session(session_vars={"profile": (None, None, None, None)})
    try:
        config = session.full_config
    except ConfigParseError as error:
        raise NoCredentials(f"the AWS configuration cannot be read: {' '.join(str(error).split())}") from error
    sessions = config.get("sso_sessions", {})
    moment = now or datetime.now(UTC)
    known: Mapping[str, Any] = config.get("profiles", {})
    return [Choice(name, name, _detail(name, known[name], sessions, moment)) for name in sorted(known)]


def _detail(name: str, profile: Mapping[str, Any], sessions: Mapping[str, Any], now: datetime) -> str:
    region = f"{profile['region']}, " if isinstance(profile.get("region"), str) else ""
    return region + _login(name, profile, sessions, now)


def _login(name: str, profile: Mapping[str, Any], sessions: Mapping[str, Any], now: datetime) -> str:
    session = profile.get("sso_session")
    start = sessions.get(session, {}).get("sso_start_url") if session else profile.get("sso_start_url")
    if session or start:
        until = _expiry(str(session or start))
        if until is None or until <= now:
            return f"SSO {'expired' if until else 'not signed in'}: aws sso login --profile {name}"
        return f"SSO valid until {until.astimezone():%H:%M}"
    if profile.get("role_arn"):
        return f"role by {profile.get('source_profile') or profile.get('credential_source') or 'web identity'}"
    if profile.get("credential_process"):
        return "credential process"
    return "access key" if profile.get("aws_access_key_id") else "no keys of its own"


def _expiry(key: str) -> datetime | None:
    """When the cached token of an SSO session runs out; None when there is none that can be read.

    The AWS CLI keeps it in a file named by the SHA-1 of the session's name, or of the start URL without a session.
    https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html
    """
    name = hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()
    file = Path("~/.aws/sso/cache").expanduser() / f"{name}.json"
    try:
        until = datetime.fromisoformat(str(json.loads(file.read_text(encoding="utf-8"))["expiresAt"]))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None
    return until if until.tzinfo else until.replace(tzinfo=UTC)
