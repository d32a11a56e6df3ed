"""A local SES: accepts mail, stores it, and reports on it through a local SNS topic."""
