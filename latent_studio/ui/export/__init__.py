"""Pages of the export dialog: picture, grid, video."""
