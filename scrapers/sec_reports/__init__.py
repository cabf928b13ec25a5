"""Filings with the SEC: which documents one has, when it was accepted, and what a 10-Q or 10-K says of bitcoin and claims."""
