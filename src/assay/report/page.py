"""The page: contents -> HTML."""

from __future__ import annotations

from assay.report.contents import ReportContents


def render(contents: ReportContents) -> str:
    """The whole page as HTML text."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(loader=PackageLoader("assay.report"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("report.html").render(contents=contents)
