"""`assay serve`: the tuned model behind an OpenAI-compatible endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from assay.project import Project
    from assay.serve.voices import Voice

_ANY = "What can you do?"  # asked in the line to try, where the project has no short question of its own
_LONG = 160  # characters of one that is shown


def serve(
    rung: Annotated[
        str, typer.Option(help="Serve the newest finished run of this rung; `base` serves the base model alone.")
    ] = "curated",
    run: Annotated[Path | None, typer.Option(help="Serve the adapter in this folder instead.")] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; one that others can reach needs tokens.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8000,
    token_file: Annotated[Path | None, typer.Option(help="Tokens to let in, one a line; or set ASSAY_TOKENS.")] = None,
    log: Annotated[
        bool, typer.Option("--log", help="Keep a request log (counts and times, no texts) in .assay/requests.jsonl.")
    ] = False,
) -> None:
    """Serve a tuned model to any OpenAI client: chat completions, streamed or whole, on this machine.

    An adapter whose template, tokens or base model are not those it was trained with is refused. Without a system
    message the one it was trained with is used, whatever assay.yaml says now; with another one it answers, with a
    warning header.

    Example: assay serve --rung curated --port 8000
    """
    from assay.cli.screen import err, out, plain
    from assay.errors import ModelError
    from assay.project import find
    from assay.serve import listening, runs, voices

    try:
        from assay.serve.app import app_for
        from assay.serve.journal import Journal
    except ModuleNotFoundError as missing:
        raise ModelError(
            f"serving needs {missing.name}, which is not installed", hint="pip install 'assay[serve,train]'"
        ) from None

    tokens = listening.tokens_from(token_file)
    project = find(Path.cwd()) if log or run is None else None
    with listening.bind(host, port, tokens) as bound:
        with err().status("loading the model"):
            voices.leave_a_core()
            if run is None and project is not None and rung == "base":
                served = voices.load_base(project.recipe.model)
            elif run is None and project is not None:
                served = voices.load_served(runs.newest(project.runs, rung), f"{project.recipe.name}-{rung}")
            else:
                folder = (run or Path()).resolve()
                served = voices.load_served(runs.adapter_in(folder) or folder, folder.name)
        journal = Journal(project.state / "requests.jsonl") if log and project else None
        url, model = listening.url_of(bound), served.voices[0].id
        who = " -H 'Authorization: Bearer TOKEN'" if tokens else ""
        others = ", ".join(voice.id for voice in served.voices[1:]) or "nothing"
        out().print(f"serving [bold]{plain(model)}[/] on [bold]{plain(url)}/v1[/]; also: {plain(others)}\n"
                    f"[dim]try: curl {plain(url)}/v1/chat/completions{who} -H 'Content-Type: application/json' "
                    f"-d '{plain(_body(model, _question(project)))}'\nstop: Ctrl-C[/]")  # fmt: skip
        if warning := _other_prompt(served.voices[0], project):
            out().print(f"[yellow]{plain(warning)}[/]")
        listening.listen(app_for(served, tokens=tokens, journal=journal), bound)


def _other_prompt(voice: Voice, project: Project | None) -> str:
    """That assay.yaml asks for another system prompt than the model was trained with; "" where it does not."""
    if project is None or not voice.tuned or project.recipe.system == voice.system:
        return ""
    return (
        f"trained, and served, with {_named(voice.system)}; assay.yaml now says {_named(project.recipe.system)}: "
        "`assay train --fresh` trains with that"
    )


def _named(system: str) -> str:
    from assay.cli.screen import short

    return f"the system prompt '{short(system, 60)}'" if system else "no system prompt"


def _question(project: Project | None) -> str:
    """A question of the project itself, of a validation row where there is one; _ANY where nothing is built."""
    from assay import dataset
    from assay.errors import AssayError
    from assay.records import by_split
    from assay.store import Store

    if project is None:
        return _ANY
    try:
        store = Store(project.tables)
        rows = dataset.load_rows(store, dataset.load_version(store)).kept
    except AssayError:  # nothing built here: the run came from elsewhere
        return _ANY
    asked = [*by_split(rows, "validation"), *by_split(rows, "train")]
    prompts = (message.content for row in asked for message in row.messages if message.role == "user")
    return next((prompt for prompt in prompts if 0 < len(prompt) <= _LONG and prompt.isprintable()), _ANY)


def _body(model: str, question: str) -> str:
    import json

    body = {"model": model, "messages": [{"role": "user", "content": question}]}
    return json.dumps(body, ensure_ascii=False).replace("'", "'\\''")
