"""Publishers' definitions of mNAV, and the way from ours to theirs."""
