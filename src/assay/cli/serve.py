"""`assay serve`: the tuned model behind an OpenAI-compatible endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


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

    An adapter whose template, tokens, system prompt or base model are not those it was trained with is refused. Without
    a system message the one it was trained with is used; with another one it answers, with a warning header.

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
                    f"-d '{plain(_body(model))}'\nstop: Ctrl-C[/]")  # fmt: skip
        listening.listen(app_for(served, tokens=tokens, journal=journal), bound)


def _body(model: str) -> str:
    import json

    body = {"model": model, "messages": [{"role": "user", "content": "Where is my card?"}]}
    return json.dumps(body).replace("'", "'\\''")
