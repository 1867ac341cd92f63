"""What is described of a stream's sections: by its own trailer, or by that of another stream."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from vmstate import VMStateError
from vmstate.describe.vmdesc import Described, Description

from .stream.events import SectionBegin


class Descriptions:
    """The devices of a trailer, asked for in the order of the sections."""

    def __init__(self, description: Description | None = None) -> None:
        self._devices = description.devices if description is not None else ()
        self._places: dict[tuple[str, int], list[int]] = defaultdict(list)
        for i, one in enumerate(self._devices):
            self._places[one.name, one.instance_id].append(i)
        self._next = 0

    def of(self, header: SectionBegin) -> Described | None:
        """This section's description: the next in order, if it bears the same name; else the first that does."""
        place = self._place(header)
        return None if place is None else self._devices[place]

    def passed(self, header: SectionBegin) -> None:
        """This section was read: the next one's description is behind."""
        if (place := self._place(header)) is not None:
            if self._next:
                self._devices[self._next - 1].forget()
            self._next = place + 1

    def _place(self, header: SectionBegin) -> int | None:
        places = self._places.get((header.name, header.instance_id))
        return None if not places else next((place for place in places if place >= self._next), places[0])


class Lent:
    """The description of another stream, `name`: it may serve where the same device has the same version."""

    def __init__(self, name: str, description: Description) -> None:
        self.name, self.page_size = name, description.page_size
        self._devices: dict[str, list[Described]] = defaultdict(list)
        for one in description.devices:
            self._devices[_device(one.name)].append(one)

    def of(self, header: SectionBegin) -> Iterator[Described]:
        """Whatever may describe this section: the last part of its name is the same, and its version."""
        for one in self._devices.get(_device(header.name), ()):
            try:
                if one.record.version == header.version:
                    yield one
            except VMStateError:  # it makes no sense there, and describes nothing here
                continue


def _device(name: str) -> str:
    return name.rpartition("/")[2]
