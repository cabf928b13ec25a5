"""Periodic reports to the SEC: what a 10-Q or 10-K says of bitcoin and claims."""
