"""What is done and said: projects with gates and money, actions and their exceptions, voices and answers."""
