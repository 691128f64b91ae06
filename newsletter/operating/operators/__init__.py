"""Those who operate the service: their roles, passwords and second factors, and a note of each of their acts."""
