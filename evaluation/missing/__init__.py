"""What was not seen: imputation, weights of follow-up, tipping points, bounds, several waves."""
