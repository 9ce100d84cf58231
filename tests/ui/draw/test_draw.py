"""The path picture: it fits, the failing hop is in it, nothing from outside gets through raw."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wizard.model.path import Hop, Link, Path
from wizard.model.status import Status
from wizard.model.text import Line, cells, plain
from wizard.ui.draw import boxes, choose, compact, rail

LABELS = ("Client", "Custom domain api.example.com", "Stage prod", "GET /orders/{id}", "Lambda proxy",
          "Call, up to 29 s", "Resource policy", "Lambda us-east-1", "shop-orders:live", "Response")  # fmt: skip
FAILING = "h6"


def picture(failing: str | None = FAILING) -> Path:
    hops = [Hop(f"h{i}", "kind", label, status=Status.PASS) for i, label in enumerate(LABELS)]
    beyond = False
    for i, hop in enumerate(hops):
        if hop.id == failing:
            hops[i] = replace(hop, status=Status.FAIL, note="no statement for apigateway.amazonaws.com")
        elif beyond:
            hops[i] = replace(hop, status=None, blocked=True)
        beyond = beyond or hop.id == failing
    links = [Link(a.id, b.id) for a, b in zip(hops, hops[1:], strict=False)]
    return Path(tuple(hops), tuple(links), failing)


def with_trip(path: Path) -> Path:
    hops = (Hop("auth", "authorizer", "Lambda authorizer", status=Status.PASS, note="41 ms"),
            Hop("authfn", "function", "fn orders-auth", status=Status.UNKNOWN))  # fmt: skip
    return replace(path, hops=path.hops + hops, links=(*path.links, Link("h3", "auth", "side"), Link("auth", "authfn")))


def text(lines: list[Line]) -> str:
    return "\n".join(map(plain, lines))


@pytest.mark.parametrize("width", [30, 40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("path", [picture(), picture(None), with_trip(picture()), Path()])
def test_every_line_fits(width: int, path: Path) -> None:
    for line in [*rail(path, width), *boxes(path, width), *compact(path, width, 5)]:
        assert cells(plain(line)) <= width


def test_the_failing_hop_has_a_heavy_frame_and_the_blocked_ones_a_dashed_one() -> None:
    shown = text(boxes(picture(), 80))
    assert "┃ ✖ Resource policy ┃" in shown
    assert "┆ ◌ Response ┆" in shown
    assert shown.count("┏") == 1
    assert "┏" not in text(boxes(picture(None), 80))


def test_boxes_in_one_row_when_there_is_room() -> None:
    assert len(boxes(picture(), 400)) == 3


def test_a_side_trip_hangs_under_its_hop() -> None:
    rows = text(boxes(with_trip(picture()), 80)).splitlines()
    below = next(row for row in rows if "Lambda authorizer" in row)
    hop = next(row for row in rows if "GET /orders/{id}" in row)
    assert hop.index("GET") - 3 < below.index("╰") < hop.index("{id}")
    assert "─▶ ? fn orders-auth" in below
    assert " ├─● Lambda authorizer" in text(rail(with_trip(picture()), 80))


def test_the_rail_is_broken_behind_the_failing_hop() -> None:
    rows = text(rail(picture(), 80)).splitlines()
    at = next(i for i, row in enumerate(rows) if "✖" in row)
    assert rows[at].endswith("no statement for apigateway.amazonaws.com")
    assert set(rows[1:at:2]) == {" │"}
    assert set(rows[at + 1 :: 2]) == {" ┊"}


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 10), (80, 5), (40, 3), (120, 40), (20, 1)])
def test_choose_fits_and_shows_the_failing_hop(width: int, height: int) -> None:
    lines = choose(picture(), width, height)
    assert len(lines) <= height
    assert "✖" in text(lines)


def test_compact_says_how_much_is_missing() -> None:
    shown = text(compact(picture(), 80, 5))
    assert "5 more before" in shown
    assert "2 more after" in shown


def test_compact_shows_a_failing_hop_beside_the_path() -> None:
    path = with_trip(picture(None))
    auth = next(hop for hop in path.hops if hop.id == "auth")
    hops = tuple(replace(hop, status=Status.FAIL) if hop is auth else hop for hop in path.hops)
    for height in (3, 5, 8):
        shown = text(compact(replace(path, hops=hops, failing="auth"), 80, height))
        assert " ├─✖ Lambda authorizer" in shown
        assert len(shown.splitlines()) <= height
    assert "authorizer" in text(compact(path, 80, 40))


@pytest.mark.parametrize(
    "label",
    ["\x1b[31mred\x1b[0m", "a\u202eb", "a\nb", "\x00", "\u200b", "\x9b31m", "日本語" * 30, "x" * 500, "[bold]x"],
)
def test_hostile_labels(label: str) -> None:
    hops = (Hop("a", "client", "Client"), Hop("b", "stage", label, status=Status.FAIL, note=label))
    path = Path(hops, (Link("a", "b"),), "b")
    for line in [*rail(path, 80), *boxes(path, 80)]:
        shown = plain(line)
        assert cells(shown) <= 80
        assert shown.isprintable()


def test_a_cycle_ends() -> None:
    hops = (Hop("a", "client", "A"), Hop("b", "stage", "B"))
    path = Path(hops, (Link("a", "b"), Link("b", "b"), Link("b", "a")), None)
    assert rail(path, 80) == []
