"""Studies over the valued history: scenarios, attribution, pair trade, index, events."""
