"""The one gate that everything written outside the store leaves by."""
