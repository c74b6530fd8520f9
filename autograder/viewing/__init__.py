"""Showing students' work to people: nothing in it may run, or be fetched from elsewhere."""
