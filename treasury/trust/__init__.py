"""How far a row can be trusted: its grade, and findings a careful reader would question."""
