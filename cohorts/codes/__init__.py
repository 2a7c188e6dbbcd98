"""What the codes of the cohort floor mean, one file a topic; ``cohorts.errors`` declares them all."""
