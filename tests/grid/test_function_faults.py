"""Every fault of the function, and of the way into it and back, is named first. A new one is played by itself."""

from __future__ import annotations

import pytest

from tests.grid.arena import Arena
from tests.grid.single import assert_named_first, function_faults


@pytest.mark.parametrize("fault_id", function_faults())
def test_a_fault_is_named_first(arena: Arena, fault_id: str) -> None:
    assert_named_first(arena, fault_id)
