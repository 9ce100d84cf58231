"""Words that do not fit: what is wrong with them in one line, and exit code 2 before anything is asked of AWS."""

from __future__ import annotations

import pytest

from tests.bad_days.conftest import Run
from tests.bad_days.door import Door

IDS = ("--api-id", "a1b2c3d4e5", "--stage", "prod")
URL = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod/orders"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("cause", "NOPE"), "no such cause: NOPE"),
        (("cause", "lambda-timout"), "Did you mean lambda-timeout"),
        (("cause",), "ID_OR_CODE"),
        (("list", "nothing"), "'nothing' is not one of 'causes', 'probes', 'faults'"),
        (("list",), "Choose from: causes, probes, faults"),
        (("check", *IDS, "--since", "nonsense"), "'nonsense' is not a length of time; write it like 30m, 1h or 2d"),
        (("check", *IDS, "--since", "-1h"), "is not a length of time"),
        (("check", *IDS, "--since", "0h"), "is not a length of time"),
        (("check", *IDS, "--since", "2h", "--start-time", "2026-01-01"), "--since and --start-time exclude each other"),
        (("check", *IDS, "--start-time", "yesterday"), "'yesterday' is not a time"),
        (("check", *IDS, "--start-time", "2026-02-01", "--end-time", "2026-01-01"), "ends before it begins"),
        (("check", *IDS, "--status", "abc"), "--status"),
        (("check", *IDS, "--method", "G T"), "'G T' is no HTTP method"),
        (("check", *IDS, "--endpoint-url", "localhost:4566"), "--endpoint-url: 'localhost:4566' is no address"),
        (("check", *IDS, "--endpoint-url", "http://[::1"), "--endpoint-url: 'http://[::1' is no address"),
        (("check", *IDS, "--save", ""), "--save wants the name of a file"),
        (("check", *IDS, "--sandbox"), "--sandbox brings its own API"),
        (("check", "--sandbox", "--path", "/orders"), "leave out the URL, --api-id, --stage, --method and --path"),
        (("check", *IDS, "--fault", "lambda-timeout"), "--fault needs --sandbox"),
        (("check", "--sandbox", "--fault", "lambda-timout"), "Did you mean lambda-timeout"),
        (("check", URL, "--api-id", "zzzzzzzzzz"), "names the API a1b2c3d4e5, not zzzzzzzzzz"),
        (("check", URL, "-r", "eu-west-1"), "belongs to Region us-east-1, -r says eu-west-1"),
        (("check", "--stage", "prod"), "--api-id together with --stage"),
        (("check", "not-a-url"), "'not-a-url' is not an address"),
        (("check", "ftp://x/y"), "should start with https://"),
        (("check", ""), "no address given"),
        (("demo", "--fault", "nope"), "no such fault: nope"),
        (("sandbox", "--fault", "nope"), "no such fault: nope"),
        (("sandbox", "--port", "99999"), "--port"),
        ((URL,), "needs a terminal"),
    ],
)
def test_one_line(inside: Run, door: Door, keys: dict[str, str], words: tuple[str, ...], says: str) -> None:
    result = inside(*words, env=keys)
    assert (result.code, result.out) == (2, "")
    line = result.one_line()
    assert says in line
    assert "--help)" in line
    assert door.seen == []
