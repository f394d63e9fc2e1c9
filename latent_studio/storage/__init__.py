"""Files: models, checkpoints, run folders, pictures and videos."""
