"""Photographs to latents: the search for a recipe whose picture is a given one."""
