"""Measures of quality: features to statistics to a number."""
