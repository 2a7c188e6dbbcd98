"""Why an outcome moved or did not: delivery, the theory's links one by one, failure classes, dose and mediators."""
