"""The Python API: a dozen sorted names, and an import that costs nothing."""

import subprocess
import sys

import assay


def test_the_names_are_sorted_and_every_one_is_there():
    assert list(assay.__all__) == sorted(assay.__all__)
    assert set(assay.__all__) == set(assay._HOMES)
    assert [name for name in assay.__all__ if getattr(assay, name) is None] == []


def test_neither_the_import_nor_the_help_loads_a_heavy_library():
    heavy = ["torch", "daft", "pyarrow", "sklearn", "transformers", "numpy", "pandas", "sqlalchemy", "pydantic"]
    code = (
        "import sys, assay, assay.cli.app; from typer.testing import CliRunner; "
        "assert CliRunner().invoke(assay.cli.app.app, ['--help']).exit_code == 0; "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_the_docstring_shows_runs(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_text('{"text": "hello  there", "label": "greet"}\n{"text": "hello  there", "label": "greet"}\n')
    done = assay.curate(assay.read(path).examples, assay.choose({}))
    assert done.ledger.holds
    assert done.ledger.dropped == 1
