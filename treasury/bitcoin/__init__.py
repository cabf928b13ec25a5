"""The condition of bitcoin itself: averages, drawdown, wedge, power law."""
