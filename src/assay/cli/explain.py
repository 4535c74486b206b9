"""`assay explain`: the page of a rule, the meaning of a key of assay.yaml, or the list of rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from assay.rules import Rule


def explain(
    what: Annotated[
        str,
        typer.Argument(
            help="A code (D002), the letter of several (D), a rule's name, or a key of assay.yaml (train.rank)."
        ),
    ] = "",
    sweep: Annotated[
        bool, typer.Option("--sweep", help="How many rows of the newest version the rule names, by score.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The page as JSON.")] = False,
) -> None:
    """Tell what a rule does, why what it finds is bad, and its settings; or what a key of assay.yaml means.

    With --sweep: what another threshold would do, from the findings of the newest version, without running the rule
    again. In a project with rules of its own, those have pages too.

    Example: assay explain A004
    """
    from assay.cli.pages import key_page, known, listing, rule_page
    from assay.cli.screen import out, print_json
    from assay.cli.sweeping import sweep_page
    from assay.errors import AssayError
    from assay.recipe import did_you_mean
    from assay.rules import RULES

    rules: dict[str, type[Rule]] = dict(RULES)
    page = listing(what) or rule_page(what) or key_page(what)
    if page is None or not what:  # a page of Assay is shown without executing a project's own rules
        rules = _rules_here()
        page = listing(what, rules) or rule_page(what, rules)
    if page is None:
        near = did_you_mean(what, known(rules))
        raise AssayError(f"there is no rule or key '{what}'{near}", hint="`assay explain` lists the rules")
    if sweep:
        page = sweep_page(what, rules)
    if json:
        print_json(page.body)
    else:
        out().print(page.text, markup=False)


def _rules_here() -> dict[str, type[Rule]]:
    """The rules of the project around, or those of Assay where there is none."""
    from assay.pipeline import registry_of
    from assay.project import find
    from assay.recipe import FILE
    from assay.rules import RULES

    here = Path.cwd().resolve()
    inside = any((folder / FILE).is_file() for folder in (here, *here.parents))
    return registry_of(find(here)) if inside else dict(RULES)
