"""What `assay fix` does with the rows of one file, and how it accounts for each of them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.cli.bare import read_all, unreadable
from assay.cli.ledger import hiding_by_row, ledger_lines, without_private
from assay.cli.memory import remembering
from assay.cli.screen import out, plain, print_json, short
from assay.errors import AssayError, InputError
from assay.passes import UNREADABLE, Progress, curate
from assay.records import Decision, Example, Finding

if TYPE_CHECKING:
    from assay.rules import Rule
    from assay.sources import Read

BESIDE = 15  # characters shown on either side of a blank
WORDS = 400  # of a changed stretch that are compared with each other: it takes as long as their product
FIRST = 20  # rows of a kind that a dry run shows
ROUNDS = 30  # a rule that compares rows sees more once others are gone; real files settle in two to seven rounds


class Fixed(NamedTuple):
    """What became of the rows of one file."""

    read: Read
    kept: list[Example]
    dropped: list[Example]
    held: list[Example]  # as they came, without the edits: but for personal data and secrets, which are never written
    decisions: list[Decision]
    bad: list[dict[str, Any]]  # rows that could not be read
    rules: tuple[Rule, ...]
    findings: Mapping[str, list[Finding]]  # by example id: all that spoke for what became of a row, not the strongest
    later: Counter[str]  # rows "dropped" and "held" in a second look or a later one: `check` looks once

    @property
    def rows_in(self) -> int:
        """Rows in the file: kept + dropped + held + unreadable."""
        return self.read.rows

    def summary(self) -> dict[str, Any]:
        """The sums."""
        born = {example.id: example.digest for example in self.read.examples}
        edited = sum(1 for example in self.kept if born[example.id] != example.digest)
        counts = Counter((d.reason, d.by.removeprefix("rule:"), d.action) for d in self.decisions)
        by_code = [{"code": c, "name": n, "action": a, "count": k} for (c, n, a), k in sorted(counts.items())]
        decided = {(d.id, d.reason) for d in self.decisions}
        also = Counter(
            (f.code, f.name) for found in self.findings.values() for f in found if (f.id, f.code) not in decided
        )
        if self.bad:
            by_code.append({"code": UNREADABLE, "name": "unreadable-row", "action": "hold", "count": len(self.bad)})
        return {
            "rows_in": self.rows_in, "kept": len(self.kept), "dropped": len(self.dropped),
            "held": len(self.held), "unreadable": len(self.bad), "edited": edited, "by_code": by_code,
            "also_found": [{"code": code, "name": name, "count": n} for (code, name), n in sorted(also.items())],
            "in_later_looks": {"dropped": self.later["dropped"], "held": self.later["held"]},
        }  # fmt: skip


def settle(file: Path, rules: Sequence[Rule], *, test: Path | None, shape: str, progress: Progress) -> Fixed:
    """Curate the rows of a file again and again until nothing more changes: a second `fix` has nothing to do."""
    from assay.sources import distinct
    from assay.sources import read as read_file

    read = read_file(file, shape=shape)
    frozen = read_all([test], shape, "test") if test else []
    examples = distinct([example for one in (read, *frozen) for example in one.examples])
    born = {example.id: example for example in examples}
    bad = [finding.as_dict() for finding in unreadable([read])]
    spoke: dict[str, list[Finding]] = defaultdict(list)
    rows, fixed = examples, Fixed(read, [], [], [], [], bad, tuple(rules), spoke, Counter())
    asked = remembering(rules)
    for number in range(ROUNDS):
        curated = curate(rows, asked, progress=_in_round(number, progress))
        fixed.dropped.extend(born[example.id] for example in curated.dropped)
        fixed.held.extend(without_private(born[example.id], rules) for example in curated.held)
        fixed.decisions.extend(curated.decisions)
        _note(curated.findings, spoke)
        if number:
            fixed.later.update(dropped=len(curated.dropped), held=len(curated.held))
        rows = curated.kept
        if not curated.decisions:
            break
    place = {example.id: i for i, example in enumerate(examples)}
    fixed.kept.extend(sorted((e for e in rows if e.split != "test"), key=lambda e: place[e.id]))
    return fixed


def _note(findings: Sequence[Finding], spoke: dict[str, list[Finding]]) -> None:
    """Keep the findings that call for something, one of a code and an action a row."""
    for finding in findings:
        known = {(one.code, one.action) for one in spoke[finding.id]}
        if finding.action in ("drop", "hold", "edit") and (finding.code, finding.action) not in known:
            spoke[finding.id].append(finding)


def _in_round(number: int, progress: Progress) -> Progress:
    """Progress of one round, told as progress of them all: how many there will be is not known."""
    return lambda what, share: progress(what, (number + share) / (number + 1.5))


def held_path(output: Path) -> Path:
    """held_path(Path("clean.jsonl.gz")) -> Path("clean.held.jsonl.gz")."""
    stem, dot, rest = output.name.partition(".")
    return output.with_name(f"{stem}.held{dot}{rest}")


def refuse_overwriting(*, read: Sequence[Path], output: Path, ledger: Path | None, vault: Path | None = None) -> None:
    """The output, its file of held rows, the ledger and the vault must be regular files, none of them one that is read.

    Raises:
        InputError: they are not.
    """
    taken = {_real(path): f"{path}, which is read" for path in read}
    written = ((output, "output"), (held_path(output), "file of held rows"), (ledger, "ledger"), (vault, "vault"))
    for path, role in written:
        if path is None:
            continue
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: cannot be written: the {role} is no regular file", hint="name another file")
        if _real(path) in taken:
            what = f"{path}: the {role} would overwrite {taken[_real(path)]}"
            raise InputError(what, hint="name another file: what is read is never changed")
        taken[_real(path)] = f"the {role}"


def _real(path: Path) -> Path:
    """The file itself: FILE.json#key is FILE.json, a link is what it leads to."""
    return (path if path.exists() else Path(str(path).partition("#")[0])).resolve()


def apply(fixed: Fixed, output: Path, ledger: Path | None) -> None:
    """Write the kept rows, the held rows, and the ledger; where one cannot be written, none that is new is left.

    Raises:
        InputError, StoreError: the disk is full, or a folder is missing or cannot be written.
    """
    from assay.sources import write

    held = held_path(output)
    new = [path for path in (output, held, ledger) if path is not None and not path.exists()]
    try:
        write(fixed.kept, output, like=fixed.read)
        if fixed.held:
            write(fixed.held, held, like=fixed.read)
        else:
            held.unlink(missing_ok=True)
        if ledger:
            write_ledger(fixed, ledger)
    except AssayError:
        for path in new:
            path.unlink(missing_ok=True)
        raise


def write_ledger(fixed: Fixed, ledger: Path) -> None:
    """Write what became of each row.

    Raises:
        StoreError: it cannot be written.
    """
    from assay.store import write_atomically

    write_atomically(ledger, "".join(json.dumps(line, ensure_ascii=True) + "\n" for line in ledger_lines(fixed)))


def tell(fixed: Fixed, output: Path, ledger: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Say what was done."""
    summary = fixed.summary()
    if as_json:
        held = str(held_path(output)) if fixed.held else None
        print_json({**summary, "output": str(output), "held_output": held, "dry_run": dry_run})
        return
    console = out()
    if dry_run:
        _show_edits(fixed)
        _show_gone(fixed, fixed.dropped, "dropped")
        _show_gone(fixed, fixed.held, "held")
    for line in summary["by_code"]:
        console.print(f"  {line['code']}  {line['name']:<20} {line['action']:<5} {line['count']:>7,}")
    for line in summary["also_found"]:
        console.print(
            f"  {line['code']}  {line['name']:<20} also  {line['count']:>7,}  [dim]on rows of another code[/]"
        )
    verb = "would be " if dry_run else ""
    console.print(
        f"{summary['rows_in']:,} rows in = {summary['kept']:,} kept ({summary['edited']:,} repaired) + "
        f"{summary['dropped']:,} {verb}dropped + {summary['held']:,} {verb}held"
        + (f" + {len(fixed.bad):,} that cannot be read" if fixed.bad else "")
    )
    if sum(fixed.later.values()):
        told = ", ".join(f"{count:,} {what}" for what, count in fixed.later.items() if count)
        console.print(f"  [dim]of these {told} in a second look, once others were gone: `assay check` looks once[/]")
    for bad in fixed.bad[:50]:
        console.print(f"  [yellow]not read, left in {plain(fixed.read.path)}:[/] {plain(bad['message'])}")
    if dry_run and ledger:
        console.print(f"wrote the ledger in [bold]{plain(ledger)}[/], nothing else")
    if not dry_run:
        waiting = f" and [bold]{plain(held_path(output))}[/] (for a person)" if fixed.held else ""
        accounts = f", ledger in {plain(ledger)}" if ledger else ""
        console.print(f"wrote [bold]{plain(output)}[/]{waiting}{accounts}")


def _show_edits(fixed: Fixed, limit: int = FIRST) -> None:
    """The first edits, word by word."""
    console = out()
    born = {example.id: example for example in fixed.read.examples}
    edits = [(born[e.id], e) for e in fixed.kept if born[e.id].digest != e.digest]
    for before, after in edits[:limit]:
        console.print(f"  [dim]{plain(before.place)}[/]  {_marked(before.text, after.text)}")
    if len(edits) > limit:
        console.print(f"  [dim]and {len(edits) - limit:,} more edits[/]")


def _show_gone(fixed: Fixed, rows: Sequence[Example], verb: str, limit: int = FIRST) -> None:
    """The first rows that leave the file, each with what was found on it, its twin among that."""
    console, hides = out(), hiding_by_row(fixed)
    for row in sorted(rows, key=lambda row: row.row)[:limit]:
        hide = hides(row.id)
        console.print(f"  [dim]{plain(row.place)}[/]  [yellow]{verb}:[/] {plain(short(hide(row.text), 80))}")
        for finding in fixed.findings.get(row.id, ()):
            if finding.action in ("drop", "hold"):
                console.print(f"    {finding.code}  {plain(hide(finding.message))}")
    if len(rows) > limit:
        console.print(f"  [dim]and {len(rows) - limit:,} more {verb}[/]")


def _marked(before: str, after: str) -> str:
    """Word by word: red is taken out, green is put in; of a text that changes in very many words, the first of them.

    Without colours [-what goes-] and {+what comes+}, as git writes it.
    """
    import difflib

    coloured = out().color_system is not None
    old, new = before.split(), after.split()
    if old == new:
        return f"[dim]only blanks change:[/] {plain(_blanks(before, after))}"
    same, alike = _shared(old, new), _shared(old[::-1], new[::-1])
    alike = min(alike, len(old) - same, len(new) - same)
    old_part, new_part = old[same : len(old) - alike], new[same : len(new) - alike]
    left_out = max(0, len(old_part) - WORDS, len(new_part) - WORDS)
    old_part, new_part = old_part[:WORDS], new_part[:WORDS]
    parts = [_unchanged(old[max(0, same - WORDS) : same])] if same else []
    for tag, a, b, c, d in difflib.SequenceMatcher(a=old_part, b=new_part, autojunk=False).get_opcodes():
        gone, come = plain(" ".join(old_part[a:b])), plain(" ".join(new_part[c:d]))
        if tag == "equal":
            parts.append(_unchanged(old_part[a:b]))
            continue
        if gone:
            parts.append(f"[red strike]{gone}[/]" if coloured else plain(f"[-{' '.join(old_part[a:b])}-]"))
        if come:
            parts.append(f"[green]{come}[/]" if coloured else plain(f"{{+{' '.join(new_part[c:d])}+}}"))
    if left_out:
        parts.append(f"[dim]and {left_out:,} words more[/]")
    elif alike:
        parts.append(_unchanged(old[len(old) - alike :][:WORDS]))
    return " ".join(parts)


def _blanks(before: str, after: str) -> str:
    """Where two texts first differ, blanks made visible: _blanks("a  b", "a b") -> "a··b -> a·b"."""
    from assay.report.visible import visible

    signs = str.maketrans({" ": "·", "\n": "⏎", "\t": "⇥", "\u00a0": "⍽"})
    start = _shared(before, after)
    low = max(0, start - BESIDE)
    return " -> ".join(visible(text[low : start + BESIDE].translate(signs)) for text in (before, after))


def _unchanged(words: Sequence[str]) -> str:
    return plain(short(" ".join(words), 60))


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words two texts have in common before the first that differs."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
