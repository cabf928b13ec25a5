"""What people read: rows of the views, one company at one close."""
