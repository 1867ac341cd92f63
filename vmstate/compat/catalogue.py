"""The rules, as data: what a change is, what typically follows, what to do. The ids are stable.

The verdicts are the typical ones: those of a pair are what its walk does.
"""

from __future__ import annotations

from typing import Literal

from ..nodes import Node, node

Severity = Literal["info", "note", "warn", "error"]
SEVERITIES: tuple[Severity, ...] = ("info", "note", "warn", "error")


@node
class Rule(Node):
    """One rule. `positional` and `named`: what follows for QEMU's stream, and where attributes have names; each says
    it of an old stream into new code, then of a new stream into old code.
    """

    id: str
    severity: Severity
    change: str
    positional: tuple[str, str]
    named: tuple[str, str]
    fix: str = ""

    @property
    def family(self) -> str:
        """Of which part of a description it speaks."""
        return FAMILIES[self.id[2]]


FAMILIES = {"1": "sections", "2": "versions", "3": "fields", "4": "subsections", "5": "attributes by name",
            "6": "values", "7": "parameters", "9": "the comparison itself"}


TABLE = (
    # sections
    Rule("VM101", "error", "section removed", ("conditional", "ok"), ("conditional", "ok"),
         "streams that hold it are refused: keep a reader for it"),
    Rule("VM102", "note", "section added", ("ok", "conditional"), ("ok", "conditional"),
         "fails only where the machine has it"),
    Rule("VM103", "error", "stream name changed", ("breaks", "breaks"), ("breaks", "breaks"),
         "keep the name, or read the old one as well"),
    Rule("VM104", "info", "type renamed, stream name kept", ("ok", "ok"), ("ok", "ok")),
    Rule("VM105", "error", "instance id or path rule changed", ("breaks", "breaks"), ("breaks", "breaks"),
         "alias_ids= lets the new code take the old id"),
    Rule("VM106", "error", "became unmigratable", ("breaks", "n/a"), ("breaks", "n/a"),
         "say which device to use instead"),
    Rule("VM107", "warn", "load priority changed", ("conditional", "conditional"), ("conditional", "conditional"),
         "the order in a stream is the source's: do not rely on an earlier section"),
    Rule("VM108", "error", "machine or model differs", ("breaks", "breaks"), ("breaks", "breaks"),
         "use the versioned machine type on both sides"),
    Rule("VM109", "error", "two sections with the same name and instance", ("breaks", "breaks"),
         ("breaks", "breaks"), "give each its own instance"),
    Rule("VM110", "info", "nested description renamed", ("ok", "ok"), ("ok", "ok"),
         "its subsections need the new name as prefix (VM406)"),
    # versions
    Rule("VM201", "warn", "version raised", ("-", "breaks"), ("-", "breaks"),
         "old code refuses it: a subsection with needed= lets most streams go back"),
    Rule("VM202", "error", "version lowered", ("breaks", "-"), ("breaks", "-"), "never lower it"),
    Rule("VM203", "error", "minimum raised", ("breaks/ok", "-"), ("breaks/ok", "-"),
         "streams of versions below it are refused"),
    Rule("VM204", "warn", "minimum lowered", ("conditional", "-"), ("conditional", "-"),
         "every member that those versions did not have needs since="),
    Rule("VM205", "error", "minimum above version", ("breaks", ""), ("breaks", ""),
         "it refuses its own streams: raise the version"),
    Rule("VM206", "error", "since above version", ("ok", "ok"), ("ok", "ok"),
         "the member is never sent: raise the version to it"),
    Rule("VM207", "error", "version of a nested record", ("breaks", "breaks"), ("ok", "breaks"),
         "a nested version never travels: use a subsection, or carry a version"),
    Rule("VM208", "note", "version raised, wire the same", ("ok", "breaks"), ("ok", "breaks"), "do not raise it"),
    Rule("VM209", "info", "versions of section and description differ", ("ok", "ok"), ("ok", "ok")),
    # fields
    Rule("VM301", "error", "member added without a gate", ("breaks", "breaks"), ("breaks without default", "breaks"),
         "move it to a subsection with needed=, or raise the version and gate it with since="),
    Rule("VM302", "note", "member added with since= and a raised version", ("ok", "breaks"), ("ok", "breaks"),
         "a subsection, if streams have to go back"),
    Rule("VM303", "error", "member removed", ("breaks", "breaks"), ("breaks if must-parse", "breaks without default"),
         "unused(n) in its place, or go on writing it"),
    Rule("VM304", "warn", "member became unused bytes", ("ok", "lossy"), ("breaks", "breaks"),
         "say which value is safe for old code, which reads zeros"),
    Rule("VM305", "error", "member renamed", ("ok", "ok"), ("breaks without was=", "breaks without write_as="),
         "was= reads the old name, write_as= goes on writing it"),
    Rule("VM306", "error", "members reordered", ("corrupts or breaks", "corrupts or breaks"), ("ok", "ok"),
         "append only"),
    Rule("VM307", "error", "member resized", ("breaks", "breaks"), ("conditional if narrower", "the reverse"),
         "keep the width on the wire"),
    Rule("VM308", "error", "signedness changed", ("corrupts", "corrupts"), ("conditional", "conditional"),
         "values beyond the range of the other turn into others"),
    Rule("VM309", "error", "another type of the same size", ("corrupts", "corrupts"), ("breaks", "breaks"),
         "a new member, and unused(n) for the old"),
    Rule("VM310", "error", "byte order or encoding changed", ("corrupts", "corrupts"), ("ok", "ok"),
         "keep the encoding"),
    Rule("VM311", "error", "element count changed", ("breaks", "breaks"), ("conditional if longer", "the reverse"),
         "a new gated array for the elements that are new"),
    Rule("VM312", "error", "scalar and array, or fixed and variable length, exchanged", ("corrupts or breaks",
         "corrupts or breaks"), ("breaks", "breaks"), "keep the shape"),
    Rule("VM313", "warn", "since= changed on a living member", ("ok", "-"), ("ok", "-"),
         "versions between the two are misread: compare transitively"),
    Rule("VM314", "error", "unused bytes do not add up", ("breaks", "breaks"), ("ok", "ok"),
         "as many unused bytes as were sent"),
    Rule("VM315", "warn", "codec of opaque bytes changed", ("unknown", "unknown"), ("unknown", "unknown"),
         "declare what is in them, or pin the codec's version"),
    Rule("VM316", "error", "a name twice in one record", ("ok", "ok"), ("breaks", "breaks"), "name= for one of them"),
    Rule("VM317", "warn", "condition added, removed or changed", ("conditional", "conditional"),
         ("ok or conditional", "conditional"), "print its truth for each machine type"),
    Rule("VM318", "note", "member carved out of unused bytes", ("lossy", "ok"), ("breaks without default", "breaks"),
         "old streams have zeros there: is zero right?"),
    Rule("VM319", "warn", "members grouped or ungrouped", ("ok", "ok"), ("breaks", "breaks"),
         'was="outer.inner" on each member'),
    # subsections
    Rule("VM401", "note", "subsection added", ("ok", "conditional"), ("ok", "conditional"),
         "its needed= should be false for old machine types"),
    Rule("VM402", "warn", "subsection removed", ("conditional", "ok"), ("conditional", "ok"),
         "keep an empty reader for it"),
    Rule("VM403", "warn", "needed= is true more often", ("ok", "conditional"), ("ok", "conditional"),
         "only for new machine types"),
    Rule("VM404", "warn", "needed= is true less often", ("lossy", "ok"), ("lossy", "ok"),
         "is the reset value right where it is no longer sent?"),
    Rule("VM405", "warn", "needed= missing: always sent", ("ok", "breaks for code without it"),
         ("ok", "breaks for code without it"), "give it a needed="),
    Rule("VM406", "error", "subsection's name lacks its parent's as prefix", ("conditional", "conditional"),
         ("ok", "ok"), "PARENT/name: a reader looks for no other, and the footer fails"),
    Rule("VM407", "warn", "version or minimum of a subsection", ("conditional", "conditional"),
         ("conditional", "conditional"), "versions of subsections do travel"),
    Rule("VM408", "error", "member changed inside a subsection", ("conditional", "conditional"),
         ("conditional", "conditional"), "a new subsection beside it"),
    Rule("VM409", "warn", "subsection renamed", ("conditional", "conditional"), ("conditional", "conditional"),
         "keep the name"),
    Rule("VM410", "info", "subsections reordered", ("ok", "ok"), ("ok", "ok")),
    # attributes by name
    Rule("VM501", "warn", "attribute added that must be understood", ("as VM301", "as VM301"),
         ("ok with default", "breaks"), "skippable=True, if old code may lose it"),
    Rule("VM502", "info", "attribute added that may be skipped", ("as VM301", "as VM301"), ("ok with default", "ok")),
    Rule("VM503", "warn", "must be understood became may be skipped", ("ok", "ok"), ("ok", "ok"),
         "say why losing it is safe now: third versions drop it silently"),
    Rule("VM504", "warn", "may be skipped became must be understood", ("ok", "ok"), ("ok", "ok"),
         "versions without it refuse it now"),
    Rule("VM505", "error", "neither gate nor default", ("", ""), ("breaks", ""), "default= or since="),
    Rule("VM506", "warn", "default changed", ("ok", "ok"), ("corrupts", "ok"),
         "streams without the attribute load another value"),
    Rule("VM507", "error", "a removed name came back with another meaning", ("corrupts", "corrupts"),
         ("corrupts", "corrupts"), "another name; keep reserved(…) for the old"),
    Rule("VM508", "error", "reserved name given free", ("ok", "ok"), ("ok", "ok"), "put it back into reserved(…)"),
    # values
    Rule("VM601", "warn", "values tightened", ("conditional", "ok"), ("conditional", "ok"),
         "what does old code really send?"),
    Rule("VM602", "warn", "values widened", ("ok", "conditional"), ("ok", "conditional"),
         "old code refuses what is new"),
    Rule("VM603", "warn", "enumeration lost a value", ("conditional", "ok"), ("conditional", "ok"),
         "go on reading it"),
    Rule("VM604", "warn", "enumeration got a value", ("ok", "conditional"), ("ok", "conditional"),
         "old code refuses it"),
    Rule("VM605", "warn", "equality check added", ("conditional", "ok"), ("conditional", "ok"),
         "which property has to be the same on both sides?"),
    Rule("VM606", "warn", "largest element count lowered", ("conditional", "ok"), ("conditional", "ok"),
         "what does old code really send?"),
    Rule("VM607", "note", "hook changed", ("unknown", "unknown"), ("unknown", "unknown"), "a person must look"),
    # parameters
    Rule("VM701", "error", "model differs", ("breaks", "breaks"), ("breaks", "breaks"), "the same model on both sides"),
    Rule("VM702", "error", "parameter unknown", ("breaks", "breaks"), ("breaks", "breaks"),
         "its off_value, if the source can live without"),
    Rule("VM703", "error", "parameter's value not allowed", ("breaks", "breaks"), ("breaks", "breaks"),
         "a value that both sides allow"),
    Rule("VM704", "error", "parameter removed", ("conditional", "ok"), ("conditional", "ok"),
         "lists that name it are refused: keep it"),
    Rule("VM705", "error", "off_value changed", ("corrupts", "corrupts"), ("corrupts", "corrupts"),
         "lists without the parameter mean something else now: a new parameter"),
    Rule("VM706", "error", "init_value not allowed", ("breaks", "breaks"), ("breaks", "breaks"),
         "an initial value out of allowed_values"),
    Rule("VM707", "error", "combination of parameters impossible", ("conditional", "conditional"),
         ("conditional", "conditional"), "say which values go together"),
    Rule("VM708", "warn", "no common initial value", ("conditional", "conditional"), ("conditional", "conditional"),
         "an initial value that both sides have"),
    # the comparison itself
    Rule("VM901", "note", "a source lacks a fact", ("unknown", "unknown"), ("unknown", "unknown"),
         "compare with a source that has it"),
    Rule("VM902", "info", "allowed", ("ok", "ok"), ("ok", "ok")),
    Rule("VM903", "error", "the stream itself is refused: damaged, or with a command that is not known",
         ("breaks", "-"), ("breaks", "-"), "record it again; a machine type with a version leaves new commands out"),
)
"""Id, severity, change; what follows by place, and by name; what to do."""

RULES: dict[str, Rule] = {rule.id: rule for rule in TABLE}
