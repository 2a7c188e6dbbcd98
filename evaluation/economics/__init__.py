"""What a programme cost and what its effect was worth: unit costs, discounting, break-even, net benefit."""
