"""Mutation of the valuation core: small wrong changes, each of which some fast test must notice (CONTRIBUTING.md)."""
