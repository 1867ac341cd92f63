"""A report for a reviewer: one page that needs nothing else, and that nothing in it can make do anything.

Each text is escaped; and should one not be, the page's own policy lets no script run and no style hold but the two that
are part of it, known by their digests, and loads nothing.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from vmstate.compat.catalogue import SEVERITIES
from vmstate.compat.findings import DIRECTIONS, Direction, Finding, Verdict

from . import MEANING, NOWHERE, WORDS, Cause, Compared, Device, counts, devices
from .proof import Row, proofs
from .sidebyside import SAYS, SIGNS, layouts, text

VERDICTS = {
    "ok": "loads", "lossy": "loads, and reads zeros for what was not sent", "unknown": "a fact is missing",
    "conditional": "a predicate or a value decides", "corrupts": "loads, and wrong", "breaks": "is refused",
}
BOTH = "both ways"
HERE = Path(__file__).parent


def render(compared: Compared) -> str:
    """The whole page."""
    style, script = ((HERE / name).read_text("utf-8") for name in ("page.css", "page.js"))
    policy = (f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; base-uri 'none'; "
              "form-action 'none'")
    found = devices(compared.findings)
    return "\n".join([
        "<!DOCTYPE html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{text(title(compared))}</title>", f"<style>{style}</style>", "</head>", "<body>",
        *head(compared), *filters(found), "<main>",
        *(line for device in found for line in section(device, compared)), *others(found, compared), "</main>",
        *foot(compared), f"<script>{script}</script>", "</body>", "</html>", ""])


def digest(source: str) -> str:
    """What a policy knows a script or a style by."""
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"


def colour(verdict: Verdict) -> str:
    """The class of a verdict."""
    return "none" if verdict is Verdict.NA else "good" if verdict is Verdict.OK else "bad" if verdict.hard else "doubt"


# -- on top

def title(compared: Compared) -> str:
    verdict = ", ".join(f"{direction} {compared.verdict(direction)}" for direction in DIRECTIONS)
    return f"{compared.old} to {compared.new}: {verdict}"


def head(compared: Compared) -> Iterator[str]:
    """Which sides, the verdict of each direction, and whether the promise is kept."""
    yield "<header>"
    yield '<p class="kicker">Will this state load?</p>'
    yield f"<h1><code>{text(compared.old)}</code> to <code>{text(compared.new)}</code></h1>"
    yield '<div class="verdicts">'
    for direction in DIRECTIONS:
        verdict = compared.verdict(direction)
        yield (f'<div class="verdict {colour(verdict)}"><span>{direction}</span><strong>{verdict}</strong>'
               f"<small>{MEANING[direction]}{'' if compared.asked(direction) else ' (not asked for)'}</small></div>")
    yield "</div>"
    kept = ("bad", "violated") if compared.violated else ("good", "kept")
    level = f"{compared.level}{' transitive' if compared.transitive else ''}"
    sections = f"{len(compared.met):,} section{'s' if len(compared.met) != 1 else ''}"
    yield (f'<p>Level <b>{level}</b> in {text(compared.wire)} <span class="badge {kept[0]}">{kept[1]}</span> '
           f"{counts(compared.findings)} in {sections}.</p>")
    yield "</header>"


def filters(found: Iterable[Device]) -> Iterator[str]:
    """What chooses among the findings; it shows where scripts run."""
    findings = [cause.head for device in found for cause in device.causes]
    every = sorted({one.rule for device in found for one in device.findings})
    yield '<form class="filter" hidden>'
    for severity in reversed(SEVERITIES):
        if any(one.severity == severity for one in findings):
            yield f'<label><input type="checkbox" value="{severity}" checked> {WORDS[severity][1]}</label>'
    options = "".join(f'<option value="{rule}">{rule}</option>' for rule in every)
    yield f'<label>rule <select><option value="">any</option>{options}</select></label>'
    yield '<output class="dim"></output>'
    yield "</form>"


# -- one device

def section(device: Device, compared: Compared) -> Iterator[str]:
    """What was found of a section, and its layout on both sides."""
    hard = any(compared.breaks(one) for one in device.findings)
    yield f'<details class="device"{" open" if hard else ""}>'
    worst = badges({direction: worst_of(device, direction, compared) for direction in DIRECTIONS})
    number = f'<span class="dim">{counts(device.findings)}</span>'
    yield f"<summary><h2>{text(device.name)}</h2> {worst} {number}</summary>"
    yield '<div class="inside">'
    for cause in device.causes:
        yield from finding(cause, compared)
    yield from layouts(device, compared)
    yield "</div>"
    yield "</details>"


def worst_of(device: Device, direction: Direction, compared: Compared) -> Verdict:
    """The worst verdict of all findings."""
    return max(one.verdicts(compared.settled.report.positional)[direction] for one in device.findings)


def badges(verdicts: Mapping[Direction, Verdict]) -> str:
    """Verdicts that say more than ok; once, where both directions have the same."""
    told = [(str(direction), verdict) for direction, verdict in verdicts.items() if verdict is not Verdict.OK]
    if len(told) > 1 and len({verdict for _, verdict in told}) == 1:
        told = [(BOTH, told[0][1])]
    return " ".join(f'<span class="badge {colour(verdict)}">{verdict} {which}</span>' for which, verdict in told)


def finding(cause: Cause, compared: Compared) -> Iterator[str]:
    """One cause: the finding that counts, and what comes with it."""
    head = cause.head
    rules = " ".join(sorted({one.rule for one in (head, *cause.rest)}))
    yield f'<article class="finding {head.severity}" data-severity="{head.severity}" data-rules="{rules}">'
    times = f' <span class="dim">{cause.times} types</span>' if cause.times > 1 else ""
    yield (f'<p><span class="rule">{head.rule}</span> <span class="severity {head.severity}">{head.severity}</span> '
           f"<code>{text(head.path)}</code> {badges(compared.verdicts(head))}{times}</p>")
    reason = f' <span class="reason">({text(head.reason)})</span>' if head.reason else ""
    yield f'<p class="message">{text(head.message)}{reason}</p>'
    if fix := compared.fix(head):
        yield f"<p><b>Fix:</b> {text(fix)}</p>"
    yield from witness(head)
    if cause.rest:
        items = "".join(f"<li>{one.rule} {one.severity}: {text(one.message)}</li>" for one in cause.rest)
        yield f'<ul class="rest">{items}</ul>'
    yield "</article>"


def witness(finding: Finding) -> Iterator[str]:
    """What proves it."""
    if told := list(proofs(finding)):
        rows = "".join(f"<dt>{text(label)}</dt><dd>{text(proof)}{around(row)}</dd>" for label, proof, row in told)
        yield f'<dl class="witness">{rows}</dl>'


def around(row: Row | None) -> str:
    """The bytes around a place."""
    if row is None:
        return ""
    each = (f"<mark>{byte}</mark>" if at == row.at else byte for at, byte in enumerate(row.bytes))
    return f'<code class="bytes"><span class="at">{row.begin:#06x}</span>{" ".join(each)}</code>'


# -- at the end

def others(found: Iterable[Device], compared: Compared) -> Iterator[str]:
    """Sections of which nothing was found."""
    told = {device.name for device in found}
    names = dict.fromkeys(met.name or NOWHERE for met in compared.met if met.name not in told)
    if names:
        items = "".join(f"<li><code>{text(name)}</code></li>" for name in names)
        yield f'<details><summary>{len(names):,} without findings</summary><ul class="others">{items}</ul></details>'


def foot(compared: Compared) -> Iterator[str]:
    """Allowances that nothing needs; what the verdicts mean."""
    yield "<footer>"
    if compared.settled.idle:
        yield "<p>Allowances that nothing needs:</p><ul>"
        for one in compared.settled.idle:
            yield f"<li>{text(one.said)}: {one.allowance.rule}, {text(one.allowance.reason)}</li>"
        yield "</ul>"
    meant = "; ".join(f"<b>{verdict}</b> {what}" for verdict, what in VERDICTS.items())
    yield f"<p>{meant}.</p>"
    signs = "; ".join(f"{sign} {SAYS[change]}" for change, sign in SIGNS.items() if sign and change != "replaced")
    yield f"<p>In layouts: {signs}. Offsets end where something may be absent.</p>"
    yield "</footer>"
