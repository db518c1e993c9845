"""The pages of the desk, below /desk: rendered on the server, guarded by sign-in, role and CSRF token."""
