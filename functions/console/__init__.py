"""The console: a page for people who look at calendars and sessions."""
