"""What trials of people need beside a regression: allocation, take-up, ordered scales."""
