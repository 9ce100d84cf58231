"""`make bench`: speed and size as ratios within this one run, so that they say something on any machine.

Every line: what, measured, compared with, ratio, budget. Nothing here fails a build; a number over its budget is
marked.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.bench import explain
from tests.bench.slow import SlowDoor
from wizard.sandbox.process import SandboxProcess

ROOT = Path(__file__).resolve().parents[2]
DELAY_S = 0.080
WIZARD = [sys.executable, "-m", "wizard"]


def main() -> None:
    """Runs every benchmark and prints its line."""
    print(f"{'what':<44} {'measured':>12} {'against':>12} {'ratio':>7}  budget")
    for bench in (version, first_paint, check_at_80_ms, explain_memory, explain_speed, tui_memory):
        bench()


def version() -> None:
    """`--version` against an interpreter that does nothing."""
    script = str(Path(sys.executable).with_name("apigw-wizard"))
    bare, ours = alternately([sys.executable, "-c", "pass"], [script, "--version"], rounds=15)
    line("--version, ms (python -c pass)", ours * 1000, bare * 1000, 2.0)


def first_paint() -> None:
    """From process start to the first frame, against a bare Textual app with the same widgets."""
    script = "tests.bench.paint"
    times: dict[str, list[float]] = {"bare": [], "wizard": []}
    for _ in range(5):
        for which, seen in times.items():
            seen.append(float(printed([sys.executable, "-m", script, which])))
    line("first paint, ms (bare app, same widgets)", *(statistics.median(times[w]) for w in ("wizard", "bare")), 1.3)


def check_at_80_ms() -> None:
    """A check at 80 ms a call, against its longest chain plus the same check without delay."""
    with SandboxProcess(["lambda-timeout"]) as scenario, SlowDoor(scenario["endpoint_url"]) as door:
        door.delay_s = 0.0
        base, _ = timed(lambda: check(scenario, door.url))
        door.delay_s = DELAY_S
        slow, report = timed(lambda: check(scenario, door.url))
    chain = longest_chain(report)
    line(f"check at 80 ms a call, s ({chain} in a row + start)", slow, base + chain * DELAY_S, 1.25)
    distinct = {call for item in report["evidence"] for call in item["calls"]}
    line("AWS calls a check (distinct ones)", len(report["calls"]), len(distinct), 1.0)


def explain_memory() -> None:
    """Peak memory of `explain` on a log ten times as long."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = (
            explain.peak(explain.write_log(Path(folder) / f"{n}.log", n)) for n in (20_000_000, 200_000_000)
        )
    line("explain, peak MB at 10x the lines (1x)", large, small, 1.1)


def explain_speed() -> None:
    """`explain` against `grep -E` with the same signatures, in seconds of processor time."""
    with tempfile.TemporaryDirectory() as folder:
        ours, grep = explain.seconds(explain.write_log(Path(folder) / "large.log", 200_000_000))
    line("explain 200 MB, CPU s (grep -E, same signs)", ours, grep, None)


def tui_memory() -> None:
    """Resident memory of the app after a full walk, in MB, against the budget itself."""
    with SandboxProcess(["lambda-permission-missing"]) as scenario:
        used = float(printed([sys.executable, "-m", "tests.bench.walked", json.dumps(scenario)]))
    line("TUI after a full walk, MB (budget 120 MB)", used, 120, 1.0)


def check(scenario: dict[str, Any], endpoint: str) -> dict[str, Any]:
    """The JSON report of one check in a process of its own."""
    env = {
        "AWS_ACCESS_KEY_ID": scenario["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": scenario["secret_access_key"],
        "PATH": "/usr/bin:/bin",
    }
    words = [
        *WIZARD,
        "check",
        "--endpoint-url",
        endpoint,
        "--region",
        scenario["region"],
        "--api-id",
        scenario["api_id"],
        "--stage",
        scenario["stage"],
        "--method",
        scenario["method"],
        "--path",
        scenario["path"],
        "--status",
        "502",
        "--output",
        "json",
    ]
    report: dict[str, Any] = json.loads(
        subprocess.run(words, stdout=subprocess.PIPE, env=env, check=False, cwd=ROOT).stdout
    )
    return report


def longest_chain(report: dict[str, Any]) -> int:
    """How many calls had to wait for one another: the identity, the trace, then the probe that asks the most in a row.

    A probe's rounds are what its time amounts to at 80 ms a call, never more than the calls it really made.
    """
    rounds = {
        item["probe"]: min(round(item["took_ms"] / 1000 / DELAY_S), len(item["calls"])) for item in report["evidence"]
    }
    return 1 + rounds.pop("path.trace") + max(rounds.values())


def alternately(*commands: list[str], rounds: int) -> list[float]:
    """Median seconds of each command, run in turns so that both meet the same machine."""
    times: list[list[float]] = [[] for _ in commands]
    for _ in range(rounds):
        for seen, command in zip(times, commands, strict=True):
            seen.append(timed(lambda c=command: subprocess.run(c, stdout=subprocess.DEVNULL, check=True, cwd=ROOT))[0])  # type: ignore[misc]
    return [statistics.median(seen) for seen in times]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result."""
    begun = perf_counter()
    result = work()
    return perf_counter() - begun, result


def printed(command: list[str]) -> str:
    """The last line a command prints."""
    return (
        subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT).stdout.strip().splitlines()[-1]
    )


def line(what: str, measured: float, against: float, budget: float | None) -> None:
    """One line of the table."""
    ratio = measured / against if against else float("inf")
    verdict = "" if budget is None else f"{budget:.2f}" + ("" if ratio <= budget else "  OVER")
    print(f"{what:<44} {measured:>12.2f} {against:>12.2f} {ratio:>7.2f}  {verdict}", flush=True)


if __name__ == "__main__":
    main()
