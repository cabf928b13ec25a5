"""What was known when: precedence, publication, closing times, and the state they resolve to."""
