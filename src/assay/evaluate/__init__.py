"""Honest evaluation: baselines and tuned models on the same frozen test rows, every number with n and an interval."""
