"""Findings as text for people, and as JSON for programs; what CI reads is made in formats."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from assay.cli.card import show_card, show_failed
from assay.cli.formats import github, junit, sarif
from assay.cli.screen import err, out, plain, print_json, seconds, short
from assay.errors import AssayError
from assay.recipe import did_you_mean
from assay.records import Finding

if TYPE_CHECKING:
    from assay.cli.bare import Looked

FORMATS = ("text", "json", "jsonl", "sarif", "junit", "github")
COLOUR = {"error": "red", "warning": "yellow", "info": "cyan"}


def known_format(format: str) -> None:
    """Refuse a format nobody knows, before the work.

    Raises:
        AssayError: no such format.
    """
    if format not in FORMATS:
        what = f"'{format}' is not a format{did_you_mean(format, FORMATS)}"
        raise AssayError(what, hint=f"one of {', '.join(FORMATS)}")


def print_findings(looked: Looked, *, format: str, limit: int | None, project: bool = False) -> None:
    """Print what was found, in one of FORMATS; `limit` findings of a code in text, all in the others.

    Of a `project` the score card is on the rows a build would keep, of files on the rows as read.
    """
    if format == "text":
        _text(looked, limit, project)
    elif format == "json":
        print_json(as_json(looked))
    elif format == "jsonl":
        sys.stdout.writelines(json.dumps(found.as_dict(), ensure_ascii=True) + "\n" for found in looked.findings)
    elif format == "sarif":
        sys.stdout.write(json.dumps(sarif(looked), indent=1) + "\n")
    elif format == "junit":
        sys.stdout.write(junit(looked) + "\n")
    else:
        sys.stdout.writelines(line + "\n" for line in github(looked))
    if format != "json":
        for note in _notes(looked):
            (out() if format == "text" else err()).print(f"note: {note}")


def _notes(looked: Looked) -> list[str]:
    """What the findings go by, where it is less than was asked for."""
    from assay.signals.relevance import too_few

    shortened, few = looked.curated.shortened, too_few(looked.curated.measured)
    told = [f"{shortened}; A004, A005, A010 and R001 go by them and may miss a row"] if shortened else []
    return [*told, f"domain.targets: {few}"] if few else told


def as_json(looked: Looked) -> dict[str, Any]:
    """Everything a check found, as one object: rows == kept + dropped + held + unreadable of its ledger."""
    files = [
        {
            "path": r.path,
            "rows": r.rows,
            "unreadable": len(r.problems),
            "shape": str(r.shape),
            "not_used": list(r.shape.unused),
            "format": str(r.format),
        }
        for r in looked.reads
    ]
    counts = Counter((f.code, f.name, f.severity) for f in looked.findings)
    return {
        "rows": looked.rows, "seconds": round(looked.seconds, 3), "files": files,
        "counts": [{"code": c, "name": n, "severity": s, "count": k} for (c, n, s), k in sorted(counts.items())],
        "ledger": {**looked.curated.ledger.as_dict(), "unreadable": looked.unreadable},
        "scorecard": looked.card.as_dict() if looked.card else None,
        "gates_failed": [{"gate": f.gate, "what": f.what, "rows": list(f.rows)} for f in looked.failed],
        "findings": [finding.as_dict() for finding in looked.findings],
        **({"note": "; ".join(notes)} if (notes := _notes(looked)) else {}),
    }  # fmt: skip


def _text(looked: Looked, limit: int | None, project: bool) -> None:
    console = out()
    for read in looked.reads:
        left = f"; not used: {', '.join(read.shape.unused)}" if read.shape.unused else ""
        console.print(
            f"[bold]{plain(read.path)}[/]  {read.rows:,} rows, {plain(read.format)}, "
            f"shape: {plain(read.shape)}[dim]{plain(left)}[/]"
        )
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in looked.findings:
        groups[finding.code].append(finding)
    for found in groups.values():
        found.sort(key=_gravest)
    for code in sorted(groups, key=lambda code: (_gravest(groups[code][0]), code)):
        _group(groups[code], limit)
    ledger = looked.curated.ledger
    rate = looked.rows / looked.seconds if looked.seconds else 0
    console.print(
        f"\n{looked.rows:,} rows in {seconds(looked.seconds)} ({rate:,.0f} a second): "
        f"{len(looked.findings):,} findings; by the rules {ledger.kept:,} would be kept ({ledger.edited:,} repaired), "
        f"{ledger.dropped:,} dropped, {ledger.held + looked.unreadable:,} held for a person"
        + (f" ({looked.unreadable:,} of them could not be read)" if looked.unreadable else "")
    )
    if looked.card is not None:
        show_card(looked.card, f"the {looked.card.n:,} rows {'a build would keep' if project else 'as read'}")
    show_failed(looked.failed)
    if looked.findings:
        console.print(
            "[dim]next: `assay fix FILE -o OUT` repairs what is safe until nothing more is found (--dry-run "
            "tells its numbers); `assay explain CODE` tells a rule's reasons[/]"
        )


def _gravest(finding: Finding) -> int:
    return list(COLOUR).index(finding.severity)


def _group(found: Sequence[Finding], limit: int | None) -> None:
    """The findings of one code, the gravest first."""
    console, first = out(), found[0]
    fates = ", ".join(f"{n} {action}" for action, n in Counter(f.action for f in found).items() if action != "keep")
    counts = ", ".join(f"{n:,} {severity}" for severity, n in Counter(f.severity for f in found).items())
    heading = f"[bold {COLOUR[first.severity]}]{first.code}[/] [bold]{first.name}[/]  {counts}"
    console.print(f"\n{heading}" + (f"  [dim]({fates})[/]" if fates else ""))
    for finding in found[:limit]:
        where, said = finding.place, finding.message.removeprefix(f"{finding.place}: ")
        console.print(f"  [dim]{plain(where)}[/]  {plain(short(said, 160))}")
    if limit is not None and len(found) > limit:
        more = f"and {len(found) - limit:,} more: --all shows them, `assay explain {first.code}` says why"
        console.print(f"  [dim]{more}[/]")
