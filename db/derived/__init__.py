"""What is rebuilt at will: valuations, verdicts on trackers, error bars, and the public views."""
