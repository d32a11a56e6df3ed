"""A small SES for one machine: it takes mail, keeps it, and reports on it as SNS would."""
