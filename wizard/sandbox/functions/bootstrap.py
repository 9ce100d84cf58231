"""Can the program of a custom runtime be started? Judged from the package as the kernel would; nothing is run.

Words: https://github.com/aws/aws-lambda-go/issues/340 and https://github.com/aws/aws-lambda-dotnet/issues/420 quote
them; the rules: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
"""

from __future__ import annotations

import io
import zipfile

from wizard.sandbox.functions.model import Function

RUNTIMES = "provided"
_FILE = "bootstrap"
_EXECUTABLE = 0o111
# https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html: e_machine, bytes 18 and 19
_MACHINES = {"x86_64": 62, "arm64": 183}


def problem(function: Function) -> str | None:
    """Why it cannot be started, in Lambda's words; None when it can be, or when the runtime is none of these."""
    if not function.runtime.startswith(RUNTIMES):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(function.code)) as archive:
            mode, data = archive.getinfo(_FILE).external_attr >> 16, archive.read(_FILE)
    except (zipfile.BadZipFile, KeyError):
        return "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
    reason = _reason(mode, data, function.architecture)
    return f"fork/exec /var/task/bootstrap: {reason}" if reason else None


def _reason(mode: int, data: bytes, architecture: str) -> str | None:
    if not mode & _EXECUTABLE:
        return "permission denied"
    if data.startswith(b"#!"):
        return "no such file or directory" if data.partition(b"\n")[0].endswith(b"\r") else None
    if data.startswith(b"\x7fELF") and int.from_bytes(data[18:20], "little") == _MACHINES[architecture]:
        return None
    return "exec format error"
