from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assay.signals import profanity as module
from assay.signals.profanity import profanity

TEXTS = [
    "You moron!", "How do I kill a process?", "", "shit shit SHIT happens", "Der Preis", "x", "there\n\nidiot é 中文",
]  # fmt: skip


@pytest.mark.slow
def test_the_probabilities_are_those_of_the_package() -> None:
    from profanity_check import predict_prob

    assert np.allclose(profanity(TEXTS), predict_prob(TEXTS), rtol=0, atol=1e-12)


def test_a_text_is_judged_alike_beside_any_others() -> None:
    together = profanity(TEXTS)
    assert (together == np.concatenate([profanity([text]) for text in TEXTS])).all()
    assert together[0] > 0.9 > 0.5 > together[1]


def test_scikit_learn_is_not_loaded() -> None:
    code = "from assay.signals.profanity import profanity; profanity(['a moron']); print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", f"import sys; {code}"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_weights_that_would_run_something_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(pickle.dumps(subprocess.run))
    with pytest.raises(ValueError, match=r"holds subprocess\.run"):
        module._numbers_in(path)
