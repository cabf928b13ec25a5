"""What verbs share: options, output, the company card, a session, a scrape."""
