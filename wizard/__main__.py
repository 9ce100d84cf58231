"""The command apigw-wizard. The version is told before anything else is imported."""

from __future__ import annotations

import sys


def main() -> int:
    """Runs the command line and returns its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from wizard import __version__

        sys.stdout.write(f"apigw-wizard {__version__}\n")
        return 0
    from wizard.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
