from __future__ import annotations

import pytest

from wizard.engine.catalog import NoSuchProbeError, all_probes, find_probe, probe_ids


def test_a_probe_is_found_by_its_path_alone() -> None:
    probe = find_probe("lambda_fn.permission")
    assert (probe.id, probe.hop) == ("lambda_fn.permission", "lambda-permission")


def test_every_file_is_one_probe_and_helpers_are_none() -> None:
    assert [probe.id for probe in all_probes()] == list(probe_ids())
    assert not [probe_id for probe_id in probe_ids() if "._" in probe_id or probe_id.startswith("_")]


@pytest.mark.parametrize(
    "probe_id", ["", "nowhere", "lambda_fn", "lambda_fn._policy", "lambda_fn.nope", "../etc", "os.path", "a-b"]
)
def test_what_is_no_probe_is_refused(probe_id: str) -> None:
    with pytest.raises(NoSuchProbeError):
        find_probe(probe_id)
