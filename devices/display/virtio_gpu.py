"""virtio-gpu: outputs, and the pictures that the guest has made; virtio-vga: the VGA that goes with it.

QEMU hw/display/virtio-gpu.c, virtio-vga.c; checked against QEMU 5.2, 7.2, 10.0, 11.1. Devices that draw in three
dimensions are not sent.

Since 9.1 an output tells its frame buffer, unless the machine type is older. QEMU asks the wrong memory whether it is,
for all outputs but the first: of several some may tell it, and some not.
"""

from enum import IntEnum

from vmstate import (
    HookRefused,
    again,
    array,
    buffer,
    chain,
    enum,
    equal,
    int32,
    local,
    nested,
    post_load,
    pre_load,
    setting,
    state,
    subsection,
    uint32,
    uint64,
    unused,
)

from ..virtio.common import Virtio
from .vga import Vga

PIXEL = 4
OUTPUT, FRAME, MOST_OUTPUTS = 40, 24, 16
PIXMAN_32 = 0x20
"""How a pixman format begins whose pixels have 32 bits; all that there are do."""
BLOBS = b"\x05\x0fvirtio-gpu/blob"


class Format(IntEnum):
    """The order of a pixel's four bytes; X is not used."""

    B8G8R8A8 = 1
    B8G8R8X8 = 2
    A8R8G8B8 = 3
    X8R8G8B8 = 4
    R8G8B8A8 = 67
    X8B8G8R8 = 68
    A8B8G8R8 = 121
    R8G8B8X8 = 134


@state("virtio-gpu-mem-entry")
class MemoryEntry:
    """Memory of the guest."""

    addr: int = uint64()
    length: int = uint32()


@state("virtio-gpu-simple-resource")
class Picture:
    """A picture: its copy, and the guest's memory that it is filled from."""

    resource_id: int = uint32(reset=1)
    width: int = uint32()
    height: int = uint32()
    format: Format = enum(Format, uint32(reset=Format.B8G8R8A8))
    iov_cnt: int = uint32()
    iov: list[MemoryEntry] = array(nested(MemoryEntry), "iov_cnt")
    pixels: bytearray = buffer("size", means="rows from the top, in QEMU's memory")

    @property
    def size(self) -> int:
        """Bytes of the copy."""
        return self.width * PIXEL * self.height


@state("virtio-gpu-blob-resource")
class Blob:
    """A picture that is nowhere but in the guest's memory."""

    resource_id: int = uint32(reset=1)
    blob_size: int = uint32()
    iov_cnt: int = uint32()
    iov: list[MemoryEntry] = array(nested(MemoryEntry), "iov_cnt")


def _frames_left(size: int) -> tuple[int, int] | None:
    """How many outputs are in so many bytes, and how many of them tell their frames: the most outputs that may be."""
    for outputs in range(MOST_OUTPUTS, 0, -1):
        frames, over = divmod(size - outputs * OUTPUT, FRAME)
        if not over and 0 <= frames <= outputs:
            return outputs, frames
    return None


def _frame_ahead(ahead: memoryview) -> bool | None:
    """By how many bytes are left; where only some tell it, by what stands where the frame would be."""
    data = bytes(ahead[:MOST_OUTPUTS * (OUTPUT + FRAME) + len(BLOBS)])
    end = data.find(BLOBS)
    left = _frames_left(len(data) if end < 0 else end)
    if left is not None and left[1] in (0, left[0]):
        return left[1] > 0
    frame = data[OUTPUT:OUTPUT + FRAME]
    return len(frame) == FRAME and (frame[0] == PIXMAN_32 or not any(frame))


@state("virtio-gpu-one-scanout")
class Scanout:
    """An output: which part of which picture it shows, and its cursor. Picture 0 is none."""

    def _tells_frame(self) -> bool:
        return self.tells_frame

    tells_frame: bool = setting(True, False, told=_frame_ahead)  # x-scanout-vmstate-version=2
    resource_id: int = uint32()
    width: int = uint32()
    height: int = uint32()
    x: int = int32()
    y: int = int32()
    cursor_resource_id: int = uint32(name="cursor.resource_id")
    cursor_hot_x: int = uint32(name="cursor.hot_x")
    cursor_hot_y: int = uint32(name="cursor.hot_y")
    cursor_pos_x: int = uint32(name="cursor.pos.x")
    cursor_pos_y: int = uint32(name="cursor.pos.y")
    fb_format: int = uint32(name="fb.format", when=_tells_frame, means="as pixman has it; 0: as the picture is")
    _bytes_per_pixel = unused(4, when=_tells_frame)
    fb_width: int = uint32(name="fb.width", when=_tells_frame)
    fb_height: int = uint32(name="fb.height", when=_tells_frame)
    fb_stride: int = uint32(name="fb.stride", when=_tells_frame, means="bytes of a row")
    fb_offset: int = uint32(name="fb.offset", when=_tells_frame, means="bytes")


@state("virtio-gpu-scanouts")
class Outputs:
    """Pictures with a copy, each behind its number, and the outputs."""

    resources: list[Picture] = chain(nested(Picture), marker=uint32())
    enable: int = int32(means="whether the guest has taken over from a VGA")
    max_outputs: int = equal(uint32(reset=1, maximum=MOST_OUTPUTS), hint="both ends need the same max_outputs=")
    scanout: list[Scanout] = array(nested(Scanout), "max_outputs", reset=lambda: [Scanout()])


@state("virtio-gpu-virtio")
class GpuTransport:
    """What every virtio device has."""

    virtio: Virtio = nested(Virtio)
    _later = again("virtio", nested(Virtio.later))


@state("virtio-gpu")
class VirtioGpu:
    """The device."""

    core: GpuTransport = nested(GpuTransport, name="virtio", type="virtio")
    outputs: Outputs = nested(Outputs, name="virtio-gpu", type="virtio-gpu")

    has_blobs: bool = local(False)  # blob=on

    blob_section = subsection("virtio-gpu/blob")
    blobs: list[Blob] = chain(nested(Blob), marker=uint32(), name="virtio-gpu/blob", type="blob")

    @blob_section.needed
    def _sends_blobs(self) -> bool:
        return self.has_blobs

    @blob_section.post_load
    def _note_blobs(self, version: int) -> None:
        self.has_blobs = True

    @pre_load
    def _forget(self) -> None:
        self.has_blobs, self.blobs = False, []

    @post_load
    def _find_pictures(self, version: int) -> None:
        """All have numbers of their own, and outputs show what there is. Their order means nothing."""
        numbers = [*(one.resource_id for one in self.outputs.resources), *(one.resource_id for one in self.blobs)]
        if len(numbers) != len(set(numbers)):
            raise HookRefused("two pictures have one number")
        for scanout in self.outputs.scanout:
            if scanout.resource_id and scanout.resource_id not in numbers:
                raise HookRefused(f"there is no picture {scanout.resource_id}")
        for blob in self.blobs:
            if blob.iov_cnt and sum(one.length for one in blob.iov) < blob.blob_size:
                raise HookRefused(f"picture {blob.resource_id} has less memory than its size")


@state("virtio-vga", version=2)
class VirtioVga:
    """The VGA; the PCI function is virtio-gpu's."""

    vga: Vga = nested(Vga)
