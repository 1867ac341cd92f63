"""One recorded file into a document and back, through files: whatever its size, little of it is in memory."""

from collections.abc import Generator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from devices.catalogue import registry
from migration.documents import format_of
from migration.documents.converting import convert_document, convert_stream
from migration.documents.envelopes import FORMS
from migration.documents.reading import Document
from migration.inputs import Searchable, opened
from migration.replica import Stream


class Profile(NamedTuple):
    """A format, and whether names are said once."""

    form: str
    folded: bool

    def __str__(self) -> str:
        return f"{self.form} {'compact' if self.folded else 'named'}"


PROFILES = [Profile(*one) for one in product(FORMS, (False, True))]


class Differs(Exception):
    """What came back is not what was there."""


class Same:
    """Told of bytes part by part: they have to be these."""

    def __init__(self, data: Searchable) -> None:
        self.data, self.at = data, 0

    def __call__(self, part: bytes) -> None:
        """The next part. Raises Differs."""
        begin, self.at = self.at, self.at + len(part)
        if part != self.data[begin:self.at]:
            raise Differs(f"other bytes between {begin:#x} and {self.at:#x}")

    def end(self) -> None:
        """No more comes. Raises Differs."""
        if self.at != len(self.data):
            raise Differs(f"{self.at} bytes came back, of {len(self.data)}")


class Round(NamedTuple):
    """What came of one file: its size, its document's, and what was wrong."""

    size: int
    written: int = 0
    trouble: str = ""


def returned(path: Path, profile: Profile) -> Round:
    """A file through a document of this kind and back."""
    with opened(str(path)) as data:
        try:
            return Round(len(data), _returned(data, profile))
        except Exception as error:  # noqa: BLE001  whatever comes out is told
            return Round(len(data), trouble=f"{path.name} as {profile}: {type(error).__name__}: {error}")


def _returned(data: Searchable, profile: Profile) -> int:
    same = Same(data)
    with _document(data, profile) as made:
        found = format_of(made)
        if found != profile.form:
            raise Differs(f"it is taken for {found or 'no document'}")
        convert_document(Document(made, registry()), same, "qemufile")
        same.end()
        return len(made)


def document(data: Searchable, profile: Profile) -> bytes:
    """A document of a file that is not too large."""
    with _document(data, profile) as made:
        return made[:]


@contextmanager
def _document(data: Searchable, profile: Profile) -> Generator[Searchable]:
    with NamedTemporaryFile() as file:
        convert_stream(Stream(data, registry()), file.write, *profile)
        file.flush()
        with opened(file.name) as made:
            yield made
