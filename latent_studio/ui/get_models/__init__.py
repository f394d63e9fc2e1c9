"""The page of published models."""
