"""The domain: what is known of listed bitcoin holders, and what it makes them worth. Pure: no network, SQL or clock."""

__version__ = "0.1.0"
