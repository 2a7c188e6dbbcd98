"""How long a site takes."""
