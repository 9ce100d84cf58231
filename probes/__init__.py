"""The checks: one file, one probe; its path below this folder is its id. Files that begin with an underscore are helpers."""
