"""What users of the runtime never import: data sets, mining, training, benchmarks."""
