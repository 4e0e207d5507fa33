"""Benchmarks: runs, metrics, reports. `cornea bench` runs them."""
