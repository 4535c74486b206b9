"""`assay explain`: the page of a rule, the meaning of a key of assay.yaml, or the list of rules."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    what: Annotated[
        str,
        typer.Argument(
            help="A code (D002), the letter of several (D), a rule's name, or a key of assay.yaml (train.rank)."
        ),
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="The page as JSON.")] = False,
) -> None:
    """Tell what a rule does, why what it finds is bad, and its settings; or what a key of assay.yaml means.

    Example: assay explain A004
    """
    from assay.cli.pages import key_page, known, listing, rule_page
    from assay.cli.screen import out, print_json
    from assay.errors import AssayError
    from assay.recipe import did_you_mean

    page = listing(what) or rule_page(what) or key_page(what)
    if page is None:
        raise AssayError(
            f"there is no rule or key '{what}'{did_you_mean(what, known())}", hint="`assay explain` lists the rules"
        )
    if json:
        print_json(page.body)
    else:
        out().print(page.text, markup=False)
