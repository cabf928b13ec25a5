"""The domain: what is known of listed bitcoin holders, and what it makes them worth. Pure: no network, SQL or clock."""
