"""What may come in: identity of a reading, plausibility, import files."""
