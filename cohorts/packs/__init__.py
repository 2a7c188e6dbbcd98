"""Files prepared at the partner, and what arrives of them at the hub."""
