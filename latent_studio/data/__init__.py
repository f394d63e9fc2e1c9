"""Images in, batches out: sources, the decoded cache, data sets and samplers."""
