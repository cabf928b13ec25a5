"""The way to the network: the only rooms that open a socket."""
