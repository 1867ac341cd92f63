"""A report for what reads JUnit's XML: a test case for each section; one fails that breaks the promise."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from vmstate.compat.findings import Finding

from ..printable import printable
from . import NOWHERE, Compared, Device, devices
from .proof import sentences


def render(compared: Compared) -> str:
    """The whole report. Sections of which nothing was found have a test case too, which passes."""
    found = {one.name: one for one in devices(compared.findings)}
    names = dict.fromkeys([*found, *(met.name or NOWHERE for met in compared.met)])
    failed = sum(any(map(compared.breaks, one.findings)) for one in found.values())
    totals = {"tests": str(len(names)), "failures": str(failed), "errors": "0", "time": "0"}
    root = Element("testsuites", totals)
    suite = SubElement(root, "testsuite", {"name": "vmstate compare", **totals, "skipped": "0"})
    properties = SubElement(suite, "properties")
    for name, value in (("old", compared.old), ("new", compared.new), ("wire", compared.wire),
                        ("level", compared.level)):
        SubElement(properties, "property", {"name": name, "value": printable(value)})
    for name in names:
        case = SubElement(suite, "testcase", {"classname": "vmstate.compare", "name": printable(name), "time": "0"})
        if name in found:
            told(case, found[name], compared)
    indent(root)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + tostring(root, "unicode") + "\n"


def told(case: Element, device: Device, compared: Compared) -> None:
    """What was found of a section: what breaks the promise as its failure, all else as its output."""
    breaking = [one for one in device.findings if compared.breaks(one)]
    if breaking:
        head = breaking[0]
        failure = SubElement(case, "failure", {"type": head.rule, "message": printable(f"{head.path}: {head.message}")})
        failure.text = "\n".join(line for one in breaking for line in lines(compared, one))
    if rest := [one for one in device.findings if one not in breaking]:
        SubElement(case, "system-out").text = "\n".join(line for one in rest for line in lines(compared, one))


def lines(compared: Compared, finding: Finding) -> list[str]:
    """One finding in words."""
    follows = ", ".join(f"{direction} {verdict}" for direction, verdict in compared.verdicts(finding).items())
    first = f"{finding.rule} {finding.severity} {finding.path}: {finding.message}"
    more = (("reason", finding.reason), ("verdict", follows), ("fix", compared.fix(finding)),
            *(("witness", f"{label}: {proof}") for label, proof in sentences(finding)))
    return list(map(printable, [first, *(f"    {key}: {text}" for key, text in more if text)]))
