"""Announcements: what a company says in prose and tables between its reports."""
