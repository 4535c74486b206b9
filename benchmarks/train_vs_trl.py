"""Time of a fine-tuning beside TRL's SFTTrainer: same rows, machine, model, rank, passes and batch size, interleaved.

Short answers: intents of the demo, asked afterwards (accuracy of what is written). Long answers: MedQuAD, judged by the
loss on held-out answers; reads health_medquad of the shared data (ASSAY_SHARED, or ../shared). Ours tunes the top ten
layers over cached lower ones, and all layers; TRL tunes all layers, as it does by default, and the same ten.
"""

from __future__ import annotations

import gc
import gzip
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from assay.demo.mess import read_rows
from assay.models.base import Loaded, load
from assay.models.chat import tokenise
from assay.recipe import TrainSpec
from assay.records import Example, Message
from benchmarks import planting
from benchmarks.result import Result, value
from benchmarks.shared import shared_data, wilson

MODEL = "smollm2-135m-instruct"
ROUNDS = int(os.environ.get("ASSAY_BENCH_ROUNDS", "3"))
PER_CLASS, TEST_ROWS = 25, 240
LONG_ROWS, LONG_TEST, LONG_WORDS = 60, 40, (60, 160)
EPOCHS, RANK, BATCH, LAYERS, ALL = 3, 16, 8, 10, 30
RATE = {"short": 1e-3, "long": 5e-4}
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class Trained(NamedTuple):
    """One training of one trainer."""

    wall: float  # seconds, from rows to weights: tokenisation and cached layers included, loading the model not
    cpu: float
    reached: float  # accuracy, or loss per answer token


def run() -> Result:
    """Median seconds of each trainer, what it reached, and the ratio of the medians."""
    metrics: dict[str, dict[str, Any]] = {}
    peers: dict[str, dict[str, Any]] = {}
    for kind, (train, test) in {"short": _short(), "long": _long()}.items():
        seen: dict[str, list[Trained]] = {"assay": [], "assay_all_layers": [], "trl": [], "trl_same_layers": []}
        for seed in range(ROUNDS):
            seen["assay"].append(_ours(train, test, kind, seed, LAYERS))
            seen["assay_all_layers"].append(_ours(train, test, kind, seed, ALL))
            seen["trl"].append(_trl(train, test, kind, seed, None))
            seen["trl_same_layers"].append(_trl(train, test, kind, seed, LAYERS))
        medians = {name: statistics.median(one.wall for one in of) for name, of in seen.items()}
        for name, own, other in (
            ("speedup", "assay", "trl"),
            ("speedup_same_layers", "assay", "trl_same_layers"),
            ("speedup_all_layers", "assay_all_layers", "trl"),
        ):
            metrics[f"{name}_{kind}"] = value(medians[other] / medians[own], "wall seconds of TRL over ours")
        cpu = {name: statistics.median(one.cpu for one in of) for name, of in seen.items()}
        metrics[f"speedup_{kind}_cpu"] = value(cpu["trl"] / cpu["assay"], "CPU-seconds of TRL over ours")
        for name, of in seen.items():
            ours = name.startswith("assay")
            place = metrics if ours else peers.setdefault(name, {})
            of_what = kind if name == "assay" or not ours else f"all_layers.{kind}"
            place[f"{of_what}.seconds"] = value(medians[name], f"s, median of {ROUNDS}")
            place[f"{of_what}.reached"] = _reached(kind, of, len(test))
    import trl

    told = {name: {"version": trl.__version__, "metrics": found} for name, found in peers.items()}
    for name, found in peers.items():
        metrics |= {f"{name}.{key}": number for key, number in found.items()}
    return Result(TEST_ROWS, list(range(ROUNDS)), metrics, told)


def _reached(kind: str, of: Sequence[Trained], n: int) -> dict[str, Any]:
    mean = statistics.mean(one.reached for one in of)
    if kind == "long":
        return value(mean, f"nats per held-out answer token, mean of {len(of)} seeds, n = {n} answers",
                     min(one.reached for one in of), max(one.reached for one in of))  # fmt: skip
    low, high = wilson(round(mean * n), n)
    return value(mean, f"accuracy of what is written, mean of {len(of)} seeds, n = {n}", low, high)


def _short() -> tuple[list[Example], list[Example]]:
    train = [planting.example(f"r{i}", row) for i, row in enumerate(planting.clean(PER_CLASS, 0))]
    return train, [
        planting.example(f"t{i}", row) for i, row in enumerate(read_rows("banking_test.csv")[:: 480 // TEST_ROWS])
    ]


def _long() -> tuple[list[Example], list[Example]]:
    path = shared_data() / "health_medquad" / "medquad_dev.jsonl.gz"
    rows = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            body = json.loads(line)
            answer = " ".join(str(body["answer"]).split())
            if LONG_WORDS[0] <= len(answer.split()) <= LONG_WORDS[1]:
                turns = (Message("user", body["question"]), Message("assistant", answer))
                rows.append(Example(body["id"], "generate", turns))
            if len(rows) == 40 * (LONG_ROWS + LONG_TEST):
                break
    chosen = rows[::40]
    return chosen[:LONG_ROWS], chosen[LONG_ROWS:]


def _ours(train: list[Example], test: list[Example], kind: str, seed: int, layers: int) -> Trained:
    from assay.models import adapter
    from assay.train.lora import fit

    base = load(MODEL)
    spec = TrainSpec(rank=RANK, layers=layers, epochs=EPOCHS, batch_size=BATCH, learning_rate=RATE[kind], seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        done = fit(train, base=base, spec=spec, out=Path(folder) / "run", system=planting.SYSTEM)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        model = adapter.applied(base, adapter.read(done.adapter))
        return Trained(wall, cpu, _judge(replace(base, model=model), test, kind))  # type: ignore[arg-type]


def _trl(train: list[Example], test: list[Example], kind: str, seed: int, layers: int | None) -> Trained:
    from datasets import Dataset
    from peft import LoraConfig
    from trl import SFTConfig, SFTTrainer

    base = load(MODEL)
    depth = base.model.config.num_hidden_layers
    chosen = None if layers is None else list(range(depth - layers, depth))
    lora = LoraConfig(
        r=RANK, lora_alpha=2 * RANK, lora_dropout=0.0, target_modules=list(PROJECTIONS), layers_to_transform=chosen,
        task_type="CAUSAL_LM",
    )  # fmt: skip
    rows = [
        {"prompt": [{"role": "system", "content": planting.SYSTEM}, {"role": "user", "content": row.prompt}],
         "completion": [{"role": "assistant", "content": row.answer}]}
        for row in train
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        settings = SFTConfig(
            output_dir=folder, per_device_train_batch_size=BATCH, num_train_epochs=EPOCHS, learning_rate=RATE[kind],
            warmup_steps=0.05, lr_scheduler_type="linear", max_length=512, completion_only_loss=True, use_cpu=True,
            bf16=False, gradient_checkpointing=False, report_to="none", save_strategy="no", logging_strategy="no",
            seed=seed, disable_tqdm=True, weight_decay=0.0,
        )  # fmt: skip
        wall, cpu = time.perf_counter(), time.process_time()
        trainer = SFTTrainer(
            model=base.model, args=settings, train_dataset=Dataset.from_list(rows), processing_class=base.tokenizer,
            peft_config=lora,
        )  # fmt: skip
        trainer.train()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        merged = trainer.model.merge_and_unload().eval().requires_grad_(False)
        reached = _judge(replace(base, model=merged), test, kind)
    del trainer, merged
    gc.collect()
    return Trained(wall, cpu, reached)


def _judge(tuned: Loaded, test: Sequence[Example], kind: str) -> float:
    """Accuracy of what is written, or nats per answer token."""
    from assay.evaluate.rungs import run_rung, written_scores
    from assay.evaluate.scorers import scorer_for
    from assay.models.speaker import Speaker

    if kind == "short":
        labels = sorted({row.label for row in test if row.label})
        rung = run_rung("arm", [(0, Speaker(tuned, drafts=labels))], test, labels, system=planting.SYSTEM)
        return float(written_scores(rung, test, scorer_for("classify")).mean())
    import torch

    total = tokens = 0.0
    for row in test:
        rendered = tokenise(row, tuned.tokenizer, 512, planting.SYSTEM)
        ids = torch.tensor([rendered.ids])
        with torch.inference_mode():
            logits = tuned.model(input_ids=ids[:, :-1], use_cache=False).logits[0].float()
        start = rendered.answer_start
        wanted = ids[0, start:]
        total += float(torch.nn.functional.cross_entropy(logits[start - 1 :], wanted, reduction="sum"))
        tokens += len(wanted)
    return total / tokens
