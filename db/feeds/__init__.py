"""Reads made for one asker each: charts, report, checks, alerts and the like."""
