from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from models import tiny

if TYPE_CHECKING:
    from assay.models.base import Loaded


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch")
    return tiny.save(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def loaded(base_folder: Path) -> Loaded:
    from assay.models.base import load

    return load(str(base_folder), "float32")
