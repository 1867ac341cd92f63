"""Files of a project at a revision, out of git and into memory."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import PurePosixPath
from shutil import which

from .trouble import Unusable


def texts(what: str, folder: str) -> dict[str, bytes]:
    """The JSON files of a folder at a revision: `REV` or `REV:FOLDER`. Raises Unusable."""
    revision, _, named = what.partition(":")
    folder = named or folder
    top = output("no git repository is here", "rev-parse", "--show-toplevel").decode().rstrip("\n")
    commit = output(f"no revision {revision}", "rev-parse", "--verify", "--quiet", f"{plain(revision)}^{{commit}}")
    packed = output(f"revision {revision} has no {folder}: `vmstate schema --out {folder}`, and commit it", "-C", top,
                    "archive", "--format=tar", commit.decode().strip(), "--", folder)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return {PurePosixPath(one.name).name: file.read() for one in archive
                if one.isfile() and one.name.endswith(".json") and (file := archive.extractfile(one)) is not None}


def plain(revision: str) -> str:
    """The same, unless git would take it for an option."""
    if not revision or revision.startswith("-"):
        raise Unusable(f"no revision {revision!r}")
    return revision


def output(otherwise: str, *arguments: str) -> bytes:
    """What git writes. Raises Unusable, saying this, where it fails."""
    if (git := which("git")) is None:
        raise Unusable("git is not installed, so that no revision can be read")
    done = subprocess.run([git, *arguments], capture_output=True, check=False)  # noqa: S603  no shell, nothing as option
    if done.returncode:
        raise Unusable(otherwise)
    return done.stdout
