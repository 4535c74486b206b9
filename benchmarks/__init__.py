"""Speed and quality, one command each: `make bench NAME=x` writes benchmarks/results/x.json.

A benchmark is a module with `run() -> Result`. Speeds are of this machine; compare the ratios to the peers measured in
the same run, not the seconds.
"""
