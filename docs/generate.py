"""Writes the generated pages: docs/rules/ from the rules' docstrings, docs/cli.md from the verbs' help.

`python docs/generate.py` writes; `--check` only says which pages are out of date, with exit status 1.
"""

from __future__ import annotations

import inspect
import os
import sys
from pathlib import Path

from typer.testing import CliRunner

from assay.cli.app import VERBS, app
from assay.cli.pages import gist
from assay.cli.prove import PROOFS
from assay.rules import RULES, Rule, settings_of
from assay.rules.choose import is_optional

DOCS = Path(__file__).parent
LETTERS = (
    "R relevance, A accuracy and cleanliness, D duplication and diversity, B balance, F format, S safety, L leakage."
)


def rule_page(rule: type[Rule]) -> str:
    """The page of one rule."""
    title, _, rest = (inspect.getdoc(rule) or "").partition("\n")
    settings = "\n".join(f"    {key}: {value!r}" for key, value in settings_of(rule).items())
    switch = f"`{rule.name}: off` leaves the rule out."
    if is_optional(rule):
        switch = f"Off by default: `{rule.name}: {{}}` in the recipe, or `--select {rule.code}`, turns it on."
    return (
        f"# {title}\n{rest}\n\nStage `{rule.stage}`, severity `{rule.severity}`.\n\n"
        "## Settings\n\nUnder `rules:` in assay.yaml; these are the defaults:\n\n"
        f"```yaml\nrules:\n  {rule.name}:\n{settings}\n```\n\n{switch}\n"
    )


def cli_page() -> str:
    """The help of every verb, as the terminal shows it."""
    os.environ |= {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}
    parts = ["# The verbs\n"]
    for name in (*VERBS, *(f"prove {proof}" for proof in PROOFS)):
        shown = CliRunner().invoke(app, [*name.split(), "--help"], prog_name="assay").output.strip()
        lines = "\n".join(line.rstrip() for line in shown.splitlines())
        parts.append(f"## assay {name}\n\n```text\n{lines}\n```\n")
    return "\n".join(parts)


def pages() -> dict[Path, str]:
    """Every generated page."""
    made = {DOCS / "rules" / f"{rule.code}.md": rule_page(rule) for rule in RULES.values()}
    rules = sorted(RULES.values(), key=lambda rule: rule.code)
    lines = "\n".join(f"- [{rule.code}]({rule.code}.md) `{rule.name}`: {gist(rule)}" for rule in rules)
    made[DOCS / "rules" / "README.md"] = f"# The rules\n\n{LETTERS}\n\n{lines}\n"
    made[DOCS / "cli.md"] = cli_page()
    return made


def main() -> int:
    """Write the pages, or check them."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{'out of date' if '--check' in sys.argv else 'wrote'}: {path.relative_to(DOCS)}")
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages()[path], encoding="utf-8")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
