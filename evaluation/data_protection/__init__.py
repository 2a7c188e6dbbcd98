"""The data-protection impact assessment, pre-filled with what the project knows of itself."""
