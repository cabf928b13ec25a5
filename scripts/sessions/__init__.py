"""The table of shut and short days of stock exchanges, made from exchange_calendars."""
