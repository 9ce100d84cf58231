"""The checks: one file, one probe, its path below this folder its id. Files with a leading underscore are helpers."""
