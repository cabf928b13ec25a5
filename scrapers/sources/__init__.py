"""One module per source: where it is, how many readings it must give, and what its pages say."""
