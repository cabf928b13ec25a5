"""What people are told: alerts and news."""
