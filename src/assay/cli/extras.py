"""What a bare installation lacks, and what to type to have it."""

from __future__ import annotations

from importlib.util import find_spec

EXTRAS = {  # modules of each extra
    "train": ("torch", "transformers", "peft", "accelerate", "tokenizers", "safetensors", "gguf", "psutil"),
    "serve": ("fastapi", "uvicorn"),
    "ray": ("ray",),
}


def extra_of(module: str) -> str | None:
    """The extra that brings a module: extra_of("peft.tuners") -> "train"; None where no extra does."""
    return next((extra for extra, names in EXTRAS.items() if module.split(".")[0] in names), None)


def how_to_install(extra: str) -> str:
    """What to type: how_to_install("serve") -> "pip install 'assay[serve]'"."""
    return f"pip install 'assay[{extra}]'" + (" (torch==2.13.0 first)" if extra == "train" else "")


def missing(extra: str) -> list[str]:
    """The modules of an extra that are not installed; none of them is imported."""
    return [name for name in EXTRAS[extra] if find_spec(name) is None]
