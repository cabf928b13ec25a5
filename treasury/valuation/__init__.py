"""States met with a day's prices: the inputs of the metrics, for one close or for all."""
