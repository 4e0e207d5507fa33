"""Benchmarks: data sets, runs, metrics, reports. The runtime never imports this; `cornea bench` does."""
