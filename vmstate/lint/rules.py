"""The rules, as data: what is wrong, and what to do. The ids are stable."""

from __future__ import annotations

from ..nodes import Node, node


@node
class Rule(Node):
    """One rule: what is wrong with a declaration, and what to do about it."""

    id: str
    wrong: str
    hint: str

    @property
    def family(self) -> str:
        """Of which part of a declaration it speaks."""
        return FAMILIES[self.id[2]]


FAMILIES = {"0": "declarations at all", "1": "members", "2": "methods", "3": "subsections", "4": "new instances",
            "5": "settings", "6": "sections", "9": "what is allowed"}

TABLE = (
    Rule("VL001", "it cannot be declared", "the message says what is wrong, and the line"),
    # members
    Rule("VL101", "a version gate within a nested record", "a nested record has no version on the wire, so that the "
         "member is always there: leave since= out, or use when=, version=\"outer\" or a subsection"),
    Rule("VL102", "a gate that is never true", "leave the member out, or say when it is there"),
    Rule("VL103", "a gate or size that asks what is read later", "a load asks before that is there: move the member "
         "below it, or ask a setting"),
    Rule("VL104", "a name that it had is another member's name now", "a reader by name cannot tell them apart: another "
         "name for one of them"),
    Rule("VL105", "two members are written under one name", "a reader by name takes the last: another write_as="),
    Rule("VL106", "a default that its own check refuses", "a default within range="),
    Rule("VL107", "a name that the class body defines twice", "the first definition is lost: another name for one"),
    # methods
    Rule("VL201", "a method asks or sets what is no attribute", "declare it: a member, a setting(…), or a local(…)"),
    Rule("VL202", "a predicate or size changes the state", "it is asked several times: change the state in a hook"),
    Rule("VL203", "a method that is still to be written", "write it"),
    # subsections
    Rule("VL301", "a new instance sends the subsection, and nobody has said so", "compare with what reset= says; or "
         "say so, by reset= or allow(…)"),
    Rule("VL302", "a subsection is read within another by accident of its name", "a reader looks for names that begin "
         "with the one it is in: put the longer name first"),
    # new instances
    Rule("VL401", "a new instance cannot be saved", "reset values, counts and hooks that go together"),
    Rule("VL402", "what a new instance saves is refused by another", "reset values that pass the checks and hooks"),
    Rule("VL403", "each load and save makes something else of a state", "a post_load that undoes what pre_save does"),
    Rule("VL404", "a version that it reads is refused, or a hook fails for it", "raise minimum=, or mend the hook"),
    Rule("VL405", "two new instances share a value", "give what makes one: local(list), reset=lambda: […]"),
    # settings
    Rule("VL501", "a setting on which no byte depends", "a reader tries its values, and cannot tell them apart: "
         "local(…), or a gate, count or size that asks it"),
    # sections
    Rule("VL601", "two declarations of one name that cannot be told apart", "one of them, or target="),
    Rule("VL602", "a declaration that no section reaches", "its name in the registry, or away with it"),
    # allowances
    Rule("VL901", "an allowance that nothing needs", "leave it out"),
    Rule("VL902", "an allowance that has expired", "mend what it allows, or another day"),
)
"""Id, what is wrong, what to do."""

RULES: dict[str, Rule] = {rule.id: rule for rule in TABLE}
