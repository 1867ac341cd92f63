"""A PC whose firmware is its guest: in real mode from the first instruction on, it does nothing but write to memory.

It fills the pages of `PAGES`, each word of one with the page's segment. Then it adds to one word of each, round after
round: so the first `CHANGING` bytes of a page change, and what is behind them stays as it was filled.
"""

from pathlib import Path

PAGE = 4096
PAGES = range(0x10000, 0x90000, PAGE)
CHANGING = 0x80
RAM, HOLE = 16 << 20, slice(0xA0000, 0x100000)

CODE = (
    "b8 00 10",           # 00  mov ax, 0x1000       the first page's segment
    "8e c0",              # 03  mov es, ax           a page
    "31 ff",              # 05  xor di, di
    "b9 00 08",           # 07  mov cx, 2048
    "f3 ab",              # 0a  rep stosw            each word of it is its segment
    "80 c4 01",           # 0c  add ah, 1            the next page's segment
    "80 fc 90",           # 0f  cmp ah, 0x90         which is behind the last?
    "75 ef",              # 12  jne 03
    "31 db",              # 14  xor bx, bx           the first word
    "b8 00 10",           # 16  mov ax, 0x1000       a round: the first page
    "8e d8",              # 19  mov ds, ax
    "ff 07",              # 1b  inc word [bx]
    "80 c4 01",           # 1d  add ah, 1            the next page
    "80 fc 90",           # 20  cmp ah, 0x90
    "75 f4",              # 23  jne 19
    "83 c3 04",           # 25  add bx, 4            another word in the next round
    "83 e3 7c",           # 28  and bx, 0x7c         of the first 32 double words
    "0f 20 c0",           # 2b  mov eax, cr0
    "66 35 00 00 01 00",  # 2e  xor eax, 0x10000     flipping CR0.WP empties the TLB: without that, QEMU 7.2 misses
    "0f 22 c0",           # 34  mov cr0, eax         writes to pages whose translation it has cached
    "eb dd",              # 37  jmp 16
)
RESET = "e9 0d 00"        # fff0  jmp 0000            where the processor begins
SIZE = 0x10000


def firmware() -> bytes:
    """The ROM: 64 KiB, at the top of the address space."""
    code, reset = bytes.fromhex(" ".join(CODE)), bytes.fromhex(RESET)
    return (code.ljust(SIZE - 16, b"\0") + reset).ljust(SIZE, b"\0")


def filled(address: int) -> bytes:
    """The page at this address, as the guest fills it."""
    return (address >> 4).to_bytes(2, "little") * (PAGE // 2)


def is_filled(last: bytes) -> bool:
    """Whether the guest has filled all of its pages, as the last one shows."""
    return last[CHANGING:] == filled(PAGES[-1])[CHANGING:]


def pc(rom: Path) -> list[str]:
    """How the PC is started; its firmware is written to this file."""
    rom.write_bytes(firmware())
    return ["qemu-system-x86_64", "-M", "pc-i440fx-7.2", "-m", "16", "-nodefaults", "-vga", "none", "-bios", str(rom)]


def seen(ram: bytes | bytearray) -> bytes:
    """What a guest sees of this RAM: all but what lies behind the hole of VGA and firmware."""
    return bytes(ram[:HOLE.start] + ram[HOLE.stop:RAM])
