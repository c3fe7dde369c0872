"""Published figures: one file per figure, each prints a table and a JSON line. Never part of the test run."""
