"""What trackers showed, and how it compares with what was filed."""
