"""The function that reads a record where heads say how much follows, as far as these have it in common."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import cast

from .patterns import Form
from .spelling import Headed
from .tree_loading import TreeLoading


class HeadedLoading(TreeLoading):
    """Writes one function."""

    def begin(self) -> None:
        self.source.line("whole, told = read_settings(data)" if self.told else "whole, told = len(data), ()")

    @contextmanager
    def each(self) -> Generator[tuple[str, str]]:
        i, n = self.source.local("i"), self.source.local("n")
        self.source.line(f"{n}, at = items_at(data, at, whole)")
        with self.block(f"for {i} in range({n}):"):
            yield i, f"{i} + 1 == {n}"

    def octets(self, size: int) -> str:
        self.pattern.literal(cast(Headed, self.form).octets(size))
        return self.pattern.group(Form(b"", size, 0))

    def told_octets(self, size: str) -> str:
        head, end, n = self.source.local("head"), self.source.local("end"), self.source.local("n")
        self.settle()
        self.source.line(f"{n} = {size}")
        self.source.line(f"{head} = octets({n})")
        self.source.line(f"{end} = at + len({head}) + {n}")
        self.source.line(f"if not data.startswith({head}, at) or {end} > whole: raise Miss")
        self.source.line(f"at = {end}")
        return f"memoryview(data)[{end} - {n}:{end}]"

    def own_octets(self) -> str:
        self.settle()
        begin = self.source.local("begin")
        self.source.line(f"{begin}, at = octets_at(data, at, whole)")
        return f"memoryview(data)[{begin}:at]"
