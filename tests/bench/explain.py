"""`explain` on large logs: its speed beside `grep -E` with the same signatures, and its memory.

`python -m tests.bench.explain` takes a log of 1 GB (or of as many MB as it is told); `make bench` a smaller one.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from wizard.logs.literal import literals
from wizard.tree import load

ROOT = Path(__file__).resolve().parents[2]
# One request in so many fails.
SHARE = 100
FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:shop"
# What a stage at level INFO with data tracing writes for one request.
_FINE = """\
Extended Request Id: AqCiOhxcLPEEMIA=
Verifying Usage Plan for request: {id}. API Key:  API Stage: abcdefghij/prod
API Key  authorized because method 'GET /orders/{{id}}' does not require API Key. Request will not contribute
Usage Plan check succeeded for API Key  and API Stage abcdefghij/prod
Starting execution for request: {id}
HTTP Method: GET, Resource Path: /orders/42
Method request path: {{id=42}}
Method request query string: {{}}
Method request headers: {{Accept=*/*, User-Agent=curl/8.5.0, X-Forwarded-Proto=https, X-Forwarded-For=192.0.2.1}}
Method request body before transformations:
Endpoint request URI: https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/{function}/invocations
Endpoint request headers: {{x-amzn-lambda-integration-tag={id}, Authorization=****, X-Amz-Date=2026 [TRUNCATED]
Sending request to https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/{function}/invocations
Received response. Status: 200, Integration latency: 31 ms
Endpoint response headers: {{Date=Fri, 20 Nov 2026, Content-Type=application/json, X-Amz-Executed-Version=$LATEST}}
""".splitlines()
_GOOD = (
    'Endpoint response body before transformations: {"statusCode": 200, "body": "{}"}',
    "Successfully completed execution",
    "Method completed with status: 200",
)
_BAD = (
    'Endpoint response body before transformations: {"statusCode": 200, "body": {"a": 1}}',
    "Execution failed due to configuration error: Malformed Lambda proxy response",
    "Method completed with status: 502",
)


def story(number: int, share: int = SHARE) -> Iterator[str]:
    """The rows of one request of an exported log."""
    name = f"{number:08x}-0000-4000-8000-000000000000"
    for row in (*_FINE, *(_GOOD if number % share else _BAD)):
        yield f"2026-11-20T08:00:00.000Z ({name}) {row.format(id=name, function=FUNCTION) if row in _FINE else row}\n"


def write_log(path: Path, size: int, share: int = SHARE) -> Path:
    """An execution log of at least `size` bytes in which one request in `share` fails."""
    with path.open("w", encoding="utf-8") as log:
        number = 0
        while log.tell() < size:
            log.write("".join(row for n in range(number, number + 500) for row in story(n, share)))
            number += 500
    return path


def patterns() -> list[str]:
    """The signatures as grep knows them: their texts, and of a pattern the text that it cannot do without."""
    found: set[str] = set()
    for signature in load().signatures:
        if signature.text or signature.pattern:
            found |= {signature.text} if signature.text else literals(signature.pattern or "") or set()
    return sorted(re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", text) for text in found)


def seconds(log: Path) -> tuple[float, float]:
    """How long `explain` and `grep -E` take for the same file, one after the other."""
    listed = log.with_suffix(".patterns")
    listed.write_text("\n".join(patterns()), encoding="utf-8")
    ours = timed([sys.executable, "-m", "wizard", "explain", str(log), "--output", "json"])
    return ours, timed(["grep", "-E", "-c", "-f", str(listed), str(log)])


def timed(command: list[str]) -> float:
    """Seconds of processor time that a command uses, which other work on the machine does not change much."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.PIPE, check=False, cwd=ROOT)  # grep stops early when nobody listens
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak(log: Path) -> float:
    """Peak resident memory of `explain` in MB."""
    code = (
        "import resource, sys; from wizard.cli import run; run(['explain', sys.argv[1], '--output', 'json']); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(log)], capture_output=True, text=True, check=True, cwd=ROOT)
    return float(done.stderr.split()[-1])


def main(megabytes: int) -> None:
    """The whole measurement on one large file."""
    with tempfile.TemporaryDirectory() as folder:
        small = peak(write_log(Path(folder) / "small.log", 20_000_000))
        log = write_log(Path(folder) / "large.log", megabytes * 1_000_000)
        large = peak(log)
        ours, grep = seconds(log)
    print(f"{megabytes} MB: {ours:.1f} s of processor time, grep -E {grep:.1f} s, ratio {ours / grep:.2f}")
    print(f"peak {large:.0f} MB, for 20 MB of log {small:.0f} MB, ratio {large / small:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
