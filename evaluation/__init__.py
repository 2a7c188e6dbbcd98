"""The second floor: plans, estimates, verdicts, reports."""
