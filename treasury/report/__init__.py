"""The report: one self-contained HTML file that people read, sort, print and pass on without a network."""

from treasury.report.columns import BAND_COLUMNS, COLUMNS, HISTORY
from treasury.report.packing import pack, shown
from treasury.report.page import Dossier, MarketSection, ReportPage, render

__all__ = ["BAND_COLUMNS", "COLUMNS", "HISTORY", "Dossier", "MarketSection", "ReportPage", "pack", "render", "shown"]
