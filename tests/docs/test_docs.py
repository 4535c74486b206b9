"""The docs tell the truth: generated pages are up to date, and every verb and rule has one."""

import subprocess
import sys
from pathlib import Path

import pytest

from assay.cli.app import VERBS
from assay.cli.prove import PROOFS
from assay.rules import RULES

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_generated_pages_are_up_to_date():
    command = [sys.executable, "docs/generate.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run `python docs/generate.py`\n{done.stdout}{done.stderr}"


def test_the_readme_names_every_verb():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = [name for name in VERBS if f"assay {name}" in text or f"make {name}" in text]
    assert set(VERBS) - set(named) <= {"new"}
    assert [name for name in PROOFS if f"assay prove {name}" not in text] == []


def test_every_rule_has_a_page():
    assert [rule.code for rule in RULES.values() if not (ROOT / "docs" / "rules" / f"{rule.code}.md").exists()] == []
