"""Recipes in, pixels out, fast."""
