"""The four dimensions, measured: numbers on examples or datasets. A signal never changes anything."""

from assay.signals.measured import Measured

__all__ = ["Measured"]
