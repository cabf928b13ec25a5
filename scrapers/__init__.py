"""Fetching and parsing: documents in, readings out."""
